"""Actions that change the server's own objects, each on what it names or on what its event tells of."""

import pytest

from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.deliver_actions import DeliverActions
from tests.integration.actions.scene import (
    deliveries_of,
    event,
    let_fire,
    new_automation,
    resource,
    runs_of,
    traces_of,
)
from tests.integration.loops.scene import new_deployment, new_run, state_of
from tests.support.client import Api
from tests.support.json import Json
from tests.support.loops import tick_to_end
from tests.support.pools import new_pool, new_queue


@pytest.fixture
def loop(database: Database, settings: ServerSettings) -> DeliverActions:
    return DeliverActions(database, settings)


async def test_run_deployment_makes_a_run_with_rendered_parameters(
    client: Api, database: Database, loop: DeliverActions
) -> None:
    deployment = await new_deployment(client, parameters={"kept": 1}, enforce_parameter_schema=False)
    action = {
        "type": "run-deployment",
        "source": "selected",
        "deployment_id": deployment["id"],
        "parameters": {
            "text": "It was {{ event.event }} at {{ labels.place }}{{ nothing.at.all }}",
            "number": "{{ 1 + 1 }}",
            "object": "{{ event.payload.thing }}",
            "variable": {"__prefect_kind": "workspace_variable", "variable_name": "colour"},
            "inner": ["{{ event.resource.name }}"],
        },
        "schedule_after": 60,
    }
    await client.created("/variables/", {"name": "colour", "value": "red"})
    automation = await new_automation(client, action)
    cause = event({"prefect.resource.id": "a.thing", "prefect.resource.name": "it"}, thing={"a": ["<b>"]})
    await let_fire(database, automation, cause, labels={"place": "home"})
    assert await tick_to_end(loop) == 1

    (run,) = await runs_of(client, deployment)
    assert run["parameters"] == {
        "kept": 1,
        "text": "It was thing.happened at home",
        "number": 2,
        "object": {"a": ["<b>"]},
        "variable": "red",
        "inner": ["it"],
    }
    assert run["created_by"] == {
        "id": automation["id"],
        "type": "AUTOMATION",
        "display_value": automation["name"],
    }
    (delivery,) = await deliveries_of(client, automation)
    assert run["idempotency_key"] == f"automation {automation['id']}, action 0, invocation {delivery['id']}"
    assert (delivery["state"], delivery["attempts"], delivery["result"]) == ("delivered", 1, {"status_code": 201})


async def _scene(client: Api) -> dict[str, Json]:
    pool = await new_pool(client)
    deployment = await new_deployment(client, work_pool_name=pool["name"])
    return {
        "work_pool": pool,
        "deployment": deployment,
        "work_queue": await new_queue(client, pool, "q"),
        "automation": await new_automation(client, {"type": "do-nothing"}),
    }


PATHS = {"deployment": "/deployments", "work_queue": "/work_queues", "automation": "/automations"}


async def _read(client: Api, noun: str, thing: Json) -> Json:
    if noun == "work_pool":
        return (await client.get(f"/work_pools/{thing['name']}")).json
    return (await client.get(f"{PATHS[noun]}/{thing['id']}")).json


def _is_paused(noun: str, thing: Json) -> bool:
    if noun == "automation":
        return not thing["enabled"]
    return thing["paused" if noun == "deployment" else "is_paused"]


@pytest.mark.parametrize("source", ["selected", "inferred"])
@pytest.mark.parametrize(
    ("noun", "status"), [("deployment", 200), ("work_pool", 204), ("work_queue", 204), ("automation", 204)]
)
async def test_a_noun_is_paused_and_resumed(
    client: Api, database: Database, loop: DeliverActions, noun: str, status: int, source: str
) -> None:
    things = await _scene(client)
    target = things[noun]
    kind = noun.replace("_", "-")
    selected = {f"{noun}_id": target["id"]} if source == "selected" else {}
    related = [resource(name.replace("_", "-"), each["id"], "some") for name, each in things.items()]
    for verb, paused in (("pause", True), ("resume", False)):
        automation = await new_automation(client, {"type": f"{verb}-{kind}", "source": source, **selected})
        await let_fire(database, automation, event(None, *related))
        await tick_to_end(loop)
        (delivery,) = await deliveries_of(client, automation)
        assert (delivery["state"], delivery["result"]) == ("delivered", {"status_code": status})
        assert _is_paused(noun, await _read(client, noun, target)) is paused
        begun, ended = await traces_of(client, automation)
        assert begun["event"].endswith(".triggered")
        assert ended["event"].endswith(".executed")
        assert ended["follows"] == begun["id"]
        named = {"prefect.resource.name": target["name"]} if noun == "work_pool" else {}
        assert begun["related"][0] == resource(kind, target["id"], "target", **named)
        assert ended["payload"] == {
            "action_index": 0,
            "action_type": f"{verb}-{kind}",
            "invocation": delivery["id"],
            "status_code": status,
        }


