"""Runs that were paused for too long fail, once, and others stay paused."""

import pytest

from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.pause_expirations import ExpirePauses
from tests.integration.loops.scene import (
    events_of,
    later,
    move,
    new_deployment,
    new_run,
    state_of,
    tick_all,
    twice,
    type_of,
)
from tests.support.client import Api
from tests.support.clock import DrivenClock
from tests.support.json import Json


async def paused(api: Api, seconds: float | None, name: str = "Paused", **details: Json) -> Json:
    """Make a run that runs and is then paused, for so many seconds if any."""
    deployment = await new_deployment(api)
    run = await new_run(api, deployment_id=deployment["id"], flow_id=deployment["flow_id"])
    members = {"pause_timeout": None if seconds is None else later(seconds), **details}
    assert (await move(api, run, "PAUSED", name=name, state_details=members))["status"] == "ACCEPT"
    return run


@pytest.mark.parametrize(("name", "reschedules"), [("Paused", False), ("Suspended", True)])
async def test_a_run_fails_when_its_pause_has_timed_out(
    client: Api, database: Database, other_database: Database, settings: ServerSettings, clock: DrivenClock,
    name: str, reschedules: bool,
) -> None:  # fmt: skip
    run = await paused(client, 60, name, pause_reschedule=reschedules)
    endless, longer = await paused(client, None, name), await paused(client, 61.5, name)
    loops = twice(ExpirePauses, [database, other_database], settings)

    clock.forward(59)
    await tick_all(loops)
    assert await type_of(client, run) == "PAUSED"
    clock.forward(2)
    await tick_all(loops)

    state = await state_of(client, run)
    assert (state["type"], state["name"]) == ("FAILED", "Failed")
    assert state["message"] == "The flow was paused and never resumed."
    assert await events_of(client, "flow-run", run) == ["Running", name, "Failed"]
    assert await type_of(client, endless) == await type_of(client, longer) == "PAUSED"


async def test_a_run_that_was_resumed_in_time_goes_on(
    client: Api, database: Database, settings: ServerSettings, clock: DrivenClock
) -> None:
    run = await paused(client, 60)
    assert (await client.post(f"/flow_runs/{run['id']}/resume")).status == 201
    clock.forward(120)
    await tick_all([ExpirePauses(database, settings)])
    assert await type_of(client, run) == "RUNNING"
