"""Automations fire: for each thing that events match, when an event stays away, and by the triggers of a deployment."""

from datetime import timedelta

from _tools import api, unique, wait_until
from prefect import flow
from prefect.automations import Automation
from prefect.events import DeploymentEventTrigger, emit_event
from prefect.events.actions import RunDeployment
from prefect.events.schemas.automations import EventTrigger, Posture

EACH = {"prefect.resource.id"}


@flow
def restock(item: str = "nothing", boxes: int = 0):
    return item, boxes


def emit(name, thing, kind="fruit", **payload):
    emit_event(name, resource={"prefect.resource.id": thing, "kind": kind}, payload=payload)


def trigger(within, **members):
    return EventTrigger(for_each=EACH, within=timedelta(seconds=within), **members)


def automation(name, trigger, deployment_id, **parameters):
    action = RunDeployment(deployment_id=deployment_id, parameters=parameters)
    return Automation(name=unique(name), trigger=trigger, actions=[action]).create()


def runs_of(automation_id, number=1):
    """Wait for the flow runs that an automation has made; return them."""
    wanted = {"flow_runs": {"created_by": {"id_": [str(automation_id)], "type_": ["AUTOMATION"]}}}
    return wait_until(
        lambda: found if len(found := api("POST", "/flow_runs/filter", wanted)) >= number else None,
        f"{number} runs of the automation",
        40,
    )


def told_of(automation_id, name):
    """Wait for the events of one name about an automation; return them."""
    wanted = {
        "event": {"name": [f"prefect.automation.{name}"]},
        "resource": {"id": [f"prefect.automation.{automation_id}"]},
    }
    return wait_until(lambda: api("POST", "/events/filter", {"filter": wanted})["events"], f"an event {name}")


def stored(name, number):
    """Wait until so many events of a name can be read."""
    wanted = {"filter": {"event": {"name": [name]}}}
    wait_until(lambda: len(api("POST", "/events/filter", wanted)["events"]) >= number, f"{number} events {name}")


def fires_once(made, thing, parameters):
    """Check that an automation fired once, for `thing`, and that its one run and its events say so."""
    (run,) = runs_of(made.id)
    assert run["parameters"] == parameters, run["parameters"]
    assert run["created_by"] == {"id": str(made.id), "type": "AUTOMATION", "display_value": made.name}, run
    (executed,) = told_of(made.id, "action.executed")
    assert (
        executed["payload"].items() >= {"action_index": 0, "action_type": "run-deployment", "status_code": 201}.items()
    )
    targets = {each["prefect.resource.id"] for each in executed["related"]}
    assert {f"prefect.deployment.{run['deployment_id']}", f"prefect.flow-run.{run['id']}"} <= targets, targets
    (triggered,) = told_of(made.id, "triggered")
    assert triggered["payload"]["triggering_labels"] == {"prefect.resource.id": thing}, triggered
    assert api("GET", f"/flow_runs/{run['id']}")["state_type"] in ("SCHEDULED", "PENDING"), run


def triggers_of(deployment_id):
    """Return the automations that a deployment owns."""
    return api("GET", f"/automations/related-to/prefect.deployment.{deployment_id}")


def deploy(name, expected):
    wanted = DeploymentEventTrigger(
        name=f"{name}-trigger",
        expect={expected},
        match={"kind": "fruit"},
        parameters={"item": "{{ event.resource.id }}", "boxes": 1},
    )
    return restock.to_deployment(name, triggers=[wanted]).apply()


def triggers_of_a_deployment():
    name, first, second = unique("triggered"), unique("harvest"), unique("delivery")
    deployment_id = deploy(name, first)
    (before,) = triggers_of(deployment_id)
    assert before["name"] == f"{name}-trigger" and before["trigger"]["expect"] == [first], before
    emit(first, "apple")
    (run,) = runs_of(before["id"])
    assert run["parameters"] == {"item": "apple", "boxes": 1} and run["deployment_id"] == str(deployment_id), run
    assert deploy(name, second) == deployment_id
    (after,) = triggers_of(deployment_id)
    assert after["id"] != before["id"] and after["trigger"]["expect"] == [second], after
    emit(first, "pear")
    emit(second, "plum")
    assert [run["parameters"]["item"] for run in runs_of(after["id"])] == ["plum"]
    assert [run["parameters"]["item"] for run in runs_of(before["id"])] == ["apple"]


if __name__ == "__main__":
    deployment_id = restock.to_deployment(unique("restock")).apply()
    name, late, paid = unique("sold"), unique("ordered"), unique("paid")
    overdue = automation(
        "overdue",
        trigger(10, posture=Posture.Proactive, after={late}, expect={paid}, match={"kind": "fruit"}),
        deployment_id,
        item="{{ firing.triggering_labels['prefect.resource.id'] }} is late",
    )
    sold = automation(
        "sold",
        trigger(60, posture=Posture.Reactive, expect={name}, match={"kind": "fruit"}, threshold=2),
        deployment_id,
        item="{{ event.resource.id }} of {{ automation.name }}",
        boxes="{{ event.payload.boxes }}",
    )
    emit(late, "order-1")
    emit(late, "order-2")
    # The reference may take a burst in any order, so what has to be first is waited for.
    for thing, kind in [("pear", "fruit"), ("saw", "tool"), ("saw", "tool"), ("apple", "fruit")]:
        emit(name, thing, kind, boxes=1)
    stored(name, 4)
    emit(name, "apple", boxes=7)
    told_of(sold.id, "triggered")
    emit(paid, "order-1")
    fires_once(sold, "apple", {"item": f"apple of {sold.name}", "boxes": 7})
    triggers_of_a_deployment()
    fires_once(overdue, "order-2", {"item": "order-2 is late"})
    for made in (sold, overdue):
        made.delete()
