"""How the databases find what background loops look for: by an index, among 100 000 runs of which few are wanted."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Boolean, Connection, Float, Integer, Table, Uuid, text
from sqlalchemy.dialects import sqlite

from ostinato_core.clock import utc_now
from ostinato_core.concurrency import leases
from ostinato_core.db.tables import (
    concurrency_leases,
    deployments,
    flow_runs,
    flows,
    task_runs,
    work_pools,
    work_queues,
    worker_cleanup_messages,
    workers,
)
from ostinato_core.db.types import Json, Timestamp, to_microseconds
from ostinato_core.deployments import readiness
from ostinato_core.flow_runs import cascade, overdue
from ostinato_core.task_runs.closing import find_left_over
from ostinato_core.transaction import Database, Parameters, Row, Statement, Transaction
from ostinato_core.work_pools.readiness import find_deserted_pools, find_silent_queues
from ostinato_core.worker_cleanup import repository as messages
from ostinato_core.workers import repository as worker_rows
from tests.integration.core.test_plans import Explained, Listener

MANY, SOME = 100_000, 20_000
SILENCE = timedelta(seconds=60)
YESTERDAY = (utc_now() - timedelta(days=1), UUID(int=0))
RUNS = [UUID(int=(1 << 64) + number) for number in range(1, 200)]

STATE = """CASE WHEN n % 100 < 80 THEN 'COMPLETED' WHEN n % 100 < 90 THEN 'SCHEDULED' WHEN n % 100 < 97 THEN 'RUNNING'
    WHEN n % 100 = 97 THEN 'PAUSED' WHEN n % 100 = 98 THEN 'CANCELLING' ELSE 'CANCELLED' END"""
STATUS = "CASE WHEN n % 50 = 0 THEN '{}' ELSE '{}' END"


@dataclass(frozen=True)
class Search:
    """What a loop looks for, and the indexes that lead to it."""

    find: Callable[[Transaction], Awaitable[object]]
    indexes: tuple[str, ...]


SEARCHES = {
    "late runs": Search(lambda tx: overdue.find_late(tx, SILENCE, 400), ("ix_flow_runs__on_time",)),
    "expired pauses": Search(lambda tx: overdue.find_expired_pauses(tx, 200), ("ix_flow_runs__stalled",)),
    "cancellations": Search(lambda tx: overdue.find_unconfirmed(tx, SILENCE, 200), ("ix_flow_runs__stalled",)),
    "cancelled runs": Search(lambda tx: cascade.find_cancelled(tx, YESTERDAY, 200), ("ix_flow_runs__stalled",)),
    "ended runs": Search(lambda tx: cascade.find_ended(tx, YESTERDAY, utc_now(), 200), ("ix_flow_runs__ended",)),
    "runs below": Search(
        lambda tx: cascade.find_below(tx, RUNS[:1]),
        ("uq_task_runs__flow_run_id_task_key_dynamic_key", "ix_flow_runs__parent_task_run_id"),
    ),
    "runs below many": Search(
        lambda tx: cascade.find_below(tx, RUNS[:100]),
        ("uq_task_runs__flow_run_id_task_key_dynamic_key", "ix_flow_runs__parent_task_run_id"),
    ),
    "task runs left over": Search(
        lambda tx: find_left_over(tx, RUNS, 500), ("uq_task_runs__flow_run_id_task_key_dynamic_key",)
    ),
    "expired leases": Search(lambda tx: leases.find_expired(tx, 100), ("ix_concurrency_leases__expires",)),
    "silent workers": Search(
        lambda tx: worker_rows.find_silent(tx, 3, 30, 200), ("ix_workers__status_last_heartbeat_time",)
    ),
    "deserted pools": Search(lambda tx: find_deserted_pools(tx, 200), ("ix_work_pools__ready",)),
    "silent deployments": Search(lambda tx: readiness.find_silent(tx, SILENCE, 200), ("ix_deployments__ready",)),
    "silent queues": Search(lambda tx: find_silent_queues(tx, SILENCE, 200), ("ix_work_queues__status_last_polled",)),
    "expired clean-ups": Search(lambda tx: messages.find_expired(tx, 100), ("ix_worker_cleanup_messages__reserved",)),
}


class Filler:
    """Fills tables with rows numbered `n`, all columns that must not be null with something."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_postgres = connection.dialect.name == "postgresql"

    def id(self, kind: int, number: str = "n") -> str:
        """Return SQL for the id of the row with a number, of one kind of rows."""
        if self._is_postgres:
            return f"CAST(lpad(to_hex({kind}), 16, '0') || lpad(to_hex({number}), 16, '0') AS uuid)"
        return f"printf('%016x%016x', {kind}, {number})"

    def same_id(self, value: UUID) -> str:
        """Return SQL for a known id."""
        return f"CAST('{value}' AS uuid)" if self._is_postgres else f"'{value.hex}'"

    def ago(self, seconds: str) -> str:
        """Return SQL for a time so long ago."""
        if self._is_postgres:
            return f"now() - ({seconds}) * interval '1 second'"
        return f"{to_microseconds(utc_now())} - ({seconds}) * 1000000"

    def fill(self, table: Table, count: int, **columns: str) -> None:
        """Insert so many rows; `columns` are SQL."""
        given = {column.name: self._something(column.type) for column in table.columns if not column.nullable}
        given |= columns
        numbers = (
            f"generate_series(1, {count}) AS numbers(n)"
            if self._is_postgres
            else f"(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count}) SELECT n FROM c)"
        )
        names = ", ".join(f'"{name}"' for name in given)
        self._connection.execute(
            text(f"INSERT INTO {table.name} ({names}) SELECT {', '.join(given.values())} FROM {numbers}")
        )

    def _something(self, type_: Any) -> str:  # Any: a type is generic over its Python type
        if isinstance(type_, Json):
            return "CAST('{}' AS jsonb)" if self._is_postgres else "'{}'"
        if isinstance(type_, Timestamp):
            return self.ago("n")
        if isinstance(type_, Uuid):
            return self.id(9)
        if isinstance(type_, Boolean):
            return "false"
        return "0" if isinstance(type_, Integer | Float) else "CAST(n AS text)"


