"""How many events there were: by name, by resource, or in buckets of time (behaviour.md, section 18)."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select

from ostinato_core.db.tables import events
from ostinato_core.db.types import Timestamp
from ostinato_core.errors import Invalid
from ostinato_core.events.filters import name_predicate
from ostinato_core.events.names import by_whole_names, stored_names
from ostinato_core.events.queries import matches
from ostinato_core.transaction import Row, Transaction
from ostinato_wire.events import RESOURCE_NAME, Countable, EventFilter, EventNameFilter, TimeUnit

_BASE: Final = datetime(2024, 4, 1, tzinfo=UTC)
"""A Monday, from which all buckets are counted."""
_UNITS: Final = {
    TimeUnit.WEEK: timedelta(weeks=1),
    TimeUnit.DAY: timedelta(days=1),
    TimeUnit.HOUR: timedelta(hours=1),
    TimeUnit.MINUTE: timedelta(minutes=1),
    TimeUnit.SECOND: timedelta(seconds=1),
}
_MICROSECOND: Final = timedelta(microseconds=1)
MOST_BUCKETS = 1000
MOST_ASKED = 100
"""Names of which each is counted by itself."""

Content = dict[str, Any]  # Any: an EventCount for orjson


async def count_by(
    tx: Transaction, countable: Countable, wanted: EventFilter, unit: TimeUnit, interval: float
) -> list[Content]:
    """Return an `EventCount` for each name, resource or bucket. Errors: Invalid for more than 1000 buckets."""
    match countable:
        case Countable.EVENT:
            return await _by_name(tx, wanted)
        case Countable.RESOURCE:
            return await _by_resource(tx, wanted)
        case Countable.DAY:
            return await _by_time(tx, wanted, TimeUnit.DAY, 1.0)
        case Countable.TIME:
            return await _by_time(tx, wanted, unit, interval)


def _groups(tx: Transaction, wanted: EventFilter, value: ColumnElement[str]) -> Select[Any]:  # Any: many columns
    sums = select(
        value.label("value"),
        func.count().label("count"),
        func.min(events.c.occurred, type_=Timestamp).label("start_time"),
        func.max(events.c.occurred, type_=Timestamp).label("end_time"),
    )
    return sums.where(matches(tx, wanted)).group_by(value)


def _content(row: Row, label: str) -> Content:
    return {
        "value": row["value"],
        "label": label,
        "count": row["count"],
        "start_time": row["start_time"],
        "end_time": row["end_time"],
    }


def _ordered(counts: list[Content]) -> list[Content]:
    return sorted(counts, key=lambda count: (-count["count"], count["label"], count["value"]))


async def _by_name(tx: Transaction, wanted: EventFilter) -> list[Content]:
    stored = await stored_names(tx) if _is_of_names_and_times(wanted) else None
    names = list(filter(name_predicate(wanted.event or EventNameFilter()), stored or ()))
    if stored is None or len(names) > MOST_ASKED:
        rows = await tx.rows(_groups(tx, wanted, events.c.event))
    else:
        rows = [row for row in await tx.rows(_of_names(tx, wanted, names)) if row["count"]]
    return _ordered([_content(row, row["value"]) for row in rows])


def _is_of_names_and_times(wanted: EventFilter) -> bool:
    """Whether nothing else is asked for."""
    return wanted == EventFilter(occurred=wanted.occurred, event=wanted.event, order=wanted.order)


def _of_names(tx: Transaction, wanted: EventFilter, names: list[str]) -> Select[Any]:  # Any: many columns
    """An index counts those of one name faster than all are put into groups, and knows the first and the last one."""
    name = tx.dialect.texts(names)
    of_name = (matches(tx, EventFilter(occurred=wanted.occurred)), events.c.event == name.c.value)

    def found(what: ColumnElement[Any]) -> ScalarSelect[Any]:  # Any: numbers and times
        return select(what).select_from(events).where(*of_name).correlate(name).scalar_subquery()

    return select(
        name.c.value,
        found(func.count()).label("count"),
        found(func.min(events.c.occurred, type_=Timestamp)).label("start_time"),
        found(func.max(events.c.occurred, type_=Timestamp)).label("end_time"),
    )


async def _by_resource(tx: Transaction, wanted: EventFilter) -> list[Content]:
    groups = _groups(tx, wanted, events.c.resource_id).subquery()
    latest = (
        select(events.c.resource)
        .where(matches(tx, wanted), events.c.resource_id == groups.c.value)
        .order_by(events.c.occurred.desc(), events.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = await tx.rows(select(groups, latest.label("resource")))
    return _ordered([_content(row, _label(row)) for row in rows])


def _label(row: Row) -> str:
    resource: dict[str, str] = row["resource"]
    return resource.get(RESOURCE_NAME) or resource.get("prefect.name") or row["value"]


async def _by_time(tx: Transaction, wanted: EventFilter, unit: TimeUnit, interval: float) -> list[Content]:
    step = max(_UNITS[unit] * interval, _MICROSECOND)
    since, until = wanted.occurred.since, wanted.occurred.until
    wanted_buckets = math.ceil((until - since) / step)
    if wanted_buckets > MOST_BUCKETS:
        raise Invalid(
            f"The given interval would create {wanted_buckets} buckets, which is too many. Please increase the "
            f"interval or reduce the time range to produce {MOST_BUCKETS} buckets or fewer."
        )
    first = (since - _BASE) // step
    last = (min(until, _end_of_unit(tx.now, _UNITS[unit])) - _BASE) // step
    begins = [_BASE + number * step for number in range(first, last + 1)]
    counts = await _counts_between(tx, wanted, begins, step) if begins else {}
    return [_bucket_content(number, begin, step, counts.get(begin + step, 0)) for number, begin in enumerate(begins)]


async def _counts_between(
    tx: Transaction, wanted: EventFilter, begins: list[datetime], step: timedelta
) -> dict[datetime, int]:
    """Return how many events there were in each bucket, by its end: each is a range of an index."""
    named = await by_whole_names(tx, wanted)
    if named is None:
        return {}
    since, until = wanted.occurred.since, wanted.occurred.until
    # The filter's own bounds: of two bounds SQLite takes one to look for rows.
    bucket = tx.dialect.times([max(begin, since) for begin in begins], [begin + step for begin in begins])
    ends_before = events.c.occurred < bucket.c.end
    within = (matches(tx, named, at_any_time=True), events.c.occurred >= bucket.c.begin, ends_before)
    in_time = tx.dialect.unindexed(events.c.occurred) <= until
    counted = select(func.count()).select_from(events).where(*within, in_time).correlate(bucket).scalar_subquery()
    rows = await tx.rows(select(bucket.c.end, counted.label("count")))
    return {row["end"]: row["count"] for row in rows}


def _end_of_unit(now: datetime, unit: timedelta) -> datetime:
    """Return the last microsecond of the unit of time that `now` is in."""
    return _BASE + ((now - _BASE) // unit + 1) * unit - _MICROSECOND


def _bucket_content(index: int, start: datetime, step: timedelta, count: int) -> Content:
    return {
        "value": str(index),
        "label": start.isoformat(),
        "count": count,
        "start_time": start,
        "end_time": start + step - _MICROSECOND,
    }
