"""Events are emitted, found and streamed; `Automation` objects are made, read, changed, switched off and deleted."""

import asyncio
from datetime import timedelta

from _tools import api, unique, wait_until
from prefect import flow
from prefect.automations import Automation
from prefect.events import emit_event, get_events_subscriber
from prefect.events.actions import CancelFlowRun, SuspendFlowRun
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.events.schemas.automations import CompoundTrigger, EventTrigger, Posture


@flow
def emits(name, resource):
    emit_event(name, resource={"prefect.resource.id": resource}, payload={"n": 1})


async def stream(name, resource):
    """Read one event as it comes."""
    wanted = EventFilter(event=EventNameFilter(name=[name]))
    async with get_events_subscriber(filter=wanted) as events:
        emit_event(name, resource={"prefect.resource.id": resource}, payload={"n": 2})
        async with asyncio.timeout(20):
            async for event in events:
                if event.payload.get("n") == 2:
                    return event
    return None


def events():
    name, resource = unique("compat.event"), unique("compat.thing")
    emits(name, resource)
    wanted = {"filter": {"event": {"name": [name]}, "occurred": {"since": "2020-01-01T00:00:00Z"}}}
    page = wait_until(
        lambda: page if (page := api("POST", "/events/filter", wanted))["total"] == 1 else None, "the event is found"
    )
    (event,) = page["events"]
    assert event["resource"]["prefect.resource.id"] == resource and event["payload"] == {"n": 1}, event
    roles = {each.get("prefect.resource.role") for each in event["related"]}
    assert "flow-run" in roles, event["related"]
    assert asyncio.run(stream(name, resource)).resource.id == resource


def automations():
    name = unique("cancel-slow")
    made = Automation(
        name=name,
        description="cancels",
        trigger=EventTrigger(
            expect={"prefect.flow-run.Running"},
            match={"prefect.resource.id": "prefect.flow-run.*"},
            posture=Posture.Reactive,
            threshold=2,
            within=timedelta(seconds=60),
        ),
        actions=[CancelFlowRun()],
    ).create()
    stored = api("GET", f"/automations/{made.id}")
    assert stored["name"] == name and stored["trigger"]["threshold"] == 2 and stored["enabled"], stored
    assert stored["actions"] == [{"type": "cancel-flow-run"}], stored["actions"]
    read = Automation.read(name=name)
    assert read.id == made.id and read.trigger.within == timedelta(seconds=60), read
    assert Automation.read(id=made.id).name == name
    made.description = "cancels them all"
    made.update()
    assert api("GET", f"/automations/{made.id}")["description"] == "cancels them all"
    made.disable()
    assert api("GET", f"/automations/{made.id}")["enabled"] is False
    made.enable()
    assert api("GET", f"/automations/{made.id}")["enabled"] is True
    assert api("POST", "/automations/filter", {"automations": {"name": {"any_": [name]}}})[0]["id"] == str(made.id)
    made.delete()
    api("GET", f"/automations/{made.id}", status=(404,))


def automation_of_two_triggers():
    parts = [
        EventTrigger(expect={name}, posture=Posture.Reactive, threshold=1) for name in ("order.placed", "order.paid")
    ]
    trigger = CompoundTrigger(require="all", within=timedelta(seconds=30), triggers=parts)
    made = Automation(name=unique("both"), trigger=trigger, actions=[SuspendFlowRun()]).create()
    stored = api("GET", f"/automations/{made.id}")["trigger"]
    assert (stored["type"], stored["require"], stored["within"]) == ("compound", "all", 30.0), stored
    assert [part["expect"] for part in stored["triggers"]] == [["order.placed"], ["order.paid"]], stored
    made.delete()


if __name__ == "__main__":
    events()
    automations()
    automation_of_two_triggers()
