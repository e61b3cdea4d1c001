"""Histories of runs: how many of which state were expected to start in each interval of time."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, func, literal, select

from ostinato_core.db.types import Timestamp
from ostinato_core.errors import Invalid
from ostinato_core.states import estimates
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.queries import Buckets

MAXIMUM_INTERVALS = 500


def walked(tx: Transaction, runs: FromClause) -> ColumnElement[datetime] | None:
    """Return the column in whose order runs are read, for their filter, or None where the database chooses."""
    return runs.c.expected_start_time if _is_by_interval(tx) else None


async def read_history(
    tx: Transaction, runs: FromClause, condition: ColumnElement[bool], asked: Buckets
) -> list[JsonDict]:
    """Return the intervals in order, each with its states. Errors: Invalid for an interval under a second."""
    width, count = _intervals(asked)
    start, end = asked.history_start, _end(asked.history_start, width, count)
    if _is_by_interval(tx):
        begins = [start + width * number for number in range(count)]
        interval = tx.dialect.times(begins, [begin + width for begin in begins])
        sums = _sums(tx, runs, condition, interval.c.begin, interval.c.end).lateral()
        statement = select(interval.c.begin, *sums.c)
    else:
        begin = tx.dialect.bucket(runs.c.expected_start_time, start, width).label("begin")
        bounds = literal(start, Timestamp()), literal(end, Timestamp())
        statement = _sums(tx, runs, condition, *bounds).add_columns(begin).group_by("begin")
    return _filled(start, width, count, await tx.rows(statement))


def _is_by_interval(tx: Transaction) -> bool:
    """Postgres: it takes all runs to begin in intervals of their own, and would sort them all.

    Not so on SQLite, which may read all runs of a deployment for each interval.
    """
    return tx.dialect.name == "postgresql"


def _sums(
    tx: Transaction,
    runs: FromClause,
    condition: ColumnElement[bool],
    since: ColumnElement[datetime],
    until: ColumnElement[datetime],
) -> Select[Any]:  # Any: columns of many types
    """Runs that are expected in a span of time, by state."""
    expected = runs.c.expected_start_time
    return (
        select(
            runs.c.state_type,
            runs.c.state_name,
            func.count().label("count_runs"),
            func.sum(_not_negative(estimates.run_time(tx.dialect, runs, tx.now))).label("run_time"),
            estimates.sum_of_lateness(tx.dialect, runs, tx.now).label("lateness"),
        )
        .where(condition, expected >= since, expected < until, runs.c.state_type.is_not(None))
        .group_by(runs.c.state_type, runs.c.state_name)
    )


def _intervals(asked: Buckets) -> tuple[timedelta, int]:
    """Return the width of an interval and how many there are: at least one, because the first always begins."""
    if asked.history_interval_seconds < 1:
        raise Invalid("History interval must not be less than 1 second.")
    width = timedelta(seconds=asked.history_interval_seconds)
    count = -((asked.history_start - asked.history_end) // width)
    return width, min(max(count, 1), MAXIMUM_INTERVALS)


def _end(start: datetime, width: timedelta, number: int) -> datetime:
    try:
        return start + width * number
    except OverflowError:
        raise Invalid("The history reaches beyond the calendar: ask for an earlier or a shorter one.") from None


def _not_negative(seconds: ColumnElement[float]) -> ColumnElement[Any]:  # Any: the type of a function's result
    return case((seconds > 0, seconds), else_=0.0)


def _filled(start: datetime, width: timedelta, count: int, rows: Iterable[Row]) -> list[JsonDict]:
    states: defaultdict[datetime, list[JsonDict]] = defaultdict(list)
    # Here, because a database that is to sort the groups sorts all rows.
    for row in sorted(rows, key=itemgetter("state_type", "state_name")):
        states[row["begin"]].append(
            {
                "state_type": row["state_type"],
                "state_name": row["state_name"],
                "count_runs": row["count_runs"],
                "sum_estimated_run_time": float(row["run_time"]),
                "sum_estimated_lateness": float(row["lateness"]),
            }
        )
    begins = (start + width * number for number in range(count))
    return [{"interval_start": begin, "interval_end": begin + width, "states": states[begin]} for begin in begins]
