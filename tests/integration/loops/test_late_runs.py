"""Runs that should have begun are marked late, however many there are and whoever looks."""

import time

from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.late_runs import MarkLateRuns
from tests.integration.loops.scene import (
    NEW,
    events_of,
    later,
    move,
    new_child,
    new_deployment,
    new_run,
    state_of,
    task_state_of,
    tick_all,
    twice,
)
from tests.support.client import Api
from tests.support.clock import DrivenClock
from tests.support.json import Json


def due(seconds: float, name: str | None = None) -> Json:
    """Return a SCHEDULED state that is due in so many seconds."""
    return {"type": "SCHEDULED", "name": name, "state_details": {"scheduled_time": later(seconds)}}


async def test_a_run_is_late_15_seconds_after_its_time(
    client: Api, database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    soon, in_time, again = [await new_run(client, state=due(at)) for at in (0, 10, 0)]
    await move(client, again, "PENDING")
    named = await new_run(client, state=due(0, "AwaitingConcurrencySlot"))
    loop = MarkLateRuns(database, settings)

    clock.forward(14.9)
    await tick_all([loop])
    assert (await state_of(client, soon))["name"] == "Scheduled"
    clock.forward(0.2)
    await tick_all([loop])

    late = await state_of(client, soon)
    assert (late["type"], late["name"]) == ("SCHEDULED", "Late")
    assert late["state_details"]["scheduled_time"] == soon["state"]["state_details"]["scheduled_time"]
    found = (await client.get(f"/flow_runs/{soon['id']}")).json
    for column in ("expected_start_time", "next_scheduled_start_time", "run_count", "empirical_policy", "tags"):
        assert found[column] == soon[column]
    states = (await client.get("/flow_run_states/", flow_run_id=soon["id"])).json
    assert [state["name"] for state in states] == ["Scheduled", "Late"]
    assert (await state_of(client, in_time))["name"] == "Scheduled"
    assert (await state_of(client, again))["name"] == "Pending"
    assert (await state_of(client, named))["name"] == "AwaitingConcurrencySlot"


async def test_replicas_mark_thousands_of_runs_once_and_in_bulk(
    client: Api, database: Database, other_database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    """An outage of three days on a schedule of one minute leaves 4 320 runs behind; here a quarter of them."""
    clock.forward(60)
    await tick_all([MarkLateRuns(database, settings)])  # what other tests have left
    first = await new_run(client, state=due(0))
    runs = [await new_run(client, state=due(0), flow_id=first["flow_id"]) for _ in range(1_080)]
    clock.forward(60)

    began = time.monotonic()
    done = await tick_all(twice(MarkLateRuns, [database, other_database], settings))
    took = time.monotonic() - began

    assert done == 1_081
    assert took < 10, took
    wanted = {"flows": {"id": {"any_": [first["flow_id"]]}}, "flow_runs": {"state": {"name": {"any_": ["Late"]}}}}
    assert (await client.post("/flow_runs/count", wanted)).json == 1_081
    for run in runs[::100]:
        assert await events_of(client, "flow-run", run) == ["Scheduled", "Late"]


async def test_where_new_runs_are_cancelled_so_are_late_ones(
    client: Api, database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    options = {"collision_strategy": "CANCEL_NEW"}
    deployment = await new_deployment(client, concurrency_limit=1, concurrency_options=options)
    member = {"deployment_id": deployment["id"], "flow_id": deployment["flow_id"]}
    holder, late = [await new_run(client, state=due(0), **member) for _ in range(2)]
    body = {"state": {"type": "PENDING"}}
    await client.request("POST", f"/flow_runs/{holder['id']}/set_state", body, headers=NEW)
    clock.forward(20)

    await tick_all([MarkLateRuns(database, settings)])

    state = await state_of(client, late)
    assert (state["type"], state["message"]) == ("CANCELLED", "Deployment concurrency limit reached.")
    found = (await client.get(f"/flow_runs/{late['id']}")).json
    assert found["end_time"] is not None
    assert found["next_scheduled_start_time"] is None
    assert await events_of(client, "flow-run", late) == ["Scheduled", "Cancelled"]


async def test_the_task_run_of_a_late_sub_flow_run_follows_it(
    client: Api, database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    child = await new_child(client, await new_run(client), "SCHEDULED")
    clock.forward(20)
    await tick_all([MarkLateRuns(database, settings)])
    assert (await state_of(client, child))["name"] == "Late"
    assert (await task_state_of(client, {"id": child["parent_task_run_id"]}))["name"] == "Late"
