"""What can be done with clean-up messages: enqueue, give out, and what a worker answers."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from ostinato_core.coordination import CLEANUP, wake_ups
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_core.worker_cleanup import repository
from ostinato_wire.worker_channel import CleanupKind

LEASE: Final = timedelta(seconds=30)
"""How long a worker has for a message, unless it renews."""
MOST_DELIVERIES: Final = 3
_DEAD: Final = "max_delivery_attempts_reached"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a worker's answer; `lease` where it was renewed."""

    status: str
    reason: str | None = None
    lease: datetime | None = None


NOT_ACCEPTED: Final = Answer("unauthorized", "cleanup_delivery_not_accepted")
FAILED: Final = Answer("error", "cleanup_queue_operation_failed")


def announce() -> None:
    """Let those who give out messages look for some: there are more, or more workers for them."""
    wake_ups().notify(CLEANUP)


async def enqueue(
    tx: Transaction,
    kind: CleanupKind,
    key: str,
    pool_id: UUID,
    queue_id: UUID | None,
    target: JsonDict,
    *,
    message_id: UUID | None = None,
) -> bool:
    """Let a worker of the pool clean something up, once for each `key`; return False where it is to do so already."""
    row = {
        "id": message_id or new_id(),
        "created": tx.now,
        "updated": tx.now,
        "work_pool_id": pool_id,
        "work_queue_id": queue_id,
        "kind": kind.value,
        "idempotency_key": key,
        "target": target,
        "data": {},
        "delivery_count": 0,
        "reservation_token": None,
        "lease_expires_at": None,
        "dead_letter_reason": None,
    }
    tx.after_commit(announce)
    return await repository.insert(tx, row)


async def enqueue_cancelling_timeout(
    tx: Transaction, run_id: UUID, state_id: UUID, pool_id: UUID, queue_id: UUID, infrastructure_pid: str | None
) -> bool:
    """Let a worker end what a run, whose cancelling took too long, runs on. `state_id`: of its CANCELLED state."""
    kind = CleanupKind.CANCELLING_TIMEOUT
    key = f"{kind.value}:{run_id}:{state_id}"
    target = {"flow_run_id": str(run_id), "infrastructure_pid": infrastructure_pid}
    return await enqueue(tx, kind, key, pool_id, queue_id, target, message_id=uuid5(NAMESPACE_URL, f"prefect:{key}"))


async def free_messages(tx: Transaction, pool_id: UUID, kinds: Sequence[str], limit: int) -> Sequence[Row]:
    """Return the oldest messages of a pool that no worker has, at most `limit`."""
    return await repository.free_messages(tx, pool_id, kinds, limit)


async def reserve(tx: Transaction, message: Row) -> Row | None:
    """Give a message out, and return it as it is then; None where somebody else was faster or it is given up."""
    if message["delivery_count"] >= MOST_DELIVERIES:
        if message["reservation_token"] is not None:
            await _bury(tx, message)
        return None
    token, lease = secrets.token_urlsafe(24), tx.now + LEASE
    if not await repository.reserve(tx, message, token, lease):
        return None
    count = message["delivery_count"] + 1
    return {**message, "reservation_token": token, "lease_expires_at": lease, "delivery_count": count}


async def acknowledge(tx: Transaction, pool_id: UUID, message_id: UUID, token: str) -> Answer:
    """Forget a message that a worker has dealt with."""
    message = await repository.find(tx, message_id)
    refusal = await _refusal(tx, message, pool_id, token)
    if refusal is not None or message is None:
        return refusal or _NOT_FOUND
    await repository.remove(tx, message)
    return Answer("accepted")


async def renew(tx: Transaction, pool_id: UUID, message_id: UUID, token: str) -> Answer:
    """Give a worker more time for a message."""
    message = await repository.find(tx, message_id)
    refusal = await _refusal(tx, message, pool_id, token)
    if refusal is not None or message is None:
        return refusal or _NOT_FOUND
    lease = tx.now + LEASE
    await repository.change(tx, message, token=token, lease=lease)
    return Answer("accepted", lease=lease)


async def release(tx: Transaction, pool_id: UUID, message_id: UUID, token: str) -> Answer:
    """Take a message back, for another worker at once; after the last delivery it is given up."""
    message = await repository.find(tx, message_id)
    refusal = await _refusal(tx, message, pool_id, token)
    if refusal is not None or message is None:
        return refusal or _NOT_FOUND
    if message["delivery_count"] >= MOST_DELIVERIES:
        return await _bury(tx, message)
    await repository.change(tx, message, token=None, lease=None)
    tx.after_commit(announce)
    return Answer("accepted")


async def reconcile(tx: Transaction, message_ids: Sequence[UUID]) -> int:
    """Take back messages whose workers have let their time pass, for others, or give them up; return how many."""
    done = 0
    for message_id in sorted(message_ids):
        message = await repository.find(tx, message_id)
        if message is None or message["lease_expires_at"] is None or message["lease_expires_at"] > tx.now:
            continue
        if message["delivery_count"] >= MOST_DELIVERIES:
            await _bury(tx, message)
        else:
            await repository.change(tx, message, token=None, lease=None)
            tx.after_commit(announce)
        done += 1
    return done


_NOT_FOUND: Final = Answer("not_found", "message_not_found")


async def _refusal(tx: Transaction, message: Row | None, pool_id: UUID, token: str) -> Answer | None:
    """Return why a worker's answer about a message does not count, None where it does."""
    if message is None:
        return _NOT_FOUND
    if message["work_pool_id"] != pool_id:
        return Answer("unauthorized", "work_pool_mismatch")
    if message["dead_letter_reason"] is not None:
        return Answer("dead_lettered", message["dead_letter_reason"])
    if message["reservation_token"] is None:
        return Answer("not_current", "no_active_reservation")
    if not secrets.compare_digest(message["reservation_token"].encode(), token.encode()):
        return Answer("invalid_token", "reservation_token_mismatch")
    if message["lease_expires_at"] > tx.now:
        return None
    if message["delivery_count"] >= MOST_DELIVERIES:
        return await _bury(tx, message)
    await repository.change(tx, message, token=None, lease=None)
    tx.after_commit(announce)
    return Answer("expired", "lease_expired")


async def _bury(tx: Transaction, message: Row) -> Answer:
    await repository.change(tx, message, token=None, lease=None, reason=_DEAD)
    return Answer("dead_lettered", _DEAD)
