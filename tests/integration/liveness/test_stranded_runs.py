"""Runs that a worker has taken and that did not begin: another worker gets them, and each attempt starts once."""

import pytest

from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.reschedule_stranded_runs import RescheduleStrandedRuns
from tests.integration.liveness.worker import Process, new_deployment, new_run, read_run
from tests.support.client import Api
from tests.support.clock import DrivenClock
from tests.support.json import Json

DEADLINE = 15 * 60


@pytest.fixture
def loop(database: Database, settings: ServerSettings) -> RescheduleStrandedRuns:
    return RescheduleStrandedRuns(database, settings)


async def label(api: Api, run_id: str, worker: str) -> None:
    await api.request("PATCH", f"/flow_runs/{run_id}/labels", {"prefect.worker.name": worker})


async def strand(api: Api, deployment: Json, clock: DrivenClock) -> str:
    """Make a run that worker A takes and does not begin."""
    run_id = await new_run(api, deployment)
    assert await Process(api, "A").propose(run_id, "PENDING") == "ACCEPT"
    await label(api, run_id, "A")
    await api.request("PATCH", f"/flow_runs/{run_id}", {"infrastructure_pid": "1234"})
    assert await Process(api, "A").propose(run_id, "PENDING", name="Submitting") == "ACCEPT"
    clock.forward(DEADLINE + 1)
    return run_id


async def test_another_worker_takes_and_starts_the_run_and_the_first_cannot_any_more(
    api: Api, loop: RescheduleStrandedRuns, clock: DrivenClock
) -> None:
    a, b = Process(api, "A"), Process(api, "B")
    run_id = await strand(api, await new_deployment(api), clock)

    await loop.tick()

    run = await read_run(api, run_id)
    assert (run["state_type"], run["state_name"]) == ("SCHEDULED", "AwaitingRetry")
    assert run["state"]["message"] == (
        "Worker 'A' took this run, but it did not begin within 900 seconds. "
        "It was scheduled again, for the 1st time of 3."
    )
    assert run["infrastructure_pid"] is None
    for state in ("RUNNING", "CRASHED", "COMPLETED"):
        assert await a.propose(run_id, state) == "ABORT"
    assert await a.propose(run_id, "CRASHED", force=True) == "ABORT"
    assert await b.propose(run_id, "PENDING") == "ACCEPT"
    assert await a.propose(run_id, "PENDING", name="Submitting") == "ABORT"
    assert await a.propose(run_id, "RUNNING") == "ABORT"
    assert await b.propose(run_id, "PENDING", name="Submitting") == "ACCEPT"
    assert await b.propose(run_id, "RUNNING") == "ACCEPT"
    assert await a.propose(run_id, "RUNNING") == "ABORT"
    assert await b.propose(run_id, "RUNNING") == "ABORT"
    assert await a.propose(run_id, "FAILED") == "ABORT"
    assert await b.propose(run_id, "COMPLETED") == "ACCEPT"
    assert await a.propose(run_id, "FAILED") == "ABORT"
    done = await read_run(api, run_id)
    assert (done["state_type"], done["run_count"]) == ("COMPLETED", 1)


async def test_an_attempt_of_the_same_worker_starts_once(
    api: Api, loop: RescheduleStrandedRuns, clock: DrivenClock
) -> None:
    a = Process(api, "A")
    run_id = await strand(api, await new_deployment(api), clock)
    await loop.tick()
    assert await a.propose(run_id, "PENDING") == "ACCEPT"
    assert [await a.propose(run_id, "RUNNING") for _ in range(2)] == ["ACCEPT", "ABORT"]
    assert await a.propose(run_id, "CRASHED") == "ACCEPT"
    # What the worker had started for the first attempt comes up at last.
    assert await a.propose(run_id, "RUNNING") == "ABORT"
    assert await Process(api).propose(run_id, "RUNNING") == "ACCEPT"


async def test_clients_that_tell_no_worker_are_served(
    api: Api, loop: RescheduleStrandedRuns, clock: DrivenClock
) -> None:
    old = Process(api)
    run_id = await strand(api, await new_deployment(api), clock)
    await loop.tick()
    assert await old.propose(run_id, "RUNNING") == "ABORT"
    for state in ("PENDING", "RUNNING", "COMPLETED"):
        assert await old.propose(run_id, state) == "ACCEPT"


