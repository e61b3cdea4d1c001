"""Work that is always the same, by whose CPU time a machine is known: `python -m benchmarks.quick.calibration`.

It does what a server does, in like parts: Python's own objects, JSON, rows in a database, messages over sockets. Prints
the CPU seconds that it took. A change here makes the stored figures void: store them anew.
"""

import asyncio
import json
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import uvloop

OBJECTS, DOCUMENTS, TRANSACTIONS, MESSAGES = 60_000, 6_000, 3_000, 6_000
"""How often each part is done: a quarter of a second each, on a machine of the year 2020."""
ROWS_PER_TRANSACTION = 5


@dataclass(frozen=True)
class Thing:
    """An object as rules work on."""

    number: int
    name: str
    tags: tuple[str, ...]


def objects() -> int:
    """Make objects and dictionaries, sort, format, look up."""
    things = [Thing(number, f"thing-{number % 977}", ("a", "b")) for number in range(OBJECTS)]
    by_name: dict[str, list[Thing]] = {}
    for thing in things:
        by_name.setdefault(thing.name, []).append(replace(thing, number=thing.number + 1))
    return sum(max(each, key=lambda thing: thing.number).number for _, each in sorted(by_name.items()))


def documents() -> int:
    """Write and read JSON of a state's size, by both libraries."""
    state = {"type": "RUNNING", "name": "Running", "message": None, "state_details": {"flow_run_id": "a" * 36}}
    run = {"state": state, "members": {f"member_{number}": number / 3 for number in range(20)}}
    size = 0
    for _ in range(DOCUMENTS):
        size += len(orjson.dumps(orjson.loads(orjson.dumps(run))))
        size += len(json.dumps(json.loads(json.dumps(run))))
    return size


def rows(folder: Path) -> int:
    """Insert and select in short transactions."""
    with closing(sqlite3.connect(folder / "calibration.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("CREATE TABLE runs (id TEXT PRIMARY KEY, name TEXT, state TEXT, due REAL)")
        database.execute("CREATE INDEX runs_due ON runs (due)")
        for number in range(TRANSACTIONS):
            database.execute("BEGIN IMMEDIATE")
            first = number * ROWS_PER_TRANSACTION
            made = [(f"{first + row:036}", "run", '{"type": "PENDING"}', -row) for row in range(ROWS_PER_TRANSACTION)]
            database.executemany("INSERT INTO runs VALUES (?, ?, ?, ?)", made)
            database.execute("SELECT * FROM runs WHERE id = ?", (f"{first:036}",)).fetchone()
            database.execute("COMMIT")
        return int(database.execute("SELECT count(*) FROM runs").fetchone()[0])


async def messages() -> int:
    """Send a message and its answer over a loopback connection, again and again."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    message, size = b"x" * 400 + b"\n", 0
    for _ in range(MESSAGES):
        writer.write(message)
        size += len(await reader.readline())
    writer.close()
    server.close()
    return size


def calibrate() -> dict[str, float]:
    """Return the CPU seconds of each part."""
    with tempfile.TemporaryDirectory(prefix="ostinato-calibration-") as folder:
        parts = {
            "objects": objects,
            "documents": documents,
            "rows": lambda: rows(Path(folder)),
            "messages": lambda: uvloop.run(messages()),
        }
        found: dict[str, float] = {}
        for name, part in parts.items():
            began = time.process_time()
            part()
            found[name] = time.process_time() - began
        return found


if __name__ == "__main__":
    print(orjson.dumps(calibrate()).decode())
