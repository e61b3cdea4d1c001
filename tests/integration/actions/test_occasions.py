"""Which actions a firing asks for, and which events tell of them."""

from datetime import datetime, timedelta

from ostinato_core.automations.firings import TriggerState
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.deliver_actions import DeliverActions
from tests.integration.actions.scene import deliveries_of, event, let_fire, new_automation, runs_of, traces_of
from tests.integration.loops.scene import new_deployment
from tests.support.client import Api
from tests.support.json import Json
from tests.support.loops import tick_to_end


def _roles(trace: Json) -> dict[str, str]:
    return {each["prefect.resource.role"]: each["prefect.resource.id"] for each in trace["related"]}


async def test_each_state_of_a_trigger_has_its_actions(
    client: Api, database: Database, settings: ServerSettings
) -> None:
    nothing: Json = {"type": "do-nothing"}
    automation = await new_automation(
        client, nothing, nothing, actions_on_trigger=[nothing], actions_on_resolve=[nothing]
    )
    loop, cause = DeliverActions(database, settings), event()
    for state, indexes in ((TriggerState.TRIGGERED, [0, 1, 2]), (TriggerState.RESOLVED, [3])):
        firing = await let_fire(database, automation, cause, state=state)
        await tick_to_end(loop)
        found = [each for each in await deliveries_of(client, automation) if each["firing_id"] == str(firing.id)]
        assert sorted(each["action_index"] for each in found) == indexes
    wanted = {"event": {"name": ["prefect.automation.triggered", "prefect.automation.resolved"]}, "order": "ASC"}
    told = (await client.post("/events/filter", {"filter": wanted, "limit": 50})).json["events"]
    begun, ended = [each["id"] for each in told if each["resource"]["prefect.resource.name"] == automation["name"]]
    traces = [each for each in await traces_of(client, automation) if each["event"].endswith(".triggered")]
    assert {each["payload"]["action_index"]: _roles(each)["triggering-event"] for each in traces} == {
        0: f"prefect.event.{cause.id}",
        1: f"prefect.event.{cause.id}",
        2: f"prefect.event.{begun}",
        3: f"prefect.event.{ended}",
    }
    assert [each["follows"] for each in traces[:1]] == [str(cause.id)]
    assert _roles(traces[0])["automation-triggered-event"] == f"prefect.event.{begun}"
    assert traces[0]["resource"] == {
        "prefect.resource.id": f"prefect.automation.{automation['id']}",
        "prefect.resource.name": automation["name"],
        "prefect.trigger-type": "event",
        "prefect.posture": "Reactive",
    }


async def test_a_run_is_made_for_later(client: Api, database: Database, settings: ServerSettings) -> None:
    deployment = await new_deployment(client)
    automation = await new_automation(
        client, {"type": "run-deployment", "deployment_id": deployment["id"], "schedule_after": 3600}
    )
    firing = await let_fire(database, automation, event())
    await tick_to_end(DeliverActions(database, settings))
    (run,) = await runs_of(client, deployment)
    due = datetime.fromisoformat(run["expected_start_time"])
    assert timedelta(0) <= due - firing.triggered - timedelta(hours=1) <= timedelta(minutes=5)
