"""Fills a fresh database: objects through the API, `rows.py` and `bulk.py` in bulk, all in one transaction.

Indexes are made after the rows, as a restored backup has them too.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import asyncpg
import orjson

from benchmarks.history import bulk
from benchmarks.history.rows import (
    DAYS,
    FLOW_RUN_COLUMNS,
    STATE_COLUMNS,
    TASK_RUN_COLUMNS,
    Place,
    Row,
    Rows,
    batches,
    time_of,
)
from benchmarks.wire import HttpConnection, encode_request
from ostinato_core.db.partitions import planned

FLOWS, DEPLOYMENTS, POOLS = 20, 50, 3
TABLES = {"flow_runs": FLOW_RUN_COLUMNS, "flow_run_states": STATE_COLUMNS, "task_runs": TASK_RUN_COLUMNS}
WORKSPACE = "00000000000070008000000000000001"
_TIMES = {"created", "updated", "timestamp", "state_timestamp", "expected_start_time", "next_scheduled_start_time",
          "start_time", "end_time"}  # fmt: skip
_SHOW_EVERY = 100_000


@dataclass(frozen=True)
class Seeded:
    """What the calls that read refer to."""

    flow_ids: list[str]
    deployment_ids: list[str]
    now: datetime
    flow_run_ids: list[str] = field(default_factory=list[str])
    """Flow runs of the last days that have completed."""

    @classmethod
    def of(cls, members: dict[str, Any]) -> Self:  # Any: JSON
        """Read what `asdict` and orjson have written."""
        return cls(members["flow_ids"], members["deployment_ids"], datetime.fromisoformat(members["now"]))


async def make_objects(port: int) -> tuple[Seeded, list[Place]]:
    """Make flows, pools and deployments through the API; return them, and where runs of them belong."""
    http = await HttpConnection.open(port)

    async def post(path: str, **body: object) -> dict[str, str]:
        return orjson.loads(await http.expect(encode_request("POST", f"/api{path}", orjson.dumps(body)), (200, 201)))

    flows = [(await post("/flows/", name=f"flow-{number:02}"))["id"] for number in range(FLOWS)]
    for number in range(POOLS):
        await post("/work_pools/", name=f"pool-{number}", type="process")
    places = [Place(flow.replace("-", "")) for flow in flows]
    deployments: list[str] = []
    for number in range(DEPLOYMENTS):
        flow = flows[number % FLOWS]
        pool = f"pool-{number % POOLS}"
        made = await post("/deployments/", name=f"deployment-{number:02}", flow_id=flow, work_pool_name=pool)
        deployments.append(made["id"])
        ids = (made[name].replace("-", "") for name in ("flow_id", "id", "work_queue_id"))
        places.append(Place(*ids))
    http.close()
    return Seeded(flows, deployments, datetime.now(UTC)), places


def seed(database_url: str, places: list[Place], count: int, now: datetime, tell: Callable[[str], None]) -> None:
    """Write `count` flow runs with all that belongs to them, and `tell` how far it is; the server must not run."""
    began = time.monotonic()
    written = 0

    def show(rows: Rows) -> None:
        nonlocal written
        before, written = written, written + len(rows.flow_runs)
        if written // _SHOW_EVERY > before // _SHOW_EVERY:
            tell(f"    {written:,} of {count:,} flow runs written, {time.monotonic() - began:.0f} s")

    made = batches(places, WORKSPACE, count, now)
    if database_url.startswith("sqlite"):
        _seed_sqlite(Path(database_url.split("///")[1]), made, show, now)
    else:
        asyncio.run(_seed_postgres(database_url.replace("+asyncpg", ""), made, show, now))
    tell(f"    all flow runs and what belongs to them are there with their indexes, {time.monotonic() - began:.0f} s")


def _seed_sqlite(path: Path, made: Iterable[Rows], show: Callable[[Rows], None], now: datetime) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for pragma in (
            "journal_mode = OFF",
            "synchronous = OFF",
            "cache_size = -400000",
            "temp_store = MEMORY",
            "foreign_keys = OFF",
        ):
            database.execute(f"PRAGMA {pragma}")
        database.execute("BEGIN IMMEDIATE")
        chosen = ", ".join(f"'{table}'" for table in TABLES)
        listed = f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL AND tbl_name IN ({chosen})"
        indexes: list[tuple[str, str]] = database.execute(listed).fetchall()
        statistics = database.execute("SELECT tbl, idx, stat FROM sqlite_stat1").fetchall()
        for name, _ in indexes:
            database.execute(f"DROP INDEX {name}")
        for rows in made:
            for (table, columns), values in zip(TABLES.items(), _of_tables(rows), strict=True):
                marks = ", ".join("?" * len(columns))
                database.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)
            show(rows)
        for what, statement in bulk.statements(bulk.SQLITE, now, DAYS):
            database.execute(statement)
            _say(what, database.execute("SELECT changes()").fetchone()[0])
        for _, definition in indexes:
            database.execute(definition)
        # What SQLite was told of an index went with it.
        database.execute("DELETE FROM sqlite_stat1")
        database.executemany("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", statistics)
        database.execute("COMMIT")
        database.execute("PRAGMA journal_mode = WAL")


async def _seed_postgres(url: str, made: Iterable[Rows], show: Callable[[Rows], None], now: datetime) -> None:
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        for setting in ("maintenance_work_mem = '512MB'", "session_replication_role = replica"):  # no foreign keys
            await connection.execute(f"SET LOCAL {setting}")
        for day in range(bulk.EVENT_DAYS + 1):
            for part in planned(now - timedelta(days=day)):
                await connection.execute(
                    f"CREATE TABLE IF NOT EXISTS {part.name} PARTITION OF {part.table} "
                    f"FOR VALUES FROM ('{part.start}') TO ('{part.end}')"
                )
        listed = (
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY($1) AND NOT EXISTS "
            "(SELECT 1 FROM pg_constraint WHERE conname = indexname)"
        )
        indexes = await connection.fetch(listed, list(TABLES))
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['indexname']}")
        for rows in made:
            for (table, columns), values in zip(TABLES.items(), _of_tables(rows), strict=True):
                times = [place for place, name in enumerate(columns) if name in _TIMES]
                records = (_for_postgres(row, times) for row in values)
                await connection.copy_records_to_table(table, records=records, columns=columns)
            show(rows)
        for what, statement in bulk.statements(bulk.POSTGRES, now, DAYS):
            _say(what, int((await connection.execute(statement)).split()[-1]))
        for index in indexes:
            await connection.execute(index["indexdef"])
    await connection.execute("VACUUM ANALYZE")
    await connection.execute("SELECT pg_stat_reset()")
    await connection.close()


def _say(what: str, count: int) -> None:
    print(f"    {count:,} {what}", flush=True)


def _of_tables(rows: Rows) -> Sequence[list[Row]]:
    return rows.flow_runs, rows.states, rows.task_runs


def _for_postgres(row: Row, times: list[int]) -> list[object]:
    values: list[object] = list(row)
    for place in times:
        microseconds = row[place]
        if isinstance(microseconds, int):
            values[place] = time_of(microseconds)
    return values
