"""What was cancelled ends, by its deadline at the latest, with everything below it; and slots are free again."""

from functools import partial
from typing import Any
from uuid import UUID

import pytest

from ostinato_core.flow_runs.cascade import find_cancelled, find_ended
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.cancellation_cleanup import FinishCancellations
from ostinato_scheduler.loops.create_scheduled_runs import CreateScheduledRuns
from tests.integration.loops.scene import (
    events_of,
    move,
    new_child,
    new_deployment,
    new_run,
    new_task_run,
    state_of,
    task_state_of,
    tick_all,
    twice,
    type_of,
)
from tests.integration.sockets.test_worker_channel import answer, channel, message_of
from tests.support.client import Api
from tests.support.clock import DrivenClock
from tests.support.json import Json
from tests.support.pools import new_pool, unique

TIMED_OUT = "Flow run cancellation timed out; marked this flow run as Cancelled."
PARENT_CANCELLED = "The parent flow run was cancelled."
LEFT_OVER = "The flow run ended while this task run was still running."


async def slots_of(api: Api, deployment: Json) -> int:
    """Return how many slots of a deployment are in use."""
    return (await api.get(f"/v2/concurrency_limits/deployment:{deployment['id']}")).json["active_slots"]


async def running_with_slot(api: Api, **members: Json) -> tuple[Json, Json]:
    """Make a deployment with one slot, and a run that has it."""
    deployment = await new_deployment(api, concurrency_limit=1, **members)
    ids = {"deployment_id": deployment["id"], "flow_id": deployment["flow_id"]}
    run = await new_run(api, "SCHEDULED", **ids, **members)
    for state in ("PENDING", "RUNNING"):
        assert (await move(api, run, state))["status"] == "ACCEPT"
    return deployment, run


async def test_a_cancellation_that_no_worker_confirms_ends_at_the_deadline(
    client: Api, database: Database, other_database: Database, settings: ServerSettings, clock: DrivenClock,
    url: str,
) -> None:  # fmt: skip
    pool = await new_pool(client)
    deployment, run = await running_with_slot(client, work_pool_name=pool["name"])
    await client.request("PATCH", f"/flow_runs/{run['id']}", {"infrastructure_pid": "host:1234"})
    task = await new_task_run(client, run)
    await move(client, run, "CANCELLING")
    loops = twice(FinishCancellations, [database, other_database], settings)

    clock.forward(299)
    await tick_all(loops)
    assert (await type_of(client, run), await slots_of(client, deployment)) == ("CANCELLING", 1)
    clock.forward(2)
    await tick_all(loops)

    state = await state_of(client, run)
    assert (state["type"], state["message"]) == ("CANCELLED", TIMED_OUT)
    assert await slots_of(client, deployment) == 0
    assert await events_of(client, "flow-run", run) == ["Scheduled", "Pending", "Running", "Cancelling", "Cancelled"]
    closed = await task_state_of(client, task)
    assert (closed["type"], closed["message"]) == ("CANCELLED", PARENT_CANCELLED)
    async with channel(url, pool) as (socket, _):
        message = await message_of(socket)
        assert message["target"] == {"flow_run_id": run["id"], "infrastructure_pid": "host:1234"}
        assert (await answer(socket, message, "ack"))["status"] == "accepted"


@pytest.mark.parametrize("kind", ["ecs:push", "prefect:managed"])
async def test_pools_without_workers_are_told_nothing(
    client: Api, database: Database, settings: ServerSettings, clock: DrivenClock, url: str, kind: str
) -> None:
    pool = await client.created("/work_pools/", {"name": unique("pool"), "type": kind})
    _, run = await running_with_slot(client, work_pool_name=pool["name"])
    await move(client, run, "CANCELLING")
    clock.forward(301)
    await tick_all([FinishCancellations(database, settings)])
    assert await type_of(client, run) == "CANCELLED"
    async with channel(url, pool) as (socket, _):
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.3)


