"""Whether a message that is due is sent now, by itself or with others, later, or by another delivery."""

from ostinato_core.alerting.gathering import Alert, Folded, Gathered, Hold, SendNow, decide_when
from ostinato_core.automations.actions.own import Job
from ostinato_core.automations.actions.views import as_time
from ostinato_core.automations.deliveries import repository
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.action_deliveries import DeliveryState
from ostinato_wire.actions import Notice


async def is_due(tx: Transaction, delivery: Row, job: Job) -> tuple[bool, Gathered | None]:
    """Return whether a delivery that was claimed is to be sent, and what it tells beside its own; else note why not.

    Errors: LostRace.
    """
    alerting = job.action.alerting if isinstance(job.action, Notice) else None
    if alerting is None:
        return True, None
    occasion = job.occasion
    occurred = as_time(occasion.event["occurred"]) if occasion.event is not None else delivery["created"]
    alert = Alert(
        delivery["id"],
        delivery["automation_id"],
        delivery["automation_name"],
        delivery["action_index"],
        alerting,
        occasion.event,
        occurred,
    )
    match await decide_when(tx, alert):
        case SendNow(gathered):
            return True, gathered
        case Hold(until):
            values: JsonDict = {"due": until, "claimed_until": None, "attempts": delivery["attempts"] - 1}
        case Folded(into):
            values = {"state": DeliveryState.FOLDED.value, "due": None, "claimed_until": None, "ended": tx.now}
            values["result"] = {"told_by": str(into)}
    await repository.write(tx, delivery, values)
    return False, None
