"""The estimates of `rows.py` as SQL, for sums over many runs."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, func, literal, or_

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.types import Timestamp
from ostinato_core.states.rows import TERMINAL


def run_time(dialect: Dialect, runs: FromClause, now: datetime) -> ColumnElement[float]:
    """For how many seconds a run has run until `now`."""
    running = and_(runs.c.state_type == "RUNNING", runs.c.state_timestamp.is_not(None))
    since = dialect.seconds_between(literal(now, Timestamp()), runs.c.state_timestamp)
    return case((running, runs.c.total_run_time + since), else_=runs.c.total_run_time)


def lateness(dialect: Dialect, runs: FromClause, now: datetime) -> ColumnElement[Any]:  # Any: see `Dialect.difference`
    """By how much a run started, or is going to start, later than expected; null if it is not late.

    A difference, not seconds: that conversion costs more than to add up, and one of the sum is enough.
    """
    started, expected = runs.c.start_time, runs.c.expected_start_time
    ended = runs.c.state_type.in_(sorted(TERMINAL))
    waits = and_(started.is_(None), expected < now, or_(runs.c.state_type.is_(None), ~ended))
    return case(
        (started > expected, dialect.difference(started, expected)),
        (waits, dialect.difference(literal(now, Timestamp()), expected)),
    )


def sum_of_lateness(dialect: Dialect, runs: FromClause, now: datetime) -> ColumnElement[float]:
    """By how many seconds runs are late altogether."""
    total = func.sum(lateness(dialect, runs, now), type_=lateness(dialect, runs, now).type)
    return func.coalesce(dialect.seconds(total), 0.0)