async def test_a_confirmed_cancellation_is_left_alone(
    client: Api, database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    _, run = await running_with_slot(client)
    await move(client, run, "CANCELLING")
    await move(client, run, "CANCELLED", message="Flow run was cancelled.")
    clock.forward(400)
    await tick_all([FinishCancellations(database, settings)])
    assert (await state_of(client, run))["message"] == "Flow run was cancelled."


async def test_a_cancelled_tree_ends_in_one_tick_at_any_depth(
    client: Api, database: Database, other_database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    deployment = await new_deployment(client)
    members = {"deployment_id": deployment["id"], "flow_id": deployment["flow_id"]}
    root = await new_run(client)
    within = await new_child(client, root)
    elsewhere = await new_child(client, within, **members)
    deep = await new_child(client, elsewhere)
    waiting = await new_child(client, deep, "SCHEDULED", **members)
    ended = await new_child(client, root, "COMPLETED")
    below_ended = await new_child(client, ended)
    task, done = await new_task_run(client, deep), await new_task_run(client, root, "COMPLETED")
    stranger = await new_child(client, await new_run(client))
    await move(client, root, "CANCELLED")

    for loop in twice(FinishCancellations, [database, other_database], settings):
        await loop.tick()

    expected = {"CANCELLED": [within, deep, waiting, below_ended], "CANCELLING": [elsewhere], "RUNNING": [stranger]}
    for type_, runs in (expected | {"COMPLETED": [ended]}).items():
        assert [await type_of(client, run) for run in runs] == [type_] * len(runs)
    assert [(await state_of(client, run))["message"] for run in (within, elsewhere)] == [PARENT_CANCELLED] * 2
    assert (await task_state_of(client, task))["message"] == PARENT_CANCELLED
    assert (await task_state_of(client, done))["type"] == "COMPLETED"
    assert (await task_state_of(client, {"id": elsewhere["parent_task_run_id"]}))["type"] == "CANCELLING"
    assert await events_of(client, "flow-run", within) == ["Running", "Cancelled"]
    assert await events_of(client, "flow-run", elsewhere) == ["Running", "Cancelling"]


async def test_replicas_cancel_a_wide_tree_once(
    client: Api, database: Database, other_database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    root = await new_run(client)
    children = [await new_child(client, root) for _ in range(60)]
    tasks = [await new_task_run(client, root) for _ in range(60)]
    loops = twice(FinishCancellations, [database, other_database], settings)
    await tick_all(loops)
    await move(client, root, "CANCELLED")

    await tick_all(loops)
    await tick_all(loops)

    for child in children:
        assert await events_of(client, "flow-run", child) == ["Running", "Cancelled"]
    for task in tasks:
        states = (await client.get("/task_run_states/", task_run_id=task["id"])).json
        assert [state["name"] for state in states] == ["Running", "Cancelled"]


@pytest.mark.parametrize("end", ["COMPLETED", "FAILED", "CRASHED"])
async def test_task_runs_that_their_flow_run_has_left_crash_after_a_grace(
    client: Api, database: Database, other_database: Database, settings: ServerSettings, clock: DrivenClock, end: str
) -> None:
    limit = await client.created("/concurrency_limits/", {"tag": unique("tag"), "concurrency_limit": 1})
    run = await new_run(client)
    running, pending = await new_task_run(client, run, tags=[limit["tag"]]), await new_task_run(client, run, "PENDING")
    body = {"names": [limit["tag"]], "task_run_id": running["id"]}
    assert (await client.post("/concurrency_limits/increment", body)).status == 200
    retrying = await new_task_run(client, run, {"type": "SCHEDULED", "name": "AwaitingRetry"})
    background = await new_task_run(client, run, {"type": "SCHEDULED", "state_details": {"deferred": True}})
    alone = await new_task_run(client, None)
    going_on = await new_child(client, run)
    await move(client, run, end)
    loops = twice(FinishCancellations, [database, other_database], settings)

    clock.forward(55)
    await tick_all(loops)
    assert (await task_state_of(client, running))["type"] == "RUNNING"
    clock.forward(10)
    await tick_all(loops)

    for task in (running, pending, retrying):
        state = await task_state_of(client, task)
        assert (state["type"], state["message"]) == ("CRASHED", LEFT_OVER)
        states = (await client.get("/task_run_states/", task_run_id=task["id"])).json
        assert [each["type"] for each in states].count("CRASHED") == 1
    assert (await task_state_of(client, background))["type"] == "SCHEDULED"
    assert (await task_state_of(client, alone))["type"] == "RUNNING"
    assert (await task_state_of(client, {"id": going_on["parent_task_run_id"]}))["type"] == "RUNNING"
    assert (await client.get(f"/concurrency_limits/tag/{limit['tag']}")).json["active_slots"] == []


async def test_a_task_run_that_is_told_of_long_after_the_end_is_closed_at_the_second_look(
    client: Api, database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    run = await new_run(client)
    await move(client, run, "CRASHED")
    loop = FinishCancellations(database, settings)
    clock.forward(65)
    await tick_all([loop])
    task = await new_task_run(client, run)
    clock.forward(60)
    await tick_all([loop])
    assert (await task_state_of(client, task))["type"] == "RUNNING"
    clock.forward(3600)
    await tick_all([loop])
    assert (await task_state_of(client, task))["type"] == "CRASHED"


async def test_task_runs_of_a_run_that_runs_again_stay(
    client: Api, database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    run = await new_run(client)
    task = await new_task_run(client, run)
    await move(client, run, "FAILED")
    assert (await move(client, run, "RUNNING"))["status"] == "ACCEPT"
    clock.forward(120)
    await tick_all([FinishCancellations(database, settings)])
    assert (await task_state_of(client, task))["type"] == "RUNNING"


async def test_one_call_cancels_a_whole_tree(client: Api) -> None:
    deployment = await new_deployment(client)
    members = {"deployment_id": deployment["id"], "flow_id": deployment["flow_id"]}
    root = await new_run(client, **members)
    within = await new_child(client, root)
    elsewhere = await new_child(client, within, **members)
    deep = await new_child(client, elsewhere)

    cancelled = await move(client, root, "CANCELLING", cascade=True)

    assert (cancelled["status"], cancelled["state"]["type"], cancelled["cascaded"]) == ("ACCEPT", "CANCELLING", 3)
    found = [await type_of(client, run) for run in (root, within, elsewhere, deep)]
    assert found == ["CANCELLING", "CANCELLED", "CANCELLING", "CANCELLED"]
    again = await move(client, root, "CANCELLING", cascade=True)
    assert (again["status"], again["cascaded"]) == ("REJECT", 0)


async def test_without_cascade_the_runs_below_stay(client: Api) -> None:
    root = await new_run(client)
    child = await new_child(client, root)
    assert "cascaded" not in await move(client, root, "CANCELLING")
    assert await type_of(client, child) == "RUNNING"


async def test_what_is_below_a_run_that_has_ended_can_still_be_cancelled(client: Api) -> None:
    root = await new_run(client)
    child = await new_child(client, root)
    await move(client, root, "COMPLETED")
    told = await move(client, root, "CANCELLING", cascade=True)
    assert (told["status"], told["state"]["type"], told["cascaded"]) == ("ABORT", "COMPLETED", 1)
    assert await type_of(client, child) == "CANCELLED"


async def test_nothing_goes_down_from_a_run_that_cannot_be_cancelled(client: Api) -> None:
    root = await new_run(client)
    child = await new_child(client, root)
    await move(client, root, "PAUSED")
    told = await move(client, root, "CANCELLING", cascade=True)
    assert (told["status"], told["state"]["type"], told["cascaded"]) == ("REJECT", "PAUSED", 0)
    assert await type_of(client, child) == "RUNNING"


@pytest.mark.parametrize("path", ["{id}/set_state", "bulk_set_state"])
async def test_only_cancelling_goes_down(client: Api, path: str) -> None:
    run = await new_run(client)
    body: dict[str, Any] = {"state": {"type": "FAILED"}}  # Any: JSON
    refused = await client.post(f"/flow_runs/{path.format(id=run['id'])}?cascade=true", body)
    assert refused.status == 422
    assert "cascade" in refused.body.decode()
    assert await type_of(client, run) == "RUNNING"


async def test_many_trees_are_cancelled_in_one_call(client: Api) -> None:
    roots = [await new_run(client) for _ in range(2)]
    children = [await new_child(client, root) for root in roots]
    body = {"flow_runs": {"id": {"any_": [root["id"] for root in roots]}}, "state": {"type": "CANCELLING"}}
    results = (await client.post("/flow_runs/bulk_set_state?cascade=true", body)).json["results"]
    assert [(each["status"], each["cascaded"]) for each in results] == [("ACCEPT", 1)] * 2
    assert [await type_of(client, child) for child in children] == ["CANCELLED"] * 2


async def test_runs_that_their_schedule_skipped_are_not_gone_through(
    client: Api, database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    schedule = {"interval": 60, "anchor_date": clock.now.isoformat(), "timezone": "UTC"}
    catching_up = {"schedule": schedule, "active": True, "catchup": "none", "max_late_seconds": 60}
    deployment = await new_deployment(client, schedules=[catching_up])
    begin = (clock.now, UUID(int=0))
    await tick_all([CreateScheduledRuns(database, settings)])
    clock.forward(3600)
    await tick_all([CreateScheduledRuns(database, settings)])
    wanted = {
        "deployments": {"id": {"any_": [deployment["id"]]}},
        "flow_runs": {"state": {"name": {"any_": ["Skipped"]}}},
    }
    skipped = {run["id"] for run in (await client.post("/flow_runs/filter", wanted)).json}
    assert len(skipped) > 50
    own = await new_run(client, {"type": "CANCELLED", "name": "Skipped"}, deployment_id=deployment["id"])
    clock.forward(1)

    cancelled = await database.read(partial(find_cancelled, after=begin, limit=1000))
    ended = await database.read(partial(find_ended, after=begin, before=clock.now, limit=1000))
    for found in ({str(row["id"]) for row in rows} for rows in (cancelled, ended)):
        assert own["id"] in found
        assert not found & skipped
