"""Tables that grow quickly are analyzed before autovacuum looks at them, so that one row is read as one row."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from ostinato_core.db import statistics
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database, Transaction
from ostinato_scheduler.loops.analyze_tables import AnalyzeTables
from tests.integration.loops.scene import new_run
from tests.support.client import Api
from tests.support.json import Json
from tests.support.pools import new_flow
from tests.support.ports import wait_until

BATCH = 250
LOGS = f"logs_{datetime.now(UTC):%Y%m}"


@pytest.fixture
async def loop(database: Database, settings: ServerSettings) -> AnalyzeTables:
    """The loop; on Postgres autovacuum keeps off the tables that are looked at here."""
    if database.dialect.name == "postgresql":
        for table in ("flow_runs", LOGS):
            await query(database, f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    return AnalyzeTables(database, settings)


@pytest.fixture
def on_postgres(database: Database) -> bool:
    """Whether there is anything to analyze."""
    return database.dialect.name == "postgresql"


async def query(database: Database, sql: str) -> list[Any]:  # Any: values of any column
    """Run a statement; return the first column of its rows, if it has any."""

    async def run(tx: Transaction) -> list[Any]:  # Any: as above
        if not sql.startswith(("SELECT", "EXPLAIN")):
            await tx.run(text(sql))
            return []
        return [next(iter(row.values())) for row in await tx.rows(text(sql))]

    return await database.write(run)


async def write_logs(api: Api, batches: int) -> None:
    """Store so many batches of lines of the present."""
    line: Json = {"name": "n", "level": 20, "message": "m", "timestamp": datetime.now(UTC).isoformat()}
    for _ in range(batches):
        answer = await api.post("/logs/", [line] * BATCH)
        assert answer.status == 201, answer.body


async def counted(database: Database, table: str) -> int:
    """Return how many rows Postgres takes a table to have: -1 where nobody has ever looked."""
    [rows] = await query(database, f"SELECT reltuples FROM pg_class WHERE relname = '{table}'")
    return int(rows)


async def until_told(api: Api, database: Database, table: str, rows: int) -> None:
    """Wait until Postgres knows of so many rows: its connections tell of them every second, when they are used."""

    async def told() -> bool:
        await api.post("/flows/count", {})
        return (await query(database, f"SELECT pg_stat_get_live_tuples('{table}'::regclass)"))[0] >= rows

    await wait_until(told, seconds=30)


async def test_a_table_is_analyzed_when_it_has_some_rows_and_whenever_they_have_trebled(
    client: Api, loop: AnalyzeTables, database: Database, on_postgres: bool
) -> None:
    if not on_postgres:
        await write_logs(client, statistics.FEW // BATCH)
        assert (await loop.tick()).done == 0
        return

    async def after(batches: int, of_them: int) -> int:
        await write_logs(client, batches)
        await until_told(client, database, LOGS, of_them * BATCH)
        await loop.tick()
        return await counted(database, LOGS)

    assert await after(1, 1) == -1
    assert await after(1, 2) == 2 * BATCH == statistics.FEW
    assert await after(3, 5) == 2 * BATCH
    assert await after(1, 6) == 6 * BATCH
    stored = await query(database, f"SELECT attname FROM pg_stats WHERE tablename = '{LOGS}'")
    assert "timestamp" in stored
    assert "message" not in stored


async def test_one_run_is_read_by_its_key(
    client: Api, loop: AnalyzeTables, database: Database, on_postgres: bool
) -> None:
    flow_id = await new_flow(client)
    runs = [await new_run(client, "PENDING", flow_id=flow_id) for _ in range(statistics.FEW)]
    if not on_postgres:
        assert (await loop.tick()).done == 0
        return
    await until_told(client, database, "flow_runs", statistics.FEW)

    async def while_it_is_changed(tx: Transaction) -> int:
        await tx.run(text("LOCK TABLE flow_runs IN SHARE UPDATE EXCLUSIVE MODE"))
        await loop.tick()
        return await counted(database, "flow_runs")

    assert await database.write(while_it_is_changed) == -1
    await loop.tick()
    assert await counted(database, "flow_runs") >= statistics.FEW
    own = f"id = '{runs[0]['id']}' AND workspace_id = (SELECT workspace_id FROM flows WHERE id = '{flow_id}')"
    plan = str(await query(database, f"EXPLAIN ANALYZE SELECT * FROM flow_runs WHERE {own}"))
    assert "using pk_flow_runs" in plan
    assert "Removed" not in plan
    assert (await loop.tick()).done == 0
