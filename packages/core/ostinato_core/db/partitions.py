"""Partitions by time of the large tables on Postgres: daily for events, monthly for logs and task run states.

A row whose partition does not exist lands in the table's default partition, so nothing fails where this comes late.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.exc import DBAPIError

logger = logging.getLogger("ostinato.server.database")

LOCK: Final = 0x6F7374696E61746F
"""Key of the advisory lock under which one process at a time makes partitions."""
LOCK_TIMEOUT = "2s"
"""How long a waiting ATTACH may hold up those who come after it."""

_LOCK_NOT_AVAILABLE, _CHECK_VIOLATION = "55P03", "23514"


@dataclass(frozen=True, slots=True)
class Partition:
    """The part of `table` that holds the times from `start` up to, not including, `end`."""

    table: str
    name: str
    start: datetime
    end: datetime


def day(moment: datetime) -> tuple[str, datetime, datetime]:
    """Return the UTC day around a moment: its suffix, start and end."""
    start = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return f"{start:%Y%m%d}", start, start + timedelta(days=1)


def month(moment: datetime) -> tuple[str, datetime, datetime]:
    """Return the UTC month around a moment: its suffix, start and end."""
    start = day(moment)[1].replace(day=1)
    return f"{start:%Y%m}", start, (start + timedelta(days=32)).replace(day=1)


PLAN: Final[tuple[tuple[str, str, Callable[[datetime], tuple[str, datetime, datetime]], int], ...]] = (
    ("events", "occurred", day, 7),
    ("logs", "timestamp", month, 2),
    ("task_run_states", "timestamp", month, 2),
)
"""Table, the column that it is partitioned by, the length of a part, and how many parts to have beyond the present."""


def planned(now: datetime) -> Iterator[Partition]:
    """Yield the partitions that should exist at `now`: the present one and a few ahead."""
    for table, _, period, ahead in PLAN:
        moment = now
        for _ in range(ahead + 1):
            suffix, start, end = period(moment)
            yield Partition(table, f"{table}_{suffix}", start, end)
            moment = end


def existing_partitions(connection: Connection, table: str) -> list[Partition]:
    """Return the partitions of a table on Postgres but the default one, the oldest first."""
    query = text("""
        SELECT child.relname FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
        WHERE inhparent = to_regclass(:table)
    """)
    names: list[str] = list(connection.execute(query, {"table": table}).scalars())
    connection.rollback()
    suffixes = (name.removeprefix(f"{table}_") for name in names)
    return sorted((_named(table, suffix) for suffix in suffixes if suffix.isdigit()), key=lambda found: found.start)


def _named(table: str, suffix: str) -> Partition:
    """Return the partition whose name ends in the day or month that it is for."""
    form, period = ("%Y%m%d", day) if len(suffix) == 8 else ("%Y%m", month)
    _, start, end = period(datetime.strptime(suffix, form).replace(tzinfo=UTC))
    return Partition(table, f"{table}_{suffix}", start, end)


def ensure_partitions(connection: Connection, now: datetime) -> int:
    """Make the partitions that are missing at `now`; return how many were made. Does nothing but on Postgres.

    One query where none is missing. Commits on `connection`, which must not be in a transaction of its own. Safe in
    several processes at once. A range whose rows are in the default partition already, or whose locks are not to be
    had in time, is left out with a line in the log.
    """
    if connection.dialect.name != "postgresql":
        return 0
    missing = _missing(connection, now)
    connection.rollback()
    return sum(_make(connection, partition) for partition in missing)


def _missing(connection: Connection, now: datetime) -> list[Partition]:
    wanted = list(planned(now))
    query = text(
        "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname IN :names"
    )
    found = connection.execute(
        query.bindparams(bindparam("names", expanding=True)), {"names": [partition.name for partition in wanted]}
    )
    existing = set(found.scalars())
    return [partition for partition in wanted if partition.name not in existing]


def _make(connection: Connection, partition: Partition) -> bool:
    try:
        with connection.begin():
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            if connection.execute(text("SELECT to_regclass(:name)"), {"name": partition.name}).scalar() is not None:
                return False
            # Made apart and then attached: unlike CREATE TABLE ... PARTITION OF, that lets others go on writing.
            connection.exec_driver_sql(
                f"CREATE TABLE {partition.name} (LIKE {partition.table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
            )
            connection.exec_driver_sql(
                f"ALTER TABLE {partition.table} ATTACH PARTITION {partition.name} "
                f"FOR VALUES FROM ('{partition.start.isoformat()}') TO ('{partition.end.isoformat()}')"
            )
    except DBAPIError as error:
        state: str | None = getattr(error.orig, "sqlstate", None)
        if state == _CHECK_VIOLATION:
            logger.warning("No partition %s: the default partition already holds rows of its time.", partition.name)
        elif state == _LOCK_NOT_AVAILABLE:
            logger.warning("No partition %s yet: its table is in use; it is tried again later.", partition.name)
        else:
            raise
        return False
    return True
