"""From a firing to deliveries: one row for each action, in the transaction of the firing."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from ostinato_core.automations.deliveries import repository
from ostinato_core.automations.firing import Firing, TriggerState
from ostinato_core.automations.firing_json import firing_json
from ostinato_core.coordination import ACTIONS, wake_ups
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.action_deliveries import DeliveryState

OUTBOUND: Final = frozenset({"send-notification", "send-email-notification", "call-webhook"})
"""Actions that reach out of the server."""
_ON_STATE: Final = {
    TriggerState.TRIGGERED: "actions_on_trigger",
    TriggerState.RESOLVED: "actions_on_resolve",
}


async def add_deliveries(tx: Transaction, fired: Sequence[tuple[Row, Firing, JsonDict]]) -> None:
    """Ask for the actions of firings: of each the automation, the firing, and the event by which the server tells of
    it, as JSON.

    The actions proper answer to the trigger's event and belong to its beginning; those of the trigger's state answer
    to the server's. Indexes count through all three lists, so that an index always means the same action.
    """
    rows = [row for automation, firing, told in fired for row in _rows(tx, automation, firing, told)]
    if rows:
        await repository.add(tx, rows)
        tx.after_commit(wake)


def wake() -> None:
    """Tell those who do actions that there are some: an effect of the transaction that asked for them."""
    wake_ups().notify(ACTIONS)


def asked_for(automation: Row, state: TriggerState) -> list[tuple[int, JsonDict, bool]]:
    """Return the actions that a firing asks for: their indexes, what they are, and whether they answer to the event
    that tells of the firing, and not to the trigger's.
    """
    found: list[tuple[int, JsonDict, bool]] = []
    index = 0
    for member in ("actions", "actions_on_trigger", "actions_on_resolve"):
        actions: Sequence[JsonDict] = automation[member]
        on_state = member == _ON_STATE[state]
        if on_state or (member == "actions" and state is TriggerState.TRIGGERED):
            found += [(index + offset, action, on_state) for offset, action in enumerate(actions)]
        index += len(actions)
    return found


def _rows(tx: Transaction, automation: Row, firing: Firing, told: JsonDict) -> list[JsonDict]:
    stored, told_id = firing_json(firing), UUID(told["id"])
    cause_id = None if firing.triggering_event is None else firing.triggering_event.id
    return [
        _row(tx, automation, firing.id, stored, told_id, action)
        | {
            "action_index": index,
            "firing_event": told if on_state else None,
            "triggering_event_id": told_id if on_state else cause_id,
        }
        for index, action, on_state in asked_for(automation, firing.state)
    ]


def _row(
    tx: Transaction, automation: Row, firing_id: UUID, firing: JsonDict, event_id: UUID, action: JsonDict
) -> JsonDict:
    return {
        "id": new_id(),
        "workspace_id": tx.workspace_id,
        "created": tx.now,
        "updated": tx.now,
        "automation_id": automation["id"],
        "automation_name": automation["name"],
        "firing_id": firing_id,
        "action": action,
        "firing": firing,
        "firing_event_id": event_id,
        "is_outbound": action["type"] in OUTBOUND,
        "state": DeliveryState.PENDING.value,
        "attempts": 0,
        "tries_before": 0,
        "due": tx.now,
        "claimed_until": None,
        "trace_event_id": None,
        "result": None,
        "reason": None,
        "ended": None,
    }
