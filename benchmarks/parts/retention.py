"""`python -m benchmarks.parts.retention`: how long it takes to delete old log lines, and what the disk has back.

On Postgres a partition with one day of lines is dropped while others write; on SQLite lines are deleted in batches.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Connection, text

from benchmarks.measurement import milliseconds
from benchmarks.parts import Asked, Findings
from benchmarks.report import Table
from ostinato_core.clock import utc_now
from ostinato_core.db import tables
from ostinato_core.db.open import open_database
from ostinato_core.db.partitions import ensure_partitions
from ostinato_core.db.prepared import prepare_insert
from ostinato_core.ids import new_id
from ostinato_core.logs.operations import create_logs
from ostinato_core.retention.policy import Policy
from ostinato_core.retention.preview import Preview
from ostinato_core.retention.sweep import Retention
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database, Transaction
from ostinato_migrator.migrate import upgrade
from ostinato_wire.logs import LogCreate
from tests.support.postgres import Postgres

MESSAGE = "Finished in state Completed() after reading 1 024 rows of the table of orders, number "
LINES_OF_A_RUN = 1000
OLD = timedelta(days=70)
SQLITE_LINES = 100_000
HEADER = ["database", "lines", "gone in s", "preview s", "MB before", "MB after", "write p50 ms", "longest write ms"]
"""Of the table of results; the writes are of ten lines, while the others go."""

_FILL_POSTGRES = f"""
INSERT INTO logs (id, workspace_id, timestamp, name, level, message, flow_run_id)
SELECT gen_random_uuid(), CAST(:workspace AS uuid), CAST(:start AS timestamptz) + number * CAST(:step AS interval),
       'prefect.flow_runs', 20, '{MESSAGE}' || number, md5('run' || number / {LINES_OF_A_RUN})::uuid