@pytest.mark.parametrize(
    ("action", "type_", "name", "message"),
    [
        ({"type": "cancel-flow-run"}, "CANCELLING", "Cancelling", "Cancelled by Automation {id}"),
        ({"type": "suspend-flow-run"}, "PAUSED", "Suspended", "Suspended by Automation {id}"),
        (
            {"type": "change-flow-run-state", "state": "FAILED", "name": "Given up"},
            "FAILED",
            "Given up",
            "State changed by Automation {id}",
        ),
        (
            {"type": "change-flow-run-state", "state": "CRASHED", "message": "gone", "force": True},
            "CRASHED",
            "Crashed",
            "gone",
        ),
    ],
)
async def test_a_flow_run_gets_another_state(
    client: Api, database: Database, loop: DeliverActions, action: Json, type_: str, name: str, message: str
) -> None:
    deployment = await new_deployment(client)
    run = await new_run(client, deployment_id=deployment["id"], flow_id=deployment["flow_id"])
    automation = await new_automation(client, action)
    await let_fire(database, automation, event(resource("flow-run", run["id"])))
    await tick_to_end(loop)
    (delivery,) = await deliveries_of(client, automation)
    assert (delivery["state"], delivery["result"]) == ("delivered", {"status_code": 201})
    state = await state_of(client, run)
    assert (state["type"], state["name"], state["message"]) == (type_, name, message.format(id=automation["id"]))


async def test_a_suspended_run_is_resumed_and_a_run_is_deleted(
    client: Api, database: Database, loop: DeliverActions
) -> None:
    deployment = await new_deployment(client)
    run = await new_run(client, deployment_id=deployment["id"], flow_id=deployment["flow_id"])
    cause = event(resource("flow-run", run["id"]))
    for type_, state in (("suspend", "PAUSED"), ("resume", "SCHEDULED")):
        automation = await new_automation(client, {"type": f"{type_}-flow-run"})
        await let_fire(database, automation, cause)
        await tick_to_end(loop)
        assert (await state_of(client, run))["type"] == state
    automation = await new_automation(client, {"type": "delete-flow-run"})
    await let_fire(database, automation, cause)
    await tick_to_end(loop)
    assert (await client.get(f"/flow_runs/{run['id']}")).status == 404


async def test_the_run_for_which_the_trigger_counted_comes_before_that_of_the_event(
    client: Api, database: Database, loop: DeliverActions
) -> None:
    counted, other = await new_run(client), await new_run(client)
    automation = await new_automation(client, {"type": "cancel-flow-run"})
    labels = {"prefect.resource.id": f"prefect.flow-run.{counted['id']}"}
    await let_fire(database, automation, event(resource("flow-run", other["id"])), labels=labels)
    await tick_to_end(loop)
    assert (await state_of(client, counted))["type"] == "CANCELLING"
    assert (await state_of(client, other))["type"] == "RUNNING"


