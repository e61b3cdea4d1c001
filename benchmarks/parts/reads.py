"""What pages ask of a server with many runs. As a process: `python -m benchmarks.parts.reads FILE`, FILE a `Reading`.

The process prints one JSON object: a `Measurement` for each call.
"""

import asyncio
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path

import orjson
import uvloop

from benchmarks.comparison import SHARES, mark
from benchmarks.history.bulk import TASKS
from benchmarks.history.calls import prepare_calls
from benchmarks.history.seeding import Seeded, make_objects, seed
from benchmarks.job import Operation, drive
from benchmarks.measurement import Measurement, milliseconds, percentile
from benchmarks.options import EXPLAIN, PLANS, READS
from benchmarks.parts import Asked, Findings, explain, plans
from benchmarks.report import Table
from benchmarks.systems import Running, System, started
from benchmarks.wire import HttpConnection
from tests.support.postgres import Postgres

READERS = 2
"""Connections that ask for the same at once."""
LONGEST = 0.1
"""Seconds within which 95 of 100 answers must come."""
HEADER = ["call", "system", "target", "p50 ms", "p95 ms", "p99 ms", "answers", "refused", "failed"]

Readings = dict[str, Measurement]


@dataclass(frozen=True)
class Reading:
    """What the process that reads is told."""

    ports: list[int]
    seconds: float
    seeded: Seeded


def run(asked: Asked, findings: Findings) -> None:
    """Measure lists, counts, sums and explanations on many runs, and look at the plans of their statements.

    The reference is left out: its tables are its own, and through its API so many runs would take hours.
    """
    found: dict[tuple[str, str], Measurement] = {}
    with Postgres(settings=()) as postgres, tempfile.TemporaryDirectory(prefix="ostinato-benchmark-") as home:
        for system in asked.systems:
            if not system.is_reference:
                url = postgres.create_database() if system.on_postgres else f"sqlite+aiosqlite:///{home}/full.db"
                found |= measure(asked, system, postgres, url, findings)
    if found:
        title = f"Reads with {asked.options.rows:,} flow runs and {asked.options.rows * len(TASKS):,} "
        wrong = any(each.failures for each in found.values())
        findings.add(Table(f"{title}task runs, {READERS} connections", HEADER, rows(found)), is_right=not wrong)


def measure(
    asked: Asked, system: System, postgres: Postgres, url: str, findings: Findings
) -> dict[tuple[str, str], Measurement]:
    """Fill the database at `url`, and ask a server on it; return what was measured by (call, system)."""
    parts, found = asked.options.parts, Readings()
    seeded = fill(asked, system, postgres, url)
    if READS in parts or EXPLAIN in parts:
        with started(system, postgres, url) as running:
            if READS in parts:
                found |= read_apart(running, seeded, asked)
            if EXPLAIN in parts:
                found |= asyncio.run(explain.measure(running.ports[0]))
    if PLANS in parts and system.on_postgres:
        findings.add(asyncio.run(plans.look(system, postgres, url, seeded)))
    return {(call, system.name): each for call, each in found.items()}


def fill(asked: Asked, system: System, postgres: Postgres, url: str) -> Seeded:
    """Let the database be full of runs."""
    asked.tell(f"reading: {system.name}")
    with started(system, postgres, url) as running:
        seeded, places = asyncio.run(make_objects(running.ports[0]))
    seed(url, places, asked.options.rows, seeded.now, asked.tell)
    return seeded


def read_apart(running: Running, seeded: Seeded, asked: Asked) -> Readings:
    """Measure every call in a process of its own."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        Path(file.name).write_bytes(orjson.dumps(asdict(Reading(running.ports, asked.options.seconds / 8, seeded))))
        command = [sys.executable, "-m", "benchmarks.parts.reads", file.name]
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return {name: Measurement(**measured) for name, measured in orjson.loads(answer).items()}


async def read(ports: list[int], seeded: Seeded, seconds: float) -> Readings:
    """Measure every call, one after the other."""
    found: Readings = {}
    for name, request in (await prepare_calls(ports[0], seeded)).items():
        # Of their own: others may have been idle for longer than the server keeps them.
        pool = [await HttpConnection.open(port) for port in islice(cycle(ports), READERS)]
        await pool[0].send(request)
        await drive(_asking(request), pool, seconds, found.setdefault(name, Measurement()))
        for connection in pool:
            connection.close()
    return found


def rows(readings: dict[tuple[str, str], Measurement]) -> list[list[str]]:
    """Return one row for each call and each system, the systems of a call together."""
    calls = list(dict.fromkeys(call for call, _ in readings))
    result: list[list[str]] = []
    for (call, system), measured in sorted(readings.items(), key=lambda item: calls.index(item[0][0])):
        slowest = percentile(measured.latencies, 0.95)
        target = mark("p95 < 100 ms", slowest is not None and slowest < LONGEST and not measured.failures)
        latencies = [milliseconds(measured.latencies, share) for share in SHARES]
        counts = [f"{number:,}" for number in (measured.operations, measured.refused, measured.failures)]
        result.append([call, system, target, *latencies, *counts])
    return result


def _asking(request: bytes) -> Operation:
    async def operation(connection: HttpConnection) -> None:
        await connection.expect(request, (200,))

    return operation


def main() -> None:
    """Read, and print what was measured."""
    told = orjson.loads(Path(sys.argv[1]).read_bytes())
    readings = uvloop.run(read(told["ports"], Seeded.of(told["seeded"]), told["seconds"]))
    with open(sys.stdout.fileno(), "wb", closefd=False) as output:  # buffered, whatever PYTHONUNBUFFERED says
        output.write(orjson.dumps({name: asdict(measured) for name, measured in readings.items()}))


if __name__ == "__main__":
    main()
