"""Doing what is to be done for automations that have fired. What follows from an attempt is written here.

The server's own objects are changed in the transaction that notes it: exactly once. What leaves the server is claimed,
sent, and then noted; where nobody notes it any more, nobody knows whether it arrived, so it is left to a person.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from ostinato_core.automations import repository as automations
from ostinato_core.automations.actions.context import Occasion
from ostinato_core.automations.actions.errors import ActionFailed
from ostinato_core.automations.actions.outgoing import Letter, load_block, write_letter
from ostinato_core.automations.actions.own import Job, find_target, perform
from ostinato_core.automations.deliveries import repository
from ostinato_core.automations.deliveries.backoff import Backoff
from ostinato_core.automations.deliveries.quieting import is_due
from ostinato_core.automations.deliveries.trace import cause_of, tell_begun, tell_ended
from ostinato_core.automations.operations import automation_json
from ostinato_core.encryption.key_ring import EncryptionFailed, KeyRing
from ostinato_core.events.outbox import record
from ostinato_core.outbound import Outcome
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.action_deliveries import DeliveryState
from ostinato_wire.actions import Action

UNKNOWN: Final = (
    "The server was stopped or lost while it was sending this, so it may have arrived. Send it again if it has not."
)
DELETED: Final = "The automation was deleted before this was done."
_ACTION: Final[TypeAdapter[Any]] = TypeAdapter(Action)  # Any: one of the actions


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is to be sent, and what its events tell of it."""

    delivery: Row
    automation: JsonDict
    related: list[JsonDict]
    begun: UUID
    letter: Letter


async def do_own(tx: Transaction, delivery_id: UUID, maximum_parameter_size: int) -> bool:
    """Do an action that changes the server's own objects, and note it; return whether there was something to do.

    Errors: ActionFailed, after which all is undone and `fail` is to be called; Unavailable.
    """
    return await do_together(tx, [delivery_id], maximum_parameter_size) > 0


async def do_together(tx: Transaction, delivery_ids: Sequence[UUID], maximum_parameter_size: int) -> int:
    """As `do_own`, for actions of different firings: either all are done or none; return how many there were to do."""
    taken = await repository.take_all(tx, delivery_ids)
    known = await automations.get_all(tx, {delivery["automation_id"] for delivery in taken}) if taken else {}
    delivered: list[tuple[Row, JsonDict]] = []
    for delivery in taken:
        job = await _job(tx, delivery, known.get(delivery["automation_id"]), maximum_parameter_size)
        if job is not None:
            delivered.append((delivery, await _done(tx, delivery, job)))
    await repository.write_all(tx, delivered)
    return len(taken)


async def _done(tx: Transaction, delivery: Row, job: Job) -> JsonDict:
    """Do one, and return what is to be written of it."""
    target = await find_target(tx, job)
    related = [] if target is None else [target.resource]
    begun = await tell_begun(tx, delivery, job.occasion.automation, related)
    done = await perform(tx, job, target)
    await tell_ended(tx, delivery, job.occasion.automation, [*related, *done.made], done.details, begun=begun)
    return {**_ended(tx, DeliveryState.DELIVERED), "result": done.details}


async def fail(tx: Transaction, delivery_id: UUID, failure: ActionFailed) -> None:
    """Note that an action that changes the server's own objects failed, and will not be tried again."""
    delivery = await repository.take(tx, delivery_id)
    if delivery is None:
        return
    job = await _job_of(tx, delivery)
    if job is None:
        return
    try:
        target = await find_target(tx, job)
    except ActionFailed:
        target = None
    related = [] if target is None else [target.resource]
    begun = await tell_begun(tx, delivery, job.occasion.automation, related)
    await _note_failure(tx, delivery, job.occasion.automation, related, failure, begun)


async def claim(tx: Transaction, delivery_id: UUID, lifetime: timedelta, keys: Callable[[], KeyRing]) -> Claimed | None:
    """Claim what is to be sent, and return it as it goes out; None where there is nothing to send.

    It is lost if nothing is noted of it within `lifetime`. `keys` open blocks, and are asked for only where there is
    one. Errors: LostRace.
    """
    delivery = await repository.claim(tx, delivery_id, tx.now + lifetime)
    if delivery is None:
        return None
    job = await _job_of(tx, delivery)
    if job is None:
        return None
    to_send, gathered = await is_due(tx, delivery, job)
    if not to_send:
        return None
    automation, related = job.occasion.automation, list[JsonDict]()
    try:
        loaded = await load_block(tx, job.action, keys)
        if loaded is not None:
            related += loaded.related
            await record(tx, loaded.event)
        letter = (await write_letter(tx, job, None if loaded is None else loaded.block)).telling(gathered)
    except (ActionFailed, EncryptionFailed) as error:
        failure = error if isinstance(error, ActionFailed) else ActionFailed(error.message)
        begun = await tell_begun(tx, delivery, automation, related)
        await _note_failure(tx, delivery, automation, related, failure, begun)
        return None
    begun = await tell_begun(tx, delivery, automation, related)
    await repository.write(tx, delivery, {"trace_event_id": begun})
    return Claimed(delivery, automation, related, begun, letter)


