"""Schedulers and API processes are killed at random while deployments fire: each time runs once, and nothing is stuck.

In a short form, or with `OSTINATO_FAULTS=full` (`make faults`) for two minutes. `OSTINATO_FAULTS_SEED` chooses another
course of things.
"""

import asyncio
import subprocess
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

import pytest

from tests.integration.compat.conftest import Client
from tests.integration.faults import history
from tests.integration.faults.history import Connection, Run, connected
from tests.integration.faults.journal import Journal
from tests.integration.faults.light_worker import LightWorker
from tests.integration.faults.plan import Fate, chosen_size, plan
from tests.integration.faults.scene import Scene, make_scene
from tests.integration.faults.stack import Stack
from tests.support.client import Api
from tests.support.ports import wait_until
from tests.support.postgres import Postgres

SIZE = chosen_size()
EVER, NEVER = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
AGAIN = 0.4
"""When in the course of things a worker dies and is started again under its name, as a part of the whole."""


@dataclass
class Course:
    """What a fault test leaves behind for its judgement."""

    scene: Scene
    journal: Journal
    begin: datetime
    end: datetime
    runs: list[Run]
    ticks: Counter[str]
    """How often each run of the unmodified worker ran."""


@pytest.mark.timeout(SIZE.seconds + 2 * SIZE.drained_within + 240)
async def test_each_time_of_a_schedule_runs_once_and_nothing_is_left_behind(postgres: Postgres, tmp_path: Path) -> None:
    database_url = postgres.create_database()
    stack = Stack(tmp_path, database_url, SIZE)
    await stack.start()
    try:
        async with Api(stack.api_url, keep_alive=False) as api, connected(database_url) as database:
            course = await run_course(stack, api, database, tmp_path)
            print(told(stack, course))
            check_times(course)
            check_runs(course)
            await check_rest(stack, api, database, course)
    except BaseException:
        print(stack.log_tail())
        raise
    finally:
        statuses = await stack.stop()
    assert set(statuses) == {0}
    async with connected(database_url) as database:
        assert await history.deadlocks(database) == 0


async def run_course(stack: Stack, api: Api, database: Connection, home: Path) -> Course:
    """Make everything, let it run while processes are killed, and wait until nothing is left to do."""
    ticks = home / "ticks"
    ticks.touch()
    scene = await make_scene(api, SIZE, plan(SIZE, datetime.now(UTC)), ticks)
    journal = Journal()

    async def all_fire() -> bool:
        return await history.deployments_with_runs(database) == SIZE.deployments

    await wait_until(all_fire, seconds=60, every=0.2, what="runs of all deployments")
    begin = datetime.now(UTC)
    async with working(stack, scene, journal, home) as workers:
        again = asyncio.create_task(die_and_start(workers[0], SIZE.seconds * AGAIN))
        await stack.torment(SIZE.seconds, SIZE.kill_every, Random(SIZE.seed))
        end = datetime.now(UTC)
        journal.calm = True
        await again
        wanted = sum(len(list(each.fires_between(begin, end))) for each in scene.deployments.values())

        await drained(database, wanted, begin, end)
        journal.paused = True
        await pause(api, scene.deployments)
        await drained(database, wanted)
    runs = await history.runs_of(database)
    return Course(scene, journal, begin, end, runs, Counter(ticks.read_text().split()))


async def drained(database: Connection, wanted: int, begin: datetime = EVER, end: datetime = NEVER) -> None:
    """Wait until there are so many runs for the times between `begin` and `end`, and all of them have ended."""
    runs: list[Run] = []

    async def all_ended() -> bool:
        runs[:] = [run for run in await history.runs_of(database) if begin < run.due <= end]
        return len(runs) >= wanted and all(run.has_ended for run in runs)

    try:
        await wait_until(all_ended, seconds=SIZE.drained_within, every=1, what=f"the end of {wanted} runs")
    except TimeoutError:
        left = [run for run in runs if not run.has_ended]
        print(f"{len(runs)} of {wanted} runs are there, {len(left)} of them have not ended:")
        print(*left[:20], sep="\n")
        raise


