"""`python -m benchmarks.parts.schedules`: how late the scheduler looks at many schedules, and what that costs.

The time of the process is moved so that the measurement begins shortly before the hour strikes: most schedules need
new runs then. The loop runs as in a scheduler process, ticking in real time.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop

from benchmarks.comparison import mark
from benchmarks.measurement import percentile
from benchmarks.parts import Asked, Findings
from benchmarks.processes import cpu_seconds
from benchmarks.report import Table
from ostinato_core.clock import driven_by
from ostinato_core.db.open import open_database
from ostinato_core.deployments.making import create_deployment
from ostinato_core.flow_runs.operations import count_flow_runs
from ostinato_core.flows.operations import create_flow
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_migrator.migrate import upgrade
from ostinato_scheduler.loop import Loop, Work, running
from ostinato_scheduler.loops.create_scheduled_runs import CreateScheduledRuns
from ostinato_wire.deployments import DeploymentCreate, DeploymentScheduleCreate
from ostinato_wire.flows import FlowCreate
from ostinato_wire.queries import FlowRunsWhere
from ostinato_wire.schedules import CronSchedule, IntervalSchedule, Schedule
from tests.support.postgres import Postgres

BEFORE_THE_HOUR = timedelta(seconds=15)
AT_ONCE = 50
HEADER = [
    "database",
    "target",
    "first runs",
    "made in s",
    "lag p50 s",
    "lag p99 s",
    "cores",
    "db cores",
    "runs at the hour",
]
"""Of the table of results: the first runs of all schedules, then what happens around a full hour."""
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")


@dataclass
class Result:
    """What was measured; lags and seconds are wall time, `busy` and `database_busy` shares of a core."""

    first: float = 0.0
    first_runs: int = 0
    lags: list[float] = field(default_factory=list[float])
    busy: float = 0.0
    database_busy: float = 0.0
    runs: int = 0

    def percentile(self, share: float) -> float:
        """Return a percentile of the lags of the oldest look in each tick that had something to do."""
        return percentile(self.lags, share) or 0.0


class Watched:
    """The loop, with the lag of each of its ticks written down."""

    name, setting, description = (
        CreateScheduledRuns.name,
        CreateScheduledRuns.setting,
        CreateScheduledRuns.description,
    )

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._loop = CreateScheduledRuns(database, settings)
        self.lags: list[float] = []
        self.runs = 0

    async def tick(self) -> Work:
        """Tick, and remember."""
        work = await self._loop.tick()
        if work.lag:
            self.lags.append(work.lag)
        self.runs += work.done
        return work


def schedules(number: int) -> Iterator[Schedule]:
    """Yield schedules in equal parts: every minute, every five minutes, every hour, and on working days."""
    for index in range(number):
        zone = ZONES[index % len(ZONES)]
        anchor = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=index % 300)
        match index % 4:
            case 0:
                yield CronSchedule(cron="* * * * *", timezone=zone)
            case 1:
                yield IntervalSchedule(interval=timedelta(minutes=5), anchor_date=anchor, timezone=zone)
            case 2:
                yield CronSchedule(cron="0 * * * *", timezone=zone)
            case _:
                yield CronSchedule(cron=f"{index % 60} {index % 24} * * 1-5", timezone=zone)


async def seed(database: Database, number: int) -> None:
    """Make deployments with a schedule each."""
    flow, _ = await database.write(lambda tx: create_flow(tx, FlowCreate(name="benchmark")))

    async def make(name: str, schedule: Schedule) -> None:
        each = DeploymentScheduleCreate(schedule=schedule)
        body = DeploymentCreate(name=name, flow_id=flow["id"], schedules=[each])
        await database.write(lambda tx: create_deployment(tx, body))

    waiting = list(schedules(number))
    for begin in range(0, number, AT_ONCE):
        part = enumerate(waiting[begin : begin + AT_ONCE], begin)
        await asyncio.gather(*(make(f"deployment-{index}", schedule) for index, schedule in part))


async def measure(settings: ServerSettings, number: int, seconds: float, postgres: Postgres | None) -> Result:
    """Seed a database, let the loop make the first runs, then watch it around a full hour."""
    database, result = open_database(settings), Result()
    await seed(database, number)
    loop = CreateScheduledRuns(database, settings)
    began = time.perf_counter()
    while (await loop.tick()).more:
        pass
    result.first = time.perf_counter() - began
    result.first_runs = await database.read(lambda tx: count_flow_runs(tx, FlowRunsWhere()))
    now = datetime.now(UTC)
    hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    moved = hour - BEFORE_THE_HOUR - now
    with driven_by(lambda: datetime.now(UTC) + moved):
        # What piled up because time was moved is not measured.
        while (await loop.tick()).more:
            pass
        watched = Watched(database, settings)
        # A protocol with a constructor asks for that constructor, too, though only made loops are handed over.
        made: Loop = watched  # pyright: ignore[reportAssignmentType]
        used, used_there = time.process_time(), cpu_seconds([postgres.pid]) if postgres else 0.0
        async with running([made], settings):
            await asyncio.sleep(seconds)
        result.busy = (time.process_time() - used) / seconds
        result.database_busy = (cpu_seconds([postgres.pid]) - used_there) / seconds if postgres else 0.0
    result.lags, result.runs = watched.lags, watched.runs
    await database.close()
    return result


def run(asked: Asked, findings: Findings) -> None:
    """Measure what the options say."""
    number, seconds = asked.options.schedules, asked.options.hour
    results = compare(number, seconds)
    title = f"The scheduler with {number:,} schedules, for {seconds:.0f} s around a full hour"
    rows = [row(*each) for each in results.items()]
    findings.add(Table(title, HEADER, rows, named=1), is_right=all(map(is_good, results.values())))


def measure_on(name: str, url: str, number: int, seconds: float, postgres: Postgres | None) -> Result:
    """Measure on one database and print what was found."""
    settings = ServerSettings.model_validate({"database_connection_url": url})
    upgrade(settings)
    result = uvloop.run(measure(settings, number, seconds, postgres))
    print(
        f"{name}: first {result.first_runs:,} runs of {number:,} schedules in {result.first:.1f} s; then lag p50 "
        f"{result.percentile(0.5):.2f} s, p99 {result.percentile(0.99):.2f} s, {result.busy:.2f} cores "
        f"(database {result.database_busy:.2f}), {result.runs:,} runs made in {seconds:.0f} s around the full hour",
        flush=True,
    )
    return result


def compare(number: int, seconds: float) -> dict[str, Result]:
    """Measure on SQLite and on Postgres; return what was found by database."""
    with tempfile.TemporaryDirectory() as home, Postgres(settings=()) as postgres:
        file = f"sqlite+aiosqlite:///{Path(home) / 'ostinato.db'}"
        return {
            "SQLite": measure_on("SQLite", file, number, seconds, None),
            "Postgres": measure_on("Postgres", postgres.create_database(), number, seconds, postgres),
        }


def is_good(result: Result) -> bool:
    """Whether no lag exceeds 5 s, and the loop needs less than a core."""
    return result.percentile(0.99) <= 5 and result.busy < 1


def row(name: str, result: Result) -> list[str]:
    """Return a row below `HEADER`."""
    lags = [f"{result.percentile(share):.2f}" for share in (0.5, 0.99)]
    cores = [f"{share:.2f}" for share in (result.busy, result.database_busy)]
    return [
        name,
        mark("lag p99 < 5 s, < 1 core", is_good(result)),
        f"{result.first_runs:,}",
        f"{result.first:.1f}",
        *lags,
        *cores,
        f"{result.runs:,}",
    ]


def main() -> int:
    """Measure and print; the exit status is 1 where a lag exceeds 5 s or the loop needs a core."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schedules", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=90.0)
    wanted = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    return int(not all(map(is_good, compare(wanted.schedules, wanted.seconds).values())))


if __name__ == "__main__":
    sys.exit(main())
