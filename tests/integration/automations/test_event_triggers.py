"""Automations fire by events, as a client of the server sees it."""

from uuid import uuid4

import pytest

from tests.integration.automations.scene import evaluated, event, fired, firings, name, new_automation, send, trigger
from tests.support.client import Api

pytestmark = pytest.mark.replicas


async def test_an_automation_fires_by_the_event_that_it_waits_for(api: Api) -> None:
    expected = name()
    automation = await new_automation(api, trigger(expected))
    cause = event(expected, payload={"a": 1})
    await send(api, event(name()), cause)

    (firing,) = await fired(api, automation)

    assert firing["resource"] == {
        "prefect.resource.id": f"prefect.automation.{automation['id']}",
        "prefect.resource.name": automation["name"],
        "prefect.posture": "Reactive",
    }
    assert firing["related"] == [
        {"prefect.resource.id": f"prefect.event.{cause['id']}", "prefect.resource.role": "triggering-event"}
    ]
    assert firing["payload"]["triggering_labels"] == {}
    assert firing["payload"]["triggering_event"]["id"] == cause["id"]
    assert firing["payload"]["triggering_event"]["payload"] == {"a": 1}


async def test_events_are_counted_apart_by_what_for_each_names(api: Api) -> None:
    expected = name()
    wanted = trigger(expected, threshold=2, within=60, for_each=["prefect.resource.id"])
    automation = await new_automation(api, wanted)
    await send(api, event(expected, "a"))
    await send(api, event(expected, "b"), event(expected, "a"))
    await evaluated(api)

    (firing,) = await fired(api, automation)
    assert firing["payload"]["triggering_labels"] == {"prefect.resource.id": "a"}


async def test_an_event_that_is_sent_twice_counts_once(api: Api) -> None:
    expected = name()
    automation = await new_automation(api, trigger(expected, threshold=2, within=60))
    once = event(expected)
    await send(api, once)
    await evaluated(api)
    await send(api, once, once)
    await evaluated(api)
    assert await firings(api, automation) == []


async def test_the_state_of_a_run_fires(api: Api) -> None:
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    related = {"prefect.resource.id": f"prefect.flow.{flow['id']}", "prefect.resource.role": "flow"}
    automation = await new_automation(api, trigger("prefect.flow-run.Failed", match_related=related))
    run = await api.created("/flow_runs/", {"flow_id": flow["id"], "state": {"type": "RUNNING"}})
    await api.post(f"/flow_runs/{run['id']}/set_state", {"state": {"type": "FAILED"}, "force": True})

    (firing,) = await fired(api, automation)
    assert firing["payload"]["triggering_event"]["resource"]["prefect.resource.id"] == f"prefect.flow-run.{run['id']}"


async def test_an_automation_that_is_disabled_replaced_or_deleted_does_not_fire_any_more(api: Api) -> None:
    expected = name()
    disabled, replaced, deleted = [await new_automation(api, trigger(expected, threshold=2)) for _ in range(3)]
    await send(api, event(expected))
    await evaluated(api)
    await api.request("PATCH", f"/automations/{disabled['id']}", {"enabled": False})
    await api.put(f"/automations/{replaced['id']}", replaced)
    await api.delete(f"/automations/{deleted['id']}")
    await send(api, event(expected))
    await evaluated(api)

    assert [await firings(api, each) for each in (disabled, replaced, deleted)] == [[], [], []]
    await send(api, event(expected))
    await fired(api, replaced)


async def test_an_event_is_evaluated_after_the_one_that_it_follows(api: Api) -> None:
    first, second = name(), name()
    automation = await new_automation(api, trigger(second, after=[first], within=60))
    leader = event(first, at=-1)
    follower = event(second, follows=leader["id"])
    await send(api, follower)
    await evaluated(api)
    assert await firings(api, automation) == []
    await send(api, leader)

    (firing,) = await fired(api, automation)
    assert firing["payload"]["triggering_event"]["id"] == follower["id"]


async def test_a_sequence_fires_when_its_triggers_fire_in_order(api: Api) -> None:
    one, two = name(), name()
    automation = await new_automation(api, {"type": "sequence", "within": 60, "triggers": [trigger(one), trigger(two)]})
    for each in (two, one):
        await send(api, event(each))
    await evaluated(api)
    assert await firings(api, automation) == []
    last = event(two)
    await send(api, last)

    (firing,) = await fired(api, automation)
    assert firing["payload"]["triggering_event"]["id"] == last["id"]
    assert "prefect.posture" not in firing["resource"]


async def test_a_proactive_trigger_fires_where_nothing_came(api: Api) -> None:
    started, ended = name(), name()
    wanted = trigger(ended, after=[started], for_each=["prefect.resource.id"], posture="Proactive", within=10)
    automation = await new_automation(api, wanted)
    cause = event(started, "a")
    await send(api, cause, event(started, "b"))
    await send(api, event(ended, "b"))

    (firing,) = await fired(api, automation)
    assert firing["payload"]["triggering_labels"] == {"prefect.resource.id": "a"}
    assert firing["payload"]["triggering_event"]["id"] == cause["id"]


async def test_an_automation_does_not_fire_by_its_own_firing(api: Api) -> None:
    expected = name()
    kick = await new_automation(api, trigger(expected))
    watcher = await new_automation(api, trigger("prefect.automation.triggered"))
    other = await new_automation(api, trigger("prefect.automation.triggered"))
    await send(api, event(expected))
    await fired(api, kick)
    for each in (watcher, other):
        await api.request("PATCH", f"/automations/{each['id']}", {"enabled": False})
    # Each fires by `kick`, by the other's firing upon that, and perhaps by the witness below; never by its own.
    for each in (watcher, other):
        own = f"prefect.automation.{each['id']}"
        for firing in await firings(api, each):
            assert firing["payload"]["triggering_event"]["resource"]["prefect.resource.id"] != own


async def test_automations_go_with_the_deployment_that_owns_them(api: Api) -> None:
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    deployment = await api.created("/deployments/", {"name": "owner", "flow_id": flow["id"]})
    resource = f"prefect.deployment.{deployment['id']}"
    owned = await new_automation(api, trigger(name()), owner_resource=resource)
    other = await new_automation(api, trigger(name()))
    assert (await api.delete(f"/deployments/{deployment['id']}")).status == 204

    assert (await api.get(f"/automations/{owned['id']}")).status == 404
    assert (await api.get(f"/automations/{other['id']}")).status == 200
    wanted = {"resource": {"id": [f"prefect.automation.{owned['id']}"]}, "order": "ASC"}
    told = (await api.post("/events/filter", {"filter": wanted})).json["events"]
    assert [each["event"] for each in told] == ["prefect.automation.created", "prefect.automation.deleted"]