NONE = "c3972e80-ace6-43c5-9c0d-fc582d835e57"


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ({"type": "run-deployment", "source": "inferred"}, {"reason": "No deployment could be inferred"}),
        ({"type": "pause-work-pool", "source": "inferred"}, {"reason": "No work pool could be inferred"}),
        ({"type": "pause-work-queue", "source": "inferred"}, {"reason": "No work queue could be inferred"}),
        ({"type": "pause-automation", "source": "inferred"}, {"reason": "No automation could be inferred"}),
        ({"type": "cancel-flow-run"}, {"reason": "No flow run could be inferred"}),
        ({"type": "pause-work-pool", "work_pool_id": NONE}, {"reason": f"Work pool {NONE} not found"}),
        (
            {"type": "run-deployment", "deployment_id": NONE},
            {"reason": "Unexpected status from 'run-deployment' action: 404", "status_code": 404},
        ),
        (
            {"type": "pause-work-queue", "work_queue_id": NONE},
            {"reason": "Unexpected status from 'pause-work-queue' action: 404", "status_code": 404},
        ),
        (
            {"type": "pause-automation", "automation_id": NONE},
            {"reason": "Unexpected status from 'pause-automation' action: 404", "status_code": 404},
        ),
    ],
)
async def test_an_action_without_its_object_fails_as_in_the_reference(
    client: Api, database: Database, loop: DeliverActions, action: Json, payload: Json
) -> None:
    automation = await new_automation(client, action)
    await let_fire(database, automation, event())
    await tick_to_end(loop)
    (delivery,) = await deliveries_of(client, automation)
    assert (delivery["state"], delivery["reason"], delivery["attempts"]) == ("failed", payload["reason"], 1)
    _, failed = await traces_of(client, automation)
    assert failed["event"].endswith(".failed")
    assert payload.items() <= failed["payload"].items()


async def test_of_actions_that_are_due_together_one_fails_and_the_others_are_done_once(
    client: Api, database: Database, loop: DeliverActions
) -> None:
    deployments = [await new_deployment(client) for _ in range(3)]
    chosen = [{"type": "run-deployment", "deployment_id": each["id"]} for each in deployments]
    well = [await new_automation(client, action) for action in chosen]
    ill = await new_automation(client, {"type": "run-deployment", "deployment_id": NONE})
    for automation in (well[0], ill, *well[1:]):
        await let_fire(database, automation, event())
    await loop.tick()
    assert [len(await runs_of(client, each)) for each in deployments] == [1, 1, 1]
    for automation, ending in [(ill, "failed"), *[(each, "delivered") for each in well]]:
        (delivery,) = await deliveries_of(client, automation)
        assert (delivery["state"], delivery["attempts"]) == (ending, 1)
        told = [each["event"].rpartition(".")[2] for each in await traces_of(client, automation)]
        assert told == ["triggered", "failed" if automation is ill else "executed"]


async def test_without_an_event_nothing_is_inferred(client: Api, database: Database, loop: DeliverActions) -> None:
    automation = await new_automation(
        client, {"type": "resume-deployment", "source": "inferred"}, {"type": "delete-flow-run"}
    )
    await let_fire(database, automation, None)
    await tick_to_end(loop)
    reasons = [each["reason"] for each in await deliveries_of(client, automation)]
    assert reasons == ["No event to infer the deployment", "No event to infer the flow run"]


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("cancel-flow-run", "Failed to set state: Run is already in terminal state COMPLETED."),
        ("suspend-flow-run", "Failed to set state: Run is already in terminal state COMPLETED."),
        ("resume-flow-run", "Failed to resume flow run: Cannot resume a flow run that is not paused."),
    ],
)
async def test_a_state_that_is_not_accepted_is_a_failure(
    client: Api, database: Database, loop: DeliverActions, action: str, reason: str
) -> None:
    run = await new_run(client, "COMPLETED")
    automation = await new_automation(client, {"type": action})
    await let_fire(database, automation, event(resource("flow-run", run["id"])))
    await tick_to_end(loop)
    (delivery,) = await deliveries_of(client, automation)
    assert (delivery["state"], delivery["reason"]) == ("failed", reason)


async def test_an_incident_is_declared_on_what_the_event_tells_of(
    client: Api, database: Database, loop: DeliverActions
) -> None:
    automation = await new_automation(client, {"type": "declare-incident"}, description="look at it", tags=["t"])
    run = resource("flow-run", NONE)
    await let_fire(database, automation, event(run, resource("flow", NONE, "flow")))
    await tick_to_end(loop)
    (delivery,) = await deliveries_of(client, automation)
    assert delivery["state"] == "delivered"
    found = await client.created("/incidents/filter", {"incidents": {"name": {"any_": [automation["name"]]}}})
    assert [(each["summary"], each["tags"]) for each in found] == [("look at it", ["t"])]
    assert [each["prefect.resource.id"] for each in found[0]["related_resources"]] == [
        f"prefect.flow-run.{NONE}",
        f"prefect.flow.{NONE}",
    ]
