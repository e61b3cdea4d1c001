"""The estimates of `rows.py` as SQL, for sums over many runs. All are in seconds."""

from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, and_, case, literal, or_

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.types import Timestamp
from ostinato_core.states.rows import TERMINAL


def run_time(dialect: Dialect, runs: FromClause, now: datetime) -> ColumnElement[float]:
    """For how long a run has run until `now`."""
    running = and_(runs.c.state_type == "RUNNING", runs.c.state_timestamp.is_not(None))
    since = dialect.seconds_between(literal(now, Timestamp()), runs.c.state_timestamp)
    return case((running, runs.c.total_run_time + since), else_=runs.c.total_run_time)


def start_time_delta(dialect: Dialect, runs: FromClause, now: datetime) -> ColumnElement[float]:
    """By how much a run started, or is going to start, later than expected; never negative."""
    started, expected = runs.c.start_time, runs.c.expected_start_time
    ended = runs.c.state_type.in_(sorted(TERMINAL))
    waits = and_(started.is_(None), expected < now, or_(runs.c.state_type.is_(None), ~ended))
    return case(
        (started > expected, dialect.seconds_between(started, expected)),
        (waits, dialect.seconds_between(literal(now, Timestamp()), expected)),
        else_=0.0,
    )