FROM generate_series(1, :lines) AS number
"""


@dataclass(slots=True)
class Figures:
    """What was measured; sizes in MB, times in seconds."""

    preview: float
    seconds: float
    rows: int
    before: float
    after: float
    writes: list[float]
    """How long each batch of log lines took that was written meanwhile."""

    def print(self, name: str) -> None:
        """Print a line or two."""
        waited = sorted(self.writes) or [0.0]
        rate = self.rows / max(self.seconds, 1e-9)
        print(f"{name}: {self.rows:,} lines gone in {self.seconds:.2f} s ({rate:,.0f}/s); preview {self.preview:.2f} s")
        print(f"    on disk {self.before:,.1f} MB before, {self.after:,.1f} MB after")
        median, most = waited[len(waited) // 2] * 1000, waited[-1] * 1000
        print(
            f"    {len(waited)} writes of 10 lines meanwhile: median {median:.1f} ms, longest {most:.1f} ms", flush=True
        )


def compare(lines: int, sqlite_lines: int) -> dict[str, Figures]:
    """Measure on Postgres and on SQLite; return what was found by database."""
    found: dict[str, Figures] = {}
    with Postgres(settings=()) as server:
        found["Postgres"] = asyncio.run(on_postgres(server.create_database(), lines))
    home = Path(tempfile.mkdtemp(prefix="ostinato-bench-"))
    try:
        found["SQLite"] = asyncio.run(on_sqlite(home / "ostinato.db", sqlite_lines))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    for name, figures in found.items():
        figures.print(name)
    return found


def run(asked: Asked, findings: Findings) -> None:
    """Measure what the options say."""
    figures = compare(asked.options.lines, SQLITE_LINES)
    rows = [row(*each) for each in figures.items()]
    findings.add(Table("Log lines that are too old: a day of them on Postgres", HEADER, rows, named=1))


def row(name: str, figures: Figures) -> list[str]:
    """Return a row below `HEADER`."""
    sizes = [f"{size:,.1f}" for size in (figures.before, figures.after)]
    waits = [milliseconds(figures.writes, share) for share in (0.5, 1.0)]
    return [name, f"{figures.rows:,}", f"{figures.seconds:.2f}", f"{figures.preview:.2f}", *sizes, *waits]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines on Postgres (default 1 000 000)")
    parser.add_argument("--sqlite-lines", type=int, default=100_000, help="lines on SQLite (default 100 000)")
    wanted = parser.parse_args()
    compare(wanted.lines, wanted.sqlite_lines)


async def on_postgres(url: str, lines: int) -> Figures:
    """Fill a day of an old partition, and let retention find it."""
    settings = ServerSettings(database_connection_url=SecretStr(url), database_timeout=None)
    await asyncio.to_thread(upgrade, settings)
    database = open_database(settings)
    start = (utc_now() - OLD).replace(day=10, hour=0, minute=0, second=0, microsecond=0)

    def fill(connection: Connection) -> None:
        ensure_partitions(connection, start)
        given = {"workspace": new_id(), "start": start, "step": timedelta(days=1) / lines, "lines": lines}
        connection.execute(text(_FILL_POSTGRES), given)
        connection.commit()
        connection.exec_driver_sql("ANALYZE logs")
        connection.commit()

    def size(connection: Connection) -> float:
        found = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()
        connection.rollback()
        return float(found) / 1e6

    try:
        await database.run_sync(fill)
        before = await database.run_sync(size)
        figures = await measure(database)
        figures.before, figures.after = before, await database.run_sync(size)
        return figures
    finally:
        await database.close()


async def on_sqlite(path: Path, lines: int) -> Figures:
    """Fill a database with lines, and let retention delete them in batches."""
    settings = ServerSettings(database_connection_url=SecretStr(f"sqlite+aiosqlite:///{path}"))
    await asyncio.to_thread(upgrade, settings)
    database = open_database(settings)
    insert = prepare_insert(tables.logs)
    run = new_id()

    async def fill(tx: Transaction, first: int) -> None:
        row = {"name": "prefect.flow_runs", "level": 20, "flow_run_id": run, "task_run_id": None}
        start = datetime.now(UTC) - OLD
        rows = [
            {
                **row,
                "id": new_id(),
                "workspace_id": tx.workspace_id,
                "timestamp": start + timedelta(milliseconds=number),
                "message": f"{MESSAGE}{number}",
            }
            for number in range(first, min(first + 1000, lines))
        ]
        await tx.run(insert, rows)

    try:
        for first in range(0, lines, 1000):
            await database.write(lambda tx, first=first: fill(tx, first))
        await asyncio.sleep(2)
        before = megabytes(path)
        figures = await measure(database)
    finally:
        await database.close()
    figures.before, figures.after = before, megabytes(path)
    return figures


def megabytes(path: Path) -> float:
    """Return the size of a file."""
    return path.stat().st_size / 1e6


async def measure(database: Database) -> Figures:
    """Run a preview and a round, with a writer beside it."""
    policy = Policy.of(ServerSettings.model_validate({"retention_logs_keep": "30d"}))
    began = time.monotonic()
    await Preview(database, policy).look()
    preview = time.monotonic() - began
    writes: list[float] = []
    writer = asyncio.create_task(write(database, writes))
    rows, began, ended = 0, time.monotonic(), 0.0
    async for deleted in Retention(database, policy).round():
        rows, ended = rows + deleted.rows, time.monotonic() if deleted.rows or deleted.bytes else ended
        await asyncio.sleep(0.005)
    writer.cancel()
    await asyncio.wait([writer])
    return Figures(preview, ended - began, rows, 0.0, 0.0, writes)


async def write(database: Database, writes: list[float]) -> None:
    """Write log lines, ten every 10 ms, until cancelled."""
    run = new_id()
    while True:
        began = time.monotonic()
        line = {"name": "n", "level": 20, "message": "m", "timestamp": utc_now(), "flow_run_id": run}
        lines = [LogCreate.model_validate(line) for _ in range(10)]
        await database.write(lambda tx, lines=lines: create_logs(tx, lines))
        writes.append(time.monotonic() - began)
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    main()
