"""What can be done with deliveries, but doing what they ask for: reading them, and sending failed ones again."""

from uuid import UUID

from ostinato_core.automations import repository as automations
from ostinato_core.automations.deliveries import repository
from ostinato_core.automations.deliveries.errors import AutomationGone, DeliveryNotFailed
from ostinato_core.automations.deliveries.queue import wake
from ostinato_core.automations.errors import AutomationNotFound
from ostinato_core.errors import LostRace
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.action_deliveries import ActionDeliveriesQuery, DeliveryState


async def read_delivery(tx: Transaction, delivery_id: UUID) -> JsonDict:
    """Return a delivery. Errors: DeliveryNotFound."""
    return delivery_json(await repository.get(tx, delivery_id))


async def read_deliveries(tx: Transaction, query: ActionDeliveriesQuery, limit: int) -> list[JsonDict]:
    """Return deliveries that match, the newest first, at most `limit`."""
    return [delivery_json(row) for row in await repository.select_where(tx, query.deliveries, limit, query.offset)]


async def send_again(tx: Transaction, delivery_id: UUID) -> JsonDict:
    """Let a failed delivery be tried again, as often as a new one; return it.

    Errors: DeliveryNotFound, DeliveryNotFailed, AutomationGone; LostRace.
    """
    delivery = await repository.get(tx, delivery_id)
    if delivery["state"] != DeliveryState.FAILED:
        raise DeliveryNotFailed(delivery["state"])
    try:
        await automations.get(tx, delivery["automation_id"])
    except AutomationNotFound as error:
        raise AutomationGone from error
    values: JsonDict = {
        "state": DeliveryState.PENDING.value,
        "due": tx.now,
        "ended": None,
        "tries_before": delivery["attempts"],
    }
    if not await repository.write(tx, delivery, values):
        raise LostRace
    tx.after_commit(wake)
    return delivery_json({**delivery, **values, "updated": tx.now})


def delivery_json(row: Row) -> JsonDict:
    """Return a delivery as the API answers it."""
    return {
        "id": row["id"],
        "created": row["created"],
        "updated": row["updated"],
        "automation_id": row["automation_id"],
        "automation_name": row["automation_name"],
        "firing_id": row["firing_id"],
        "action_index": row["action_index"],
        "action": row["action"],
        "triggering_event_id": row["triggering_event_id"],
        "state": row["state"],
        "attempts": row["attempts"],
        "due": row["due"],
        "is_under_way": row["claimed_until"] is not None,
        "result": row["result"],
        "reason": row["reason"],
        "ended": row["ended"],
    }