async def note(tx: Transaction, claimed: Claimed, outcome: Outcome, backoff: Backoff) -> None:
    """Note what became of an attempt to send; one that was refused is made again later."""
    delivery, action_type = claimed.delivery, claimed.delivery["action"]["type"]
    payload = _payload(outcome.details)
    if outcome.delivered:
        values = {**_ended(tx, DeliveryState.DELIVERED), "result": payload, "reason": None}
        if await repository.write(tx, delivery, values):
            await tell_ended(tx, delivery, claimed.automation, claimed.related, payload, begun=claimed.begun)
        return
    pause = None if outcome.is_final else backoff.pause(_tries(delivery), outcome.details.get("retry_after"))
    reason = f"{_FAILED[action_type]}: {outcome.reason}"
    if pause is not None:
        due = tx.now + timedelta(seconds=pause)
        values = {"due": due, "claimed_until": None, "result": payload, "reason": reason}
        await repository.write(tx, delivery, values)
        return
    failure = ActionFailed(reason, payload)
    await _note_failure(tx, delivery, claimed.automation, claimed.related, failure, claimed.begun)


_FAILED: Final = {
    "call-webhook": "Webhook call failed",
    "send-notification": "Notification failed",
    "send-email-notification": "Mail failed",
}


async def give_up_lapsed(tx: Transaction, delivery_id: UUID) -> bool:
    """Note that nobody knows what became of a delivery whose claim has ended; return whether it was one."""
    delivery = await repository.take_lapsed(tx, delivery_id)
    if delivery is None:
        return False
    job = await _job_of(tx, delivery)
    if job is not None:
        automation = job.occasion.automation
        begun = await tell_begun(tx, delivery, automation, [])
        await _note_failure(tx, delivery, automation, [], ActionFailed(UNKNOWN), begun)
    return True


async def postpone(tx: Transaction, delivery_id: UUID, backoff: Backoff) -> None:
    """Try a delivery later that could not even be tried, because of a fault of the server; give it up in the end."""
    delivery = await repository.take(tx, delivery_id, in_turn=False)
    if delivery is None:
        return
    pause = backoff.pause(_tries(delivery))
    reason = "The server could not do this: its log tells why."
    if pause is not None:
        await repository.write(tx, delivery, {"due": tx.now + timedelta(seconds=pause), "reason": reason})
        return
    await repository.write(tx, delivery, {**_ended(tx, DeliveryState.FAILED), "reason": reason})


async def put_off(tx: Transaction, delivery_id: UUID, seconds: float) -> None:
    """Let others come first before one of the server's own actions that cannot be done just now; that is no attempt."""
    delivery = await repository.take(tx, delivery_id, in_turn=False)
    if delivery is not None:
        values: JsonDict = {"due": tx.now + timedelta(seconds=seconds), "attempts": delivery["attempts"] - 1}
        await repository.write(tx, delivery, values)


async def _job_of(tx: Transaction, delivery: Row) -> Job | None:
    """As `_job`, of what is not one of the server's own actions to be done now."""
    known = await automations.get_all(tx, [delivery["automation_id"]])
    return await _job(tx, delivery, known.get(delivery["automation_id"]), 0)


async def _job(tx: Transaction, delivery: Row, automation: Row | None, maximum_parameter_size: int) -> Job | None:
    """Return what is to be done; None where that is void because its automation is gone, which is noted."""
    if automation is None:
        await repository.write(tx, delivery, {**_ended(tx, DeliveryState.DROPPED), "reason": DELETED})
        return None
    try:
        action = _ACTION.validate_python(delivery["action"])
    except ValidationError:  # of a later version of the server, or an earlier one
        reason = f"This version of the server does not know the action {delivery['action'].get('type')!r} as it stands."
        await repository.write(tx, delivery, {**_ended(tx, DeliveryState.FAILED), "reason": reason})
        return None
    occasion = Occasion(automation_json(automation), delivery["firing"], cause_of(delivery))
    since = tx.now if delivery["tries_before"] else delivery["created"]
    return Job(action, occasion, delivery["action_index"], delivery["id"], since, maximum_parameter_size)


async def _note_failure(
    tx: Transaction, delivery: Row, automation: JsonDict, related: list[JsonDict], failure: ActionFailed, begun: UUID
) -> None:
    values = {
        **_ended(tx, DeliveryState.FAILED),
        "result": failure.details,
        "reason": failure.reason,
        "trace_event_id": begun,
    }
    if await repository.write(tx, delivery, values):
        payload = {"reason": failure.reason, **failure.details}
        await tell_ended(tx, delivery, automation, related, payload, begun=begun)


def _tries(delivery: Row) -> int:
    return delivery["attempts"] - delivery["tries_before"]


def _ended(tx: Transaction, state: DeliveryState) -> JsonDict:
    return {"state": state.value, "due": None, "claimed_until": None, "ended": tx.now}


def _payload(details: JsonDict) -> JsonDict:
    """Return the details of an answer under the names that events have for them."""
    names = {"status": "status_code", "body": "response_body", "headers": "response_headers"}
    return {names.get(name, name): value for name, value in details.items()}
