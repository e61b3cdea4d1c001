"""Telling that what was told of is over: a delivery that follows, by the same action."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from ostinato_core.alerting import groups
from ostinato_core.alerting.timing import end_of_quiet
from ostinato_core.automations.deliveries import repository
from ostinato_core.automations.deliveries.errors import DeliveryNotFound
from ostinato_core.automations.deliveries.queue import wake
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.action_deliveries import DeliveryState
from ostinato_wire.alerting import Alerting

KEPT: Final = timedelta(days=7)
"""How long after a message it may be told that all is well again; then it is forgotten."""


async def tell_resolved(tx: Transaction, group_ids: Sequence[UUID]) -> int:
    """Ask for the deliveries that tell of groups as resolved; return how many. Whoever comes second asks for none."""
    made = 0
    for group_id in group_ids:
        group = await groups.take_resolved(tx, group_id)
        if group is None:
            continue
        try:
            carrier = await repository.get(tx, group["carrier_id"])
        except DeliveryNotFound:
            continue
        await repository.add(tx, [_follow_up(tx, group, carrier)])
        made += 1
    if made:
        tx.after_commit(wake)
    return made


def _follow_up(tx: Transaction, group: Row, carrier: Row) -> JsonDict:
    action: JsonDict = carrier["action"]
    quiet = Alerting.model_validate(action["alerting"]).quiet_hours
    text = f"A run of {group['words']} has completed. Before that, {group['count']} were told of, the last at "
    text += f"{group['last']:%Y-%m-%d %H:%M} UTC."
    told = {"subject": f"Resolved: {action['subject']}", "body": _literal(text), "alerting": None}
    return {
        **carrier,
        "id": new_id(),
        "created": tx.now,
        "updated": tx.now,
        "action": {**action, **told},
        "state": DeliveryState.PENDING.value,
        "attempts": 0,
        "tries_before": 0,
        "due": tx.now if quiet is None else end_of_quiet(quiet, tx.now),
        "claimed_until": None,
        "trace_event_id": None,
        "result": None,
        "reason": None,
        "ended": None,
    }


def _literal(text: str) -> str:
    """Return a template that renders to a text, whatever that looks like."""
    return f"{{{{ {json.dumps(text, ensure_ascii=False)} }}}}"
