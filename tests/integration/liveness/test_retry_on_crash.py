"""Runs that crash are run again where their deployment or work pool says so, and only their newest attempt is heard."""

from datetime import datetime, timedelta

import pytest

from tests.integration.liveness.worker import Process, new_deployment, new_run, read_run
from tests.support.client import Api
from tests.support.clock import DrivenClock
from tests.support.json import Json

ANY: Json = {"max": 2, "delay": 60, "only_if": "any"}


async def start(process: Process, run_id: str) -> None:
    for state in ("PENDING", "RUNNING"):
        assert await process.propose(run_id, state) == "ACCEPT"


async def test_a_run_that_crashes_is_run_again_as_often_as_its_deployment_says(api: Api, clock: DrivenClock) -> None:
    deployment = await new_deployment(api, retry_on_crash=ANY)
    a, b = Process(api, "A"), Process(api, "B")
    run_id = await new_run(api, deployment)
    await start(a, run_id)
    task = {"flow_run_id": run_id, "task_key": "t", "dynamic_key": "0", "state": {"type": "RUNNING"}}
    task_run = await api.created("/task_runs/", task)

    assert await a.propose(run_id, "CRASHED", message="The machine is gone.") == "REJECT"

    run = await read_run(api, run_id)
    assert (run["state_name"], run["state"]["message"]) == ("AwaitingRetry", "The machine is gone.")
    due = datetime.fromisoformat(run["next_scheduled_start_time"])
    assert due == clock.now + timedelta(seconds=60)
    assert (await api.get(f"/task_runs/{task_run['id']}")).json["state_type"] == "CRASHED"
    # The worker reports the same crash once more, and the process, which lived on, its result.
    assert await a.propose(run_id, "CRASHED") == "ABORT"
    assert await a.propose(run_id, "COMPLETED") == "ABORT"
    clock.forward(60)
    await start(b, run_id)
    assert await a.propose(run_id, "COMPLETED") == "ABORT"
    assert (await read_run(api, run_id))["run_count"] == 2
    assert await b.propose(run_id, "CRASHED") == "REJECT"
    clock.forward(60)
    await start(a, run_id)
    assert await a.propose(run_id, "CRASHED") == "ACCEPT"
    assert (await read_run(api, run_id))["state_type"] == "CRASHED"


async def test_without_a_policy_a_crash_is_the_end(api: Api) -> None:
    run_id = await new_run(api, await new_deployment(api))
    await start(Process(api, "A"), run_id)
    assert await Process(api, "A").propose(run_id, "CRASHED") == "ACCEPT"


@pytest.mark.parametrize(("begun", "status"), [(False, "REJECT"), (True, "ACCEPT")])
async def test_by_default_only_runs_that_never_started_are_run_again(api: Api, begun: bool, status: str) -> None:
    run_id = await new_run(api, await new_deployment(api, retry_on_crash={"max": 1}))
    a = Process(api, "A")
    assert await a.propose(run_id, "PENDING") == "ACCEPT"
    if begun:
        assert await a.propose(run_id, "RUNNING") == "ACCEPT"
    assert await a.propose(run_id, "CRASHED") == status


@pytest.mark.parametrize(("own", "status"), [(None, "REJECT"), ({"max": 0}, "ACCEPT")])
async def test_the_deployment_s_policy_wins_over_the_pool_s(api: Api, own: Json, status: str) -> None:
    run_id = await new_run(api, await new_deployment(api, {"retry_on_crash": ANY}, retry_on_crash=own))
    await start(Process(api, "A"), run_id)
    assert await Process(api, "A").propose(run_id, "CRASHED") == status


async def test_a_process_that_is_told_to_end_forces_its_crash_and_is_run_again_but_a_person_means_it(api: Api) -> None:
    deployment = await new_deployment(api, retry_on_crash=ANY)
    told, meant = await new_run(api, deployment), await new_run(api, deployment)
    for run_id in (told, meant):
        await start(Process(api, "A"), run_id)
    assert await Process(api, "A").propose(told, "CRASHED", force=True) == "REJECT"
    assert await Process(api).propose(meant, "CRASHED", force=True) == "ACCEPT"


async def test_the_slot_is_given_back_for_as_long_as_the_run_waits(api: Api) -> None:
    deployment = await new_deployment(api, retry_on_crash=ANY, concurrency_limit=1)
    first, second = await new_run(api, deployment), await new_run(api, deployment)
    await start(Process(api, "A"), first)
    await Process(api, "A").propose(first, "CRASHED")
    assert await Process(api, "B").propose(second, "PENDING") == "ACCEPT"


async def crashed_once(process: Process, run_id: str, clock: DrivenClock) -> None:
    """Let the process begin the run and crash, and let the time come for the next attempt."""
    await start(process, run_id)
    assert await process.propose(run_id, "CRASHED") == "REJECT"
    clock.forward(60)


async def test_a_worker_takes_runs_in_bulk_under_its_name(api: Api, clock: DrivenClock) -> None:
    run_id = await new_run(api, await new_deployment(api, retry_on_crash=ANY))
    a, b = Process(api, "A"), Process(api, "B")
    await crashed_once(a, run_id, clock)
    assert await b.propose_in_bulk(run_id, "PENDING") == "ACCEPT"
    assert await a.propose_in_bulk(run_id, "RUNNING") == "ABORT"
    assert await b.propose_in_bulk(run_id, "RUNNING") == "ACCEPT"


async def test_a_flow_of_another_worker_resumes_an_attempt(api: Api, clock: DrivenClock) -> None:
    run_id = await new_run(api, await new_deployment(api, retry_on_crash=ANY))
    a, b = Process(api, "A"), Process(api, "B")
    await crashed_once(a, run_id, clock)
    await start(b, run_id)
    assert await b.propose(run_id, "PAUSED", state_details={"pause_timeout": "2100-01-01T00:00:00Z"}) == "ACCEPT"
    assert await a.propose(run_id, "RUNNING") == "ABORT"
    assert await a.resume(run_id) == "ACCEPT"


async def test_policies_are_read_changed_and_kept_by_those_who_do_not_know_them(api: Api) -> None:
    deployment = await new_deployment(api, {"retry_on_crash": ANY, "pending_deadline_seconds": 60}, retry_on_crash=ANY)
    path, pool_path = f"/deployments/{deployment['id']}", f"/work_pools/{deployment['work_pool_name']}"
    again = {"name": "d", "flow_id": deployment["flow_id"], "work_pool_name": deployment["work_pool_name"]}
    await api.created("/deployments/", again)
    await api.request("PATCH", path, {"description": "x"})
    await api.request("PATCH", pool_path, {"description": "x"})
    pool = (await api.get(pool_path)).json
    assert (await api.get(path)).json["retry_on_crash"] == pool["retry_on_crash"] == ANY
    assert pool["pending_deadline_seconds"] == 60

    for each in (path, pool_path):
        assert (await api.request("PATCH", each, {"retry_on_crash": {"max": 1}})).status == 204
        changed = (await api.get(each)).json["retry_on_crash"]
        assert changed == {"max": 1, "delay": 0.0, "only_if": "never_started"}
        assert (await api.request("PATCH", each, {"retry_on_crash": None})).status == 204
        assert (await api.get(each)).json["retry_on_crash"] is None
    answer = await api.request("PATCH", path, {"retry_on_crash": {"max": -1}})
    assert answer.status == 422
