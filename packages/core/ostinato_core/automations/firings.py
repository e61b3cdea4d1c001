"""A trigger has fired: recording it, and what is to be done, in the transaction that found it out."""

from collections.abc import Sequence

from ostinato_core.automations.deliveries.queue import add_deliveries
from ostinato_core.automations.firing import Firing, TriggerState
from ostinato_core.events.new_event import NewEvent, as_json
from ostinato_core.events.outbox import record
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME

__all__ = ["Firing", "TriggerState", "fire", "fire_all", "firing_event"]


async def fire(tx: Transaction, automation: Row, firing: Firing) -> None:
    """Record the firing of the trigger of an automation: see `fire_all`."""
    await fire_all(tx, [(automation, firing)])


async def fire_all(tx: Transaction, fired: Sequence[tuple[Row, Firing]]) -> None:
    """Record firings of automations: of each the event `prefect.automation.triggered` or `.resolved` (behaviour.md,
    section 21.6), and a delivery for each action that is to be done. Called in the transaction that evaluated the
    triggers, so that all of it happens or nothing; two statements, however many they are.
    """
    events = [firing_event(automation, firing) for automation, firing in fired]
    await record(tx, *events)
    told = [as_json(event, received=tx.now) for event in events]
    await add_deliveries(tx, [(*each, event) for each, event in zip(fired, told, strict=True)])


def firing_event(automation: Row, firing: Firing) -> NewEvent:
    """Return the event that tells of a firing, with an id of its own."""
    trigger: JsonDict = automation["trigger"]
    cause = firing.triggering_event
    resource = {RESOURCE_ID: f"prefect.automation.{automation['id']}", RESOURCE_NAME: automation["name"]}
    if "posture" in trigger:
        resource["prefect.posture"] = trigger["posture"]
    measured = {"triggering_value": firing.triggering_value} if trigger["type"] == "metric" else {}
    related = [{RESOURCE_ID: f"prefect.event.{cause.id}", "prefect.resource.role": "triggering-event"}] if cause else []
    return {
        "id": new_id(),
        "event": f"prefect.automation.{firing.state.lower()}",
        "occurred": firing.triggered,
        "resource": resource,
        "related": related,
        "payload": {
            "triggering_labels": dict(firing.triggering_labels),
            "triggering_event": cause.content() if cause else None,
            **measured,
        },
    }
