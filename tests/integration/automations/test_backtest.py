"""Trying a draft out on stored events: what it would have done, and why one event did or did not fire it."""

from typing import Any
from uuid import uuid4

import pytest

from tests.integration.automations.scene import event, fired, name, new_automation, send, trigger
from tests.support.client import Api
from tests.support.json import Json

pytestmark = pytest.mark.replicas


def draft(trigger: Json, *actions: Json) -> Json:
    return {"name": "draft", "trigger": trigger, "actions": list(actions) or [{"type": "do-nothing"}]}


async def backtest(api: Api, trigger: Json, *actions: Json, **members: Any) -> Json:
    answer = await api.post("/automations/backtest", {"automation": draft(trigger, *actions), **members})
    assert answer.status == 200, answer.body
    return answer.json


async def test_a_draft_fires_as_the_automation_does(api: Api) -> None:
    expected = name()
    wanted = trigger(expected, threshold=2, within=60, for_each=["prefect.resource.id"])
    automation = await new_automation(api, wanted)
    sent = [event(expected, "a", at=-5), event(expected, "b", at=-4), event(expected, "a", at=-3)]
    for each in sent:
        await send(api, each)
    await fired(api, automation)

    found = await backtest(api, wanted)
    assert (found["events"], found["fired"], found["is_complete"]) == (3, 1, True)
    (firing,) = found["firings"]
    assert firing["triggering_event"]["id"] == sent[2]["id"]
    assert firing["triggering_labels"] == {"prefect.resource.id": "a"}
    assert (await api.post("/automations/filter", {"automations": {"name": {"any_": ["draft"]}}})).json == []


async def test_templates_and_targets_of_the_firings_are_shown(api: Api) -> None:
    expected = name()
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    deployment = await api.created("/deployments/", {"name": "one", "flow_id": flow["id"]})
    resource = f"prefect.deployment.{deployment['id']}"
    await send(api, event(expected, resource, payload={"count": 3}))
    run = {"type": "run-deployment", "source": "inferred", "parameters": {"n": "{{ event.payload.count }}"}}
    absent = {"type": "pause-work-pool", "source": "inferred"}

    (firing,) = (await backtest(api, trigger(expected), run, absent))["firings"]
    first, second = firing["actions"]
    assert (first["type"], first["target"]) == ("run-deployment", resource)
    assert first["rendered"] == {"parameters": {"n": 3}}
    assert second["reason"] is not None
    assert (await api.post("/flow_runs/count", {"flows": {"id": {"any_": [flow["id"]]}}})).json == 0


async def test_actions_are_previewed_on_any_stored_event(api: Api) -> None:
    cause = event(name(), payload={"count": 3})
    await send(api, cause)
    run = {"type": "run-deployment", "deployment_id": str(uuid4()), "parameters": {"n": "{{ event.payload.count }}"}}
    made = draft(trigger("something.else"), run) | {"actions_on_resolve": [{"type": "do-nothing"}]}

    shown = (await api.post("/automations/preview", {"automation": made, "event_id": cause["id"]})).json

    assert shown["event"]["id"] == cause["id"]
    (action,) = shown["actions"]
    assert (action["type"], action["target"]) == ("run-deployment", f"prefect.deployment.{run['deployment_id']}")
    assert action["reason"] is not None
    body = {"automation": made, "event_id": cause["id"], "state": "Resolved"}
    ended = (await api.post("/automations/preview", body)).json["actions"]
    assert [(each["index"], each["type"]) for each in ended] == [(1, "do-nothing")]
    missing = str(uuid4())
    answer = await api.post("/automations/preview", {"automation": made, "event_id": missing})
    assert (answer.status, answer.json["detail"]) == (404, f"Event {missing} is not stored.")


async def test_absence_fires_in_the_past(api: Api) -> None:
    started, ended = name(), name()
    wanted = trigger(ended, after=[started], for_each=["prefect.resource.id"], posture="Proactive", within=60)
    await send(api, event(started, "a", at=-600), event(started, "b", at=-590), event(ended, "b", at=-580))
    found = await backtest(api, wanted)
    (firing,) = found["firings"]
    assert firing["triggering_labels"] == {"prefect.resource.id": "a"}
    assert firing["triggering_event"]["event"] == started


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"expect": ["other"]}, "is none that is expected: other."),
        ({"match": {"color": "blue"}}, "The label color of the resource is 'red'; wanted is 'blue'."),
        ({"match": {"size": ["1", "!2"]}}, "The resource has no label size; wanted is '1' or not '2'."),
        (
            {"match_related": {"prefect.resource.role": "flow"}},
            "No related resource has prefect.resource.role = 'flow'",
        ),
        ({"threshold": 2, "within": 60}, "It counts, which is not enough yet: count 1 of 2 until"),
        ({"after": ["other"]}, "It does not count: no event of other came before it."),
    ],
)
async def test_why_an_event_does_not_fire(api: Api, members: Json, said: str) -> None:
    expected = name()
    cause = event(expected, at=-1)
    cause["resource"]["color"] = "red"
    await send(api, cause)
    explanation = (await backtest(api, trigger(expected) | members, event_id=cause["id"]))["explanation"]
    assert explanation["event"]["id"] == cause["id"]
    (told,) = explanation["triggers"]
    assert (explanation["fired"], told["fired"]) == (False, False)
    assert said in told["reasons"][0]


async def test_why_an_event_fires(api: Api) -> None:
    one, two = name(), name()
    first, second = event(one, at=-9), event(two, at=-8)
    await send(api, first, second)
    both = {"type": "sequence", "within": 60, "triggers": [trigger(one), trigger(two)]}
    found = await backtest(api, both, event_id=second["id"])
    assert found["explanation"]["fired"] is True
    assert [each["fired"] for each in found["explanation"]["triggers"]] == [False, True]
    assert (await backtest(api, both, event_id=first["id"]))["explanation"]["fired"] is False


async def test_what_cannot_be_tested_is_said(api: Api) -> None:
    missing = str(uuid4())
    body = {"automation": draft(trigger("a")), "event_id": missing}
    answer = await api.post("/automations/backtest", body)
    assert (answer.status, answer.json["detail"]) == (404, f"Event {missing} is not stored.")


async def test_only_the_events_that_are_asked_for_are_seen(api: Api) -> None:
    expected = name()
    await send(api, event(expected, "a", at=-2), event(expected, "b", at=-1), event(expected, "a", at=-7200))
    of_a = {"resource": {"id": ["a"]}}
    assert (await backtest(api, trigger(expected), events=of_a))["fired"] == 2
    assert (await backtest(api, trigger(expected)))["fired"] == 3
    since = event(expected, at=-60)["occurred"]
    assert (await backtest(api, trigger(expected), since=since))["fired"] == 2
    assert (await backtest(api, trigger(expected), since=since, until=since))["fired"] == 0
