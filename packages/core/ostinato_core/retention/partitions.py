"""Dropping the partitions that nothing needs any more, on Postgres: the disk has their space back at once."""

import asyncio
import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from ostinato_core.db.partitions import Partition, existing_partitions
from ostinato_core.errors import Unavailable
from ostinato_core.retention.aged import LOCK
from ostinato_core.transaction import Database

logger = logging.getLogger("ostinato.server.retention")

LOCK_TIMEOUT: Final = "250ms"
"""How long a waiting DROP may hold up those who come after it."""
ATTEMPTS: Final = 20
PAUSE: Final = 0.5
"""Seconds between attempts, about."""
COUNTED: Final = 100_000
"""Rows up to which a partition is counted; of a larger one the statistics tell."""

_AGAIN: Final = ("55P03", "40P01")
_GONE: Final = "42P01"


async def drop_partition(database: Database, partition: Partition) -> bool:
    """Drop a partition with its rows; return whether that was done here and now.

    Its table is locked for some milliseconds. Where the lock is not to be had it is tried again a few times, then it
    is left for the next round; where another process is at it, it is left to that one.
    """
    for _ in range(ATTEMPTS):
        done = await database.run_sync(lambda connection: _drop(connection, partition))
        if done is not None:
            return done
        await asyncio.sleep(PAUSE * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
    logger.warning("The partition %s is in use; it is dropped later.", partition.name)
    return False


async def past_partitions(database: Database, table: str, until: datetime) -> Sequence[Partition]:
    """Return the partitions of a table that end at a time or before it, the oldest first."""
    found = await database.run_sync(lambda connection: existing_partitions(connection, table))
    return [partition for partition in found if partition.end <= until]


async def rows_and_bytes(database: Database, name: str) -> tuple[int, int, bool]:
    """Return how many rows a table has, how many bytes with its indexes, and whether the rows are counted."""
    return await database.run_sync(lambda connection: _size(connection, name))


async def is_empty(database: Database, partition: Partition) -> bool:
    """Whether a partition has no rows."""
    return not await _ask(database, f"SELECT EXISTS (SELECT FROM {partition.name})", {})  # noqa: S608 - a name of ours


async def is_needed_by_runs(database: Database, partition: Partition, cutoff: datetime) -> bool:
    """Whether a run may need rows of a partition: one that began before its end and has not ended before `cutoff`.

    Asks the indexes on start times only. Where that takes too long, the answer is that it is needed.
    """
    try:
        return bool(await _ask(database, _NEEDED, {"end": partition.end + _AHEAD, "cutoff": cutoff}))
    except Unavailable:
        return True


_AHEAD: Final = timedelta(days=31)
"""A task run has a state from its making on, and may be made so long before it is to start."""
_WORKSPACES: Final = """
{name}(id) AS (
  (SELECT workspace_id FROM {table} ORDER BY workspace_id LIMIT 1)
  UNION ALL
  SELECT (SELECT workspace_id FROM {table} WHERE workspace_id > own.id ORDER BY workspace_id LIMIT 1)
  FROM {name} AS own WHERE own.id IS NOT NULL
)"""
_KEPT: Final = (
    "(run.end_time < :cutoff AND run.state_type IN ('COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED')) IS NOT TRUE"
)
_NEEDED: Final = f"""
WITH RECURSIVE {_WORKSPACES.format(name="of_flows", table="flow_runs")},
{_WORKSPACES.format(name="of_tasks", table="task_runs")}
SELECT EXISTS (SELECT FROM of_flows AS own JOIN flow_runs AS run ON run.workspace_id = own.id
               WHERE coalesce(run.start_time, run.expected_start_time) < :end AND {_KEPT})
    OR EXISTS (SELECT FROM of_tasks AS own JOIN task_runs AS run ON run.workspace_id = own.id
               WHERE run.start_time < :end AND {_KEPT})
    OR EXISTS (SELECT FROM of_tasks AS own JOIN task_runs AS run ON run.workspace_id = own.id
               WHERE run.expected_start_time < :end AND run.start_time IS NULL AND {_KEPT})
"""  # noqa: S608 - of constants only


async def _ask(database: Database, sql: str, parameters: dict[str, Any]) -> Any:  # Any: values of any column
    def run(connection: Connection) -> Any:  # Any: as above
        try:
            return connection.execute(text(sql), parameters).scalar()
        except DBAPIError as error:
            if _sqlstate(error) == _GONE:
                return None
            raise
        finally:
            connection.rollback()

    return await database.run_sync(run)


def _drop(connection: Connection, partition: Partition) -> bool | None:
    """Try once: whether it was dropped, None where it may be tried again."""
    try:
        with connection.begin():
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            # Of each partition its own: who is at one must not make another pass by the next.
            own = select(func.pg_try_advisory_xact_lock(func.hashtextextended(partition.name, LOCK)))
            if not connection.execute(own).scalar():
                return False
            if connection.execute(text("SELECT to_regclass(:name)"), {"name": partition.name}).scalar() is None:
                return False
            # Unlike a partition that is detached first, this is all or nothing: a kill leaves no table behind.
            connection.exec_driver_sql(f"DROP TABLE {partition.name}")
    except DBAPIError as error:
        # Gone: another process dropped it a moment ago, which the catalogue's cache did not know yet.
        if _sqlstate(error) in (*_AGAIN, _GONE):
            return False if _sqlstate(error) == _GONE else None
        raise
    return True


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _size(connection: Connection, name: str) -> tuple[int, int, bool]:
    query = "SELECT reltuples::bigint, pg_total_relation_size(oid) FROM pg_class WHERE oid = to_regclass(:name)"
    row = connection.execute(text(query), {"name": name}).first()
    try:
        # The size is unknown where the table is dropped just now.
        if row is None or row[1] is None:
            return 0, 0, True
        estimate, size = int(row[0]), int(row[1])
        limit = f"SELECT count(*) FROM (SELECT FROM {name} LIMIT {COUNTED}) AS sampled"  # noqa: S608 - a name of ours
        if estimate < COUNTED and (counted := int(connection.exec_driver_sql(limit).scalar_one())) < COUNTED:
            return counted, size, True
        return max(estimate, COUNTED), size, False
    except DBAPIError as error:
        if _sqlstate(error) == _GONE:
            return 0, 0, True
        raise
    finally:
        connection.rollback()
