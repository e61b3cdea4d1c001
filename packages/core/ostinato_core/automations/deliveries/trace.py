"""The events that tell of an action: that it begins, and how it has ended (behaviour.md, section 21.6)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from ostinato_core.automations.actions.views import as_time
from ostinato_core.events.new_event import NewEvent
from ostinato_core.events.outbox import record
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

_FOLLOWS_WITHIN: Final = timedelta(minutes=5)

Related = Sequence[JsonDict]


async def tell_begun(tx: Transaction, delivery: Row, automation: JsonDict, related: Related) -> UUID:
    """Record that an action begins, for `related` resources; return the id of the event, which its end follows.

    It is told once, whatever the number of attempts.
    """
    if delivery["trace_event_id"] is not None:
        return delivery["trace_event_id"]
    event_id = new_id()
    cause = cause_of(delivery)
    event = _event("triggered", delivery, automation, related, {})
    event["id"] = event_id
    if cause is not None and abs(tx.now - as_time(cause["occurred"])) < _FOLLOWS_WITHIN:
        event["follows"] = UUID(cause["id"])
    await record(tx, event)
    return event_id


async def tell_ended(
    tx: Transaction, delivery: Row, automation: JsonDict, related: Related, payload: JsonDict, *, begun: UUID
) -> None:
    """Record how an action has ended: it has failed where the payload has a `reason`."""
    change = "failed" if "reason" in payload else "executed"
    await record(tx, {**_event(change, delivery, automation, related, payload), "follows": begun})


def cause_of(delivery: Row) -> JsonDict | None:
    """Return the triggering event of an action: that of the trigger, or the one that tells of the firing."""
    return delivery["firing_event"] or delivery["firing"]["triggering_event"]


def _event(change: str, delivery: Row, automation: JsonDict, related: Related, payload: JsonDict) -> NewEvent:
    cause = cause_of(delivery)
    links = [_link(delivery["firing_event_id"], "automation-triggered-event")]
    if cause is not None:
        links.append(_link(cause["id"], "triggering-event"))
    return {
        "event": f"prefect.automation.action.{change}",
        "resource": _resource(automation),
        "related": [*related, *links],
        "payload": {
            "action_index": delivery["action_index"],
            "action_type": delivery["action"]["type"],
            "invocation": str(delivery["id"]),
            **payload,
        },
    }


def _resource(automation: JsonDict) -> JsonDict:
    trigger: JsonDict = automation["trigger"]
    posture = {"prefect.posture": trigger["posture"]} if trigger["type"] == "event" else {}
    return {
        RESOURCE_ID: f"prefect.automation.{automation['id']}",
        RESOURCE_NAME: automation["name"],
        "prefect.trigger-type": trigger["type"],
        **posture,
    }


def _link(event_id: Any, role: str) -> JsonDict:  # Any: an id or its text
    return {RESOURCE_ID: f"prefect.event.{event_id}", RESOURCE_ROLE: role}