@asynccontextmanager
async def working(stack: Stack, scene: Scene, journal: Journal, home: Path) -> AsyncGenerator[list[LightWorker]]:
    """Two light workers, and an unmodified one where it has something to do."""
    workers = [LightWorker(stack.api_url, scene.light_pool, f"light-{n}", SIZE, journal) for n in range(2)]
    real = asyncio.create_task(keep_running(Client(home, stack.api_url), scene.real_pool)) if scene.real else None
    for worker in workers:
        worker.start()
    try:
        yield workers
    finally:
        for worker in workers:
            await worker.stop()
        if real is not None:
            real.cancel()
            await asyncio.gather(real, return_exceptions=True)


async def keep_running(client: Client, pool: str) -> None:
    """Run an unmodified worker, and start it again when it ends: an outage at the wrong moment is too much for it."""
    while True:
        process: subprocess.Popen[bytes] = client.start("prefect", "worker", "start", "--pool", pool, "--name", "real")
        try:
            await wait_until(partial(ended, process), seconds=3600, every=0.5)
        finally:
            process.terminate()
            await asyncio.shield(asyncio.to_thread(process.wait, 60))


async def ended(process: "subprocess.Popen[bytes]") -> bool:
    """Whether a process has ended."""
    return process.poll() is not None


async def die_and_start(worker: LightWorker, after: float) -> None:
    """Let a worker die in the middle of what it does, and start it again under its name."""
    await asyncio.sleep(after)
    await worker.die()
    worker.start()


async def pause(api: Api, deployment_ids: Iterable[str]) -> None:
    """Pause deployments: what they have not begun is taken back."""
    for id_ in deployment_ids:
        assert (await api.post(f"/deployments/{id_}/pause_deployment")).status == 200


def told(stack: Stack, course: Course) -> str:
    """Return what happened, in a few lines."""
    outcomes = Counter(f"{course.journal.fates.get(run.id, 'real')}: {run.name}" for run in course.runs)
    again = sum("AwaitingRetry" in run.names for run in course.runs)
    waited = sum("AwaitingConcurrencySlot" in run.names for run in course.runs)
    return (
        f"{stack.kills} kills, {len(course.runs)} runs, {again} of them scheduled again, {waited} had to wait for a "
        f"slot: {dict(outcomes)}"
    )


def check_times(course: Course) -> None:
    """Each time at which a schedule should have fired has one run, and no time has two."""
    made = Counter((run.deployment_id, run.due) for run in course.runs)
    assert [each for each, count in made.items() if count > 1] == []
    wanted = {
        (id_, time)
        for id_, planned in course.scene.deployments.items()
        for time in planned.fires_between(course.begin, course.end)
    }
    assert sorted(wanted - made.keys()) == []
    assert sorted({due for due in made if course.begin < due[1] <= course.end} - wanted) == []


def check_runs(course: Course) -> None:
    """Each run ran once, by what the workers know and by the history of its states, and ended as it was to."""
    assert course.journal.failures == []
    assert course.journal.not_ended == []
    starts = course.journal.starts_by_run()
    wrong: list[str] = []
    for run in course.runs:
        is_real = run.deployment_id in course.scene.real
        fate = Fate.WELL if is_real else course.journal.fates[run.id]
        own = starts.get(run.id, [])
        ran = course.ticks[run.id] if is_real else len(own)
        outcome = "CRASHED" if any(start.died for start in own) else "COMPLETED"
        seen = (ran, run.types.count("RUNNING"), run.run_count, run.type)
        if seen != (1, 1, 1, outcome):
            wrong.append(f"{run.id} {fate}: ran {seen}: {run.names}, {run.message}")
        if fate in (Fate.LOST, Fate.STALLED) and "AwaitingRetry" not in run.names:
            wrong.append(f"{run.id} {fate}: {run.names}")
    assert not wrong, "\n".join(wrong)
    for id_, planned in course.scene.deployments.items():
        assert planned.limit is None or course.journal.most_at_once({id_}) <= planned.limit
    assert course.journal.most_at_once(course.scene.sharing()) <= SIZE.shared_slots


async def check_rest(stack: Stack, api: Api, database: Connection, course: Course) -> None:
    """No slot is held, each change of state is told once, and the loops are well."""
    assert await history.leases(database) == []
    limit = await api.get(f"/v2/concurrency_limits/{course.scene.shared_limit}")
    assert limit.json["active_slots"] == 0
    assert await history.untold(database) == []
    assert await history.told_wrongly(database) == []
    for process in stack.schedulers:
        async with Api(process.url) as loops:
            answer = await loops.get("/ready")
            assert answer.status == 200, answer.body
    for process in stack.processes:
        log = process.log.read_text()
        assert "Traceback" not in log, log[-6000:]
