"""Measures what pages ask of a server with many runs. As a process: `python -m benchmarks.reading PORT FILE SECONDS`.

FILE holds what was seeded. Prints one JSON object: a `Measurement` for each call.
"""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

import asyncpg
import orjson
import uvloop

from benchmarks import explain
from benchmarks.load import Measurement, Operation, drive
from benchmarks.reads import LIMIT, calls
from benchmarks.seeding import Seeded, make_objects, seed
from benchmarks.systems import System
from benchmarks.wire import HttpConnection, encode_request
from tests.support.postgres import Postgres
from tests.support.server import Server

READERS = 2
"""Connections that ask for the same at once."""

Readings = dict[str, Measurement]


READ, EXPLAIN = "read", "explain"
"""The parts that are measured on many runs."""


def measure_reads(system: System, postgres: Postgres, count: int, seconds: float, parts: Collection[str]) -> Readings:
    """Seed `count` runs, start `system` on them, and measure each call of the parts, those that read for `seconds`."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ostinato-benchmark-")))
        url = postgres.create_database() if system.on_postgres else f"sqlite+aiosqlite:///{home / 'ostinato.db'}"
        server = Server(home, url)
        stack.callback(server.stop)
        server.start()
        seeded, places = asyncio.run(make_objects(server.port))
        server.stop()
        seed(url, places, count, seeded.now)
        server.start()
        found: Readings = {}
        if READ in parts:
            objects = home / "seeded.json"
            objects.write_bytes(orjson.dumps(asdict(seeded)))
            command = [sys.executable, "-m", "benchmarks.reading", str(server.port), str(objects), str(seconds)]
            answer = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
            found = {name: Measurement(**measured) for name, measured in orjson.loads(answer).items()}
            if system.on_postgres:
                found["sequential scans of large tables"] = asyncio.run(_sequential_scans(url))
        if EXPLAIN in parts:
            found |= asyncio.run(explain.measure(server.port))
        return found


async def _sequential_scans(url: str) -> Measurement:
    """Count how often Postgres has read a whole large table since it was filled: each time is a failure."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute("SELECT pg_stat_force_next_flush()")
    # Not events: a question about a whole day may well be answered by reading the whole partition of that day.
    statement = """
        SELECT stat.relname, seq_scan FROM pg_stat_user_tables AS stat JOIN pg_class ON pg_class.oid = relid
        WHERE seq_scan > 0 AND reltuples > 10000 AND stat.relname ~ '^(flow_runs|task_runs|logs)(_[0-9]+)?$'
    """
    scans = {str(row["relname"]): int(row["seq_scan"]) for row in await connection.fetch(statement)}
    await connection.close()
    return Measurement(operations=1, failures=sum(scans.values()), first_failure=str(scans or ""))


async def read(port: int, seeded: Seeded, seconds: float) -> Readings:
    """Measure every call, one after the other."""
    found: Readings = {}
    seeded = replace(seeded, flow_run_ids=await _completed(port))
    for name, request in calls(seeded).items():
        # Of their own: others may have been idle for longer than the server keeps them.
        pool = [await HttpConnection.open(port) for _ in range(READERS)]
        await pool[0].send(request)
        found[name] = await drive(_asking(request), pool, seconds)
        for connection in pool:
            connection.close()
    return found


async def _completed(port: int) -> list[str]:
    """Return the ids of flow runs that have completed lately."""
    body = {"sort": "START_TIME_DESC", "limit": LIMIT, "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    http = await HttpConnection.open(port)
    answer = await http.expect(encode_request("POST", "/api/flow_runs/filter", orjson.dumps(body)), (200,))
    http.close()
    return [run["id"] for run in orjson.loads(answer)]


def _asking(request: bytes) -> Operation:
    async def operation(connection: HttpConnection) -> None:
        await connection.expect(request, (200,))

    return operation


if __name__ == "__main__":
    port, path, seconds = sys.argv[1:]
    objects = Seeded.from_json(Path(path).read_bytes())
    readings = uvloop.run(read(int(port), objects, float(seconds)))
    with open(sys.stdout.fileno(), "wb", closefd=False) as output:  # buffered, whatever PYTHONUNBUFFERED says
        output.write(orjson.dumps({name: asdict(measured) for name, measured in readings.items()}))
