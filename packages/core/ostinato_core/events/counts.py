"""How many events there were: by name, by resource, or in buckets of time (behaviour.md, section 18)."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Numeric, cast, func, literal, select, type_coerce

from ostinato_core.db.tables import events
from ostinato_core.db.types import Timestamp
from ostinato_core.errors import Invalid
from ostinato_core.events.queries import matches
from ostinato_core.transaction import Row, Transaction
from ostinato_wire.events import RESOURCE_NAME, Countable, EventFilter, TimeUnit

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


def _groups(tx: Transaction, wanted: EventFilter, value: ColumnElement[str]) -> Any:  # Any: a Select of many columns
    return (
        select(
            value.label("value"),
            func.count().label("count"),
            func.min(events.c.occurred, type_=Timestamp).label("start_time"),
            func.max(events.c.occurred, type_=Timestamp).label("end_time"),
        )
        .where(matches(tx, wanted))
        .group_by(value)
    )


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
    rows = await tx.rows(_groups(tx, wanted, events.c.event))
    return _ordered([_content(row, row["value"]) for row in rows])


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
    index = _bucket(tx, step)
    rows = await tx.rows(
        select(index.label("bucket"), func.count().label("count")).where(matches(tx, wanted)).group_by(index)
    )
    counts = {int(row["bucket"]): row["count"] for row in rows}
    return [
        _bucket_content(number - first, _BASE + number * step, step, counts.get(number, 0))
        for number in range(first, last + 1)
    ]


def _end_of_unit(now: datetime, unit: timedelta) -> datetime:
    """Return the last microsecond of the unit of time that `now` is in."""
    return _BASE + ((now - _BASE) // unit + 1) * unit - _MICROSECOND


def _bucket(tx: Transaction, step: timedelta) -> ColumnElement[int]:
    """Return the number of the bucket of an event, rounded down also before the base."""
    microseconds = step // _MICROSECOND
    if tx.dialect.name == "sqlite":
        base = (_BASE - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND
        since_base = type_coerce(events.c.occurred, BigInteger()) - literal(base, BigInteger)
        remainder = (since_base % literal(microseconds, BigInteger) + microseconds) % microseconds
        return (since_base - remainder) // literal(microseconds, BigInteger)
    seconds: ColumnElement[Any] = cast(
        func.extract("epoch", events.c.occurred - literal(_BASE, Timestamp)), Numeric
    )  # Any: a number
    return cast(func.floor(seconds * 1_000_000 / microseconds), BigInteger)


def _bucket_content(index: int, start: datetime, step: timedelta, count: int) -> Content:
    return {
        "value": str(index),
        "label": start.isoformat(),
        "count": count,
        "start_time": start,
        "end_time": start + step - _MICROSECOND,
    }