async def test_a_person_may_force_what_they_want(api: Api, loop: RescheduleStrandedRuns, clock: DrivenClock) -> None:
    run_id = await strand(api, await new_deployment(api), clock)
    await loop.tick()
    assert await Process(api).propose(run_id, "COMPLETED", force=True) == "ACCEPT"


async def test_a_run_that_is_taken_back_is_cancelled_at_once(
    api: Api, loop: RescheduleStrandedRuns, clock: DrivenClock
) -> None:
    run_id = await strand(api, await new_deployment(api), clock)
    await loop.tick()
    assert await Process(api).propose(run_id, "CANCELLING") == "REJECT"
    assert (await read_run(api, run_id))["state_type"] == "CANCELLED"


async def test_after_three_times_it_has_crashed(api: Api, loop: RescheduleStrandedRuns, clock: DrivenClock) -> None:
    run_id = await strand(api, await new_deployment(api), clock)
    for _ in range(3):
        await loop.tick()
        assert await Process(api, "A").propose(run_id, "PENDING") == "ACCEPT"
        clock.forward(DEADLINE + 1)

    await loop.tick()

    run = await read_run(api, run_id)
    assert run["state_type"] == "CRASHED"
    assert run["state"]["message"].endswith("It was scheduled again 3 times before.")
    # Somebody who runs it again begins to count anew.
    assert await Process(api).propose(run_id, "SCHEDULED", force=True) == "ACCEPT"
    assert await Process(api, "A").propose(run_id, "PENDING") == "ACCEPT"
    clock.forward(DEADLINE + 1)
    await loop.tick()
    assert "the 1st time" in (await read_run(api, run_id))["state"]["message"]


async def test_a_pool_may_have_a_deadline_of_its_own_or_none(
    api: Api, loop: RescheduleStrandedRuns, clock: DrivenClock
) -> None:
    slow = await strand(api, await new_deployment(api, {"pending_deadline_seconds": 2 * DEADLINE}), clock)
    never = await strand(api, await new_deployment(api, {"pending_deadline_seconds": 0}), clock)
    await loop.tick()
    assert (await read_run(api, slow))["state_type"] == "SCHEDULED"
    assert (await read_run(api, never))["state_type"] == "PENDING"
    clock.forward(100 * DEADLINE)
    await loop.tick()
    assert (await read_run(api, never))["state_type"] == "PENDING"


async def test_a_deployment_that_cancels_new_runs_gets_its_slot_back(
    api: Api, loop: RescheduleStrandedRuns, clock: DrivenClock
) -> None:
    options = {"collision_strategy": "CANCEL_NEW", "grace_period_seconds": 86_400}
    deployment = await new_deployment(api, concurrency_limit=1, concurrency_options=options)
    await strand(api, deployment, clock)
    refused = await new_run(api, deployment)
    assert await Process(api, "B").propose(refused, "PENDING") == "REJECT"

    await loop.tick()

    assert await Process(api, "B").propose(await new_run(api, deployment), "PENDING") == "ACCEPT"


async def test_a_run_that_begins_in_time_is_left_alone(
    api: Api, loop: RescheduleStrandedRuns, clock: DrivenClock
) -> None:
    run_id = await strand(api, await new_deployment(api), clock)
    assert await Process(api, "A").propose(run_id, "RUNNING") == "ACCEPT"
    clock.forward(DEADLINE + 1)
    await loop.tick()
    assert (await read_run(api, run_id))["state_type"] == "RUNNING"


@pytest.mark.parametrize("ends", ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"])
async def test_a_worker_whose_proposal_comes_after_the_end_does_not_run_the_run_again(api: Api, ends: str) -> None:
    # Both were given the run by their polls; the second one's proposal was repeated while the API was away.
    first, second = Process(api, "A"), Process(api, "B")
    run_id = await new_run(api, await new_deployment(api, concurrency_limit=1))
    for state in ("PENDING", "RUNNING", ends):
        assert await first.propose(run_id, state) == "ACCEPT"

    assert await second.propose(run_id, "PENDING") == "ABORT"
    assert await Process(api).propose(run_id, "PENDING") == "ABORT"
    run = await read_run(api, run_id)
    assert (run["state_type"], run["run_count"]) == (ends, 1)

    await api.post(f"/flow_runs/{run_id}/set_state", {"state": {"type": "SCHEDULED", "name": "AwaitingRetry"}})
    assert [await second.propose(run_id, state) for state in ("PENDING", "RUNNING")] == ["ACCEPT", "ACCEPT"]
    assert (await read_run(api, run_id))["run_count"] == 2