def populate(connection: Connection) -> None:
    """Fill the tables: few rows are what a loop looks for, and every tenth run is a sub-flow run."""
    filler = Filler(connection)
    filler.fill(flows, 1, id=filler.id(8))
    flow = {"flow_id": filler.id(8, "1")}
    parent = f"CASE WHEN n % 10 = 0 THEN {filler.id(2, 'n - 1')} END"
    filler.fill(
        flow_runs, MANY, id=filler.id(1), **flow, state_type=STATE, parent_task_run_id=parent,
        state_name="CASE WHEN n % 100 BETWEEN 80 AND 89 THEN 'Scheduled' ELSE 'Other' END",
        state_timestamp=filler.ago("n"),
        next_scheduled_start_time=f"CASE WHEN n % 100 BETWEEN 80 AND 89 THEN {filler.ago('-n')} END",
    )  # fmt: skip
    state = "CASE WHEN n % 20 = 0 THEN 'RUNNING' ELSE 'COMPLETED' END"
    filler.fill(task_runs, MANY, id=filler.id(2), flow_run_id=filler.id(1, "n / 4 + 1"), state_type=state)
    filler.fill(concurrency_leases, MANY, lease_id=filler.id(3), expires=filler.ago("50 - n"))
    status = STATUS.format("READY", "NOT_READY")
    filler.fill(work_pools, SOME, id=filler.id(4), status=status)
    pool = {"work_pool_id": filler.id(4)}
    filler.fill(work_queues, SOME, id=filler.id(5), **pool, status=status, last_polled=filler.ago("n"))
    filler.fill(workers, SOME, id=filler.id(6), **pool, status=STATUS.format("ONLINE", "OFFLINE"))
    filler.fill(
        deployments, SOME, id=filler.id(7), **flow, status=status, last_polled=filler.ago("n"),
        work_queue_id=filler.id(5),
    )  # fmt: skip
    lease = f"CASE WHEN n % 50 = 0 THEN {filler.ago('n')} END"
    filler.fill(worker_cleanup_messages, SOME, id=filler.id(7), **pool, lease_expires_at=lease)
    connection.commit()
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE"))
        connection.commit()


@pytest.fixture
async def populated(database: Database) -> Database:
    """The module's database with many rows."""

    def fill(connection: Connection) -> None:
        if not connection.execute(text("SELECT count(*) FROM flow_runs")).scalar():
            populate(connection)

    await database.run_sync(fill)
    return database


class Silent(Listener):
    """A listener that finds nothing."""

    async def rows(self, statement: Statement, parameters: Parameters | None = None) -> Sequence[Row]:
        await super().rows(statement, parameters)
        return []


async def plan_of(database: Database, search: Search, workspace_id: UUID | None = None) -> str:
    """Return how the database answers a search, as it would for a loop; in a workspace, where it looks in one."""
    listener = Silent(database)
    listener.workspace_id = workspace_id or listener.workspace_id
    await search.find(listener)
    (statement,) = listener.statements
    if database.dialect.name == "postgresql":
        lines = await database.read(lambda tx: tx.rows(Explained(statement)))
    else:
        sql = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
        lines = await database.read(lambda tx: tx.rows(text(f"EXPLAIN QUERY PLAN {sql}")))
    return "\n".join(str(list(line.values())[-1]) for line in lines)


@pytest.mark.parametrize("name", SEARCHES)
async def test_what_loops_look_for_is_found_by_an_index(populated: Database, name: str) -> None:
    plan = await plan_of(populated, SEARCHES[name])
    on_sqlite = [line for line in plan.splitlines() if line.startswith("SCAN") and "USING" not in line]
    assert "Seq Scan" not in plan, plan
    assert not [line for line in on_sqlite if not line.startswith("SCAN json_each")], plan
    for index in SEARCHES[name].indexes:
        # SQLite calls the index of a unique constraint by a name of its own.
        found = index if "uq_" not in index or populated.dialect.name == "postgresql" else "sqlite_autoindex_task_runs"
        assert found in plan, plan
