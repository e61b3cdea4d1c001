"""Background task runs that a worker holds: its own while it is heard of, another's after that, for some times."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from ostinato_api.deps import Services
from ostinato_core.db.tables import task_run_queue
from ostinato_core.ids import new_id
from ostinato_core.liveness.ingest_watch import tell_alive
from ostinato_core.settings import ServerSettings
from ostinato_core.task_workers.dispatcher import RENEW_EVERY, Subscription
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.redeliver_task_runs import RedeliverTaskRuns
from tests.support.client import Api
from tests.support.clock import DrivenClock
from tests.support.json import Json
from tests.support.ports import wait_until

SILENCE = 45
PARAMETERS = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def loop(database: Database, settings: ServerSettings) -> RedeliverTaskRuns:
    return RedeliverTaskRuns(database, settings)


@pytest.fixture
def key() -> str:
    return f"module.task-{new_id().hex}"


@pytest.fixture
async def run_id(api: Api, key: str) -> AsyncIterator[str]:
    """A delayed run; it has ended afterwards, so that the loop of other tests finds nothing of it."""
    details = {"deferred": True, "task_parameters_id": PARAMETERS}
    body = {"task_key": key, "dynamic_key": "1", "state": {"type": "SCHEDULED", "state_details": details}}
    made = await api.created("/task_runs/", body)
    yield made["id"]
    await propose(api, made["id"], "COMPLETED", force=True)


async def propose(api: Api, run_id: str, type_: str, *, deferred: bool = False, force: bool = False) -> str:
    state = {"type": type_, "state_details": {"deferred": deferred}}
    answer = await api.post(f"/task_runs/{run_id}/set_state", {"state": state, "force": force})
    return answer.json["status"]


async def read(api: Api, run_id: str) -> Json:
    return (await api.get(f"/task_runs/{run_id}")).json


async def take(subscription: Subscription) -> str:
    run = await subscription.next()
    await subscription.confirm()
    return str(run["id"])


async def let_pass(database: Database, clock: DrivenClock, seconds: float) -> None:
    """Let time pass in which the server takes events in."""
    await database.write(tell_alive)
    while seconds > 0:
        clock.forward(min(seconds, 10))
        seconds -= 10
        await database.write(tell_alive)


async def test_the_run_of_a_worker_that_is_silent_goes_to_another_and_crashes_after_three_times(
    api: Api, services: Services, loop: RedeliverTaskRuns, clock: DrivenClock, key: str, run_id: str
) -> None:
    for number in range(4):
        async with services.task_runs.subscribe("killed", [key], new_id()) as subscription:
            assert await take(subscription) == run_id
            assert await propose(api, run_id, "PENDING", deferred=True) == "ACCEPT"
            await propose(api, run_id, "RUNNING")
        await let_pass(services.database, clock, SILENCE - 1)
        assert (await loop.tick()).done == 0
        await let_pass(services.database, clock, 2)
        assert (await loop.tick()).done == 1
        run = await read(api, run_id)
        if number < 3:
            assert (run["state_type"], run["state_name"]) == ("SCHEDULED", "AwaitingRetry")
            assert run["state"]["message"].endswith(f"It is delivered again ({number + 1} of 3).")
            assert run["state"]["state_details"]["task_parameters_id"] == PARAMETERS
    run = await read(api, run_id)
    assert (run["state_type"], run["state"]["message"]) == (
        "CRASHED", "The task worker that had taken this run is gone. It was delivered again 3 times before.",
    )  # fmt: skip
    assert (await loop.tick()).done == 0


async def test_a_worker_that_comes_back_keeps_its_run(
    services: Services, loop: RedeliverTaskRuns, clock: DrivenClock, key: str, run_id: str
) -> None:
    worker = new_id()
    async with services.task_runs.subscribe("lost", [key], worker) as subscription:
        assert await take(subscription) == run_id
    await let_pass(services.database, clock, SILENCE + 1)
    async with services.task_runs.subscribe("lost", [key], worker, [UUID(run_id)]):
        assert (await loop.tick()).done == 0
        await let_pass(services.database, clock, SILENCE - 5)
        assert (await loop.tick()).done == 0
    await services.database.write(lambda tx: tx.run(task_run_queue.delete()))
    async with services.task_runs.subscribe("lost", [key], worker, [UUID(run_id)]):
        assert await queued(services, run_id), "what it says it has it holds, whatever the queue knows"


async def test_silence_counts_only_where_workers_could_be_heard(
    services: Services, loop: RedeliverTaskRuns, clock: DrivenClock, key: str, run_id: str
) -> None:
    async with services.task_runs.subscribe("cut off", [key], new_id()) as subscription:
        assert await take(subscription) == run_id
    clock.forward(3600)  # the server is away
    await let_pass(services.database, clock, SILENCE - 5)
    assert (await loop.tick()).done == 0
    await let_pass(services.database, clock, 10)
    assert (await loop.tick()).done == 1


async def test_a_run_that_has_ended_is_held_by_nobody(
    api: Api, services: Services, loop: RedeliverTaskRuns, clock: DrivenClock, key: str, run_id: str
) -> None:
    async with services.task_runs.subscribe("well", [key], new_id()) as subscription:
        assert await take(subscription) == run_id
        assert await queued(services, run_id)
        await propose(api, run_id, "COMPLETED", force=True)

        async def is_forgotten() -> bool:
            return not await queued(services, run_id)

        await wait_until(is_forgotten, seconds=RENEW_EVERY * 6, what="an empty queue")
    await let_pass(services.database, clock, SILENCE + 1)
    assert (await loop.tick()).done == 0
    assert (await read(api, run_id))["state_type"] == "COMPLETED"


async def test_a_worker_without_an_id_has_its_run_for_good(
    api: Api, services: Services, loop: RedeliverTaskRuns, clock: DrivenClock, key: str, run_id: str
) -> None:
    async with services.task_runs.subscribe("reference", [key]) as subscription:
        assert await take(subscription) == run_id
        assert not await queued(services, run_id)
    await let_pass(services.database, clock, SILENCE + 1)
    assert (await loop.tick()).done == 0
    assert (await read(api, run_id))["state_type"] == "SCHEDULED"


async def queued(services: Services, run_id: str) -> bool:
    found = task_run_queue.select().where(task_run_queue.c.task_run_id == UUID(run_id))
    return bool(await services.database.lookup(lambda tx: tx.rows(found)))
