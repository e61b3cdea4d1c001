"""`make contention`: two processes on one Postgres under state changes and polls; prints what locks did.

Exit status 1 where there was a deadlock, a wait for a lock of over a second, or a refused request.
"""

import argparse
import asyncio
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import orjson
from rich.console import Console
from sqlalchemy import make_url

from benchmarks.contention_load import POLLERS, Outcome
from benchmarks.measurement import milliseconds
from benchmarks.report import machine
from tests.support.postgres import Postgres
from tests.support.replicas import Replicas

LONGEST = 1.0
"""Seconds for which nobody may wait for a lock."""
SAMPLE_EVERY = 0.05

_WAITS = """
SELECT extract(epoch FROM clock_timestamp() - waiting.waitstart)::float8 AS seconds, activity.query
FROM pg_locks AS waiting JOIN pg_stat_activity AS activity USING (pid)
WHERE NOT waiting.granted AND waiting.waitstart IS NOT NULL AND activity.datname = current_database()
ORDER BY 1 DESC
"""
_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


@dataclass
class Waits:
    """What was seen of waits for locks: the longest in seconds and the statement that waited, and how many at once."""

    longest: float = 0.0
    statement: str = ""
    most_at_once: int = 0


async def watch(url: str, waits: Waits) -> None:
    """Look who waits for a lock, until cancelled."""
    connection = await asyncpg.connect(url)
    try:
        while True:
            rows = await connection.fetch(_WAITS)
            waits.most_at_once = max(waits.most_at_once, len(rows))
            if rows and rows[0]["seconds"] > waits.longest:
                waits.longest, waits.statement = rows[0]["seconds"], " ".join(rows[0]["query"].split())
            await asyncio.sleep(SAMPLE_EVERY)
    finally:
        await connection.close(timeout=5)


async def deadlocks(url: str) -> int:
    """Return how many deadlocks the database has had."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(_DEADLOCKS)
    finally:
        await connection.close()


async def measure(server: Replicas, seconds: float) -> tuple[Outcome, Waits, int]:
    """Run the load and watch the database meanwhile."""
    url = make_url(server.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    waits = Waits()
    watching = asyncio.create_task(watch(url, waits))
    ports = [str(replica.port) for replica in server.replicas]
    command = [sys.executable, "-m", "benchmarks.contention_load", str(seconds), *ports]
    load = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    printed, _ = await load.communicate()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    if load.returncode != 0:
        raise RuntimeError("the load generator failed")
    return Outcome(**orjson.loads(printed)), waits, await deadlocks(url)


def print_figures(outcome: Outcome, waits: Waits, dead: int) -> None:
    """Print what was measured, a figure a line."""
    console = Console(width=160)
    console.print(f"contention: 2 processes, one Postgres, {POLLERS} workers that poll; {machine()}")
    changes, polls, seconds = outcome.state_changes, outcome.polls, outcome.seconds
    figures = {
        "length": f"{seconds:.0f} s; load generator {outcome.busy:.0%} of a core",
        "runs made": f"{outcome.created / seconds:,.0f}/s",
        "state changes proposed": f"{len(changes) / seconds:,.0f}/s, accepted {outcome.accepted / seconds:,.0f}/s",
        "state change p50, p99": f"{milliseconds(changes, 0.5)}, {milliseconds(changes, 0.99)} ms",
        "polls": f"{outcome.polled / seconds:,.0f}/s, {outcome.handed_out:,} runs handed out",
        "poll p50, p99": f"{milliseconds(polls, 0.5)}, {milliseconds(polls, 0.99)} ms",
        "refused requests": f"{sum(outcome.refused.values())} {outcome.refused or ''} {outcome.first_refusal}",
        "deadlocks": str(dead),
        "longest wait for a lock": f"{waits.longest * 1000:.0f} ms {waits.statement[:300]}",
        "most waits at once": str(waits.most_at_once),
    }
    for name, value in figures.items():
        console.print(f"  {name}: [bold]{value}[/bold]", highlight=False)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make contention", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the load (default 60)")
    wanted = parser.parse_args()
    with Postgres(settings=()) as postgres, tempfile.TemporaryDirectory(prefix="ostinato-contention-") as home:
        server = Replicas(Path(home), postgres.create_database())
        server.start()
        try:
            outcome, waits, dead = asyncio.run(measure(server, wanted.seconds))
            log = server.log_tail()
        finally:
            server.stop()
    print_figures(outcome, waits, dead)
    if log:
        print("The end of the servers' log:\n" + log)
    return int(bool(dead or outcome.refused or waits.longest > LONGEST))


if __name__ == "__main__":
    sys.exit(main())
