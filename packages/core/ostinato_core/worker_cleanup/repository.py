"""All SQL about clean-up messages. Each write names what it was decided on, so that two of them cannot both happen."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, or_, select, update

from ostinato_core.db.prepared import prepare, prepare_insert_or_ignore
from ostinato_core.db.tables import worker_cleanup_messages
from ostinato_core.db.types import Timestamp
from ostinato_core.errors import LostRace
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction

_MESSAGE = worker_cleanup_messages.c
_KEY = bindparam("key", type_=_MESSAGE.id.type)
_IS_FREE = or_(_MESSAGE.lease_expires_at.is_(None), _MESSAGE.lease_expires_at <= bindparam("now", type_=Timestamp()))
_INSERT = prepare_insert_or_ignore(worker_cleanup_messages)
_BY_ID = prepare(select(*_MESSAGE).where(_MESSAGE.id == _KEY))
_RESERVE = prepare(
    update(worker_cleanup_messages)
    .where(_MESSAGE.id == _KEY, _MESSAGE.delivery_count == bindparam("seen"), _IS_FREE)
    .values(
        delivery_count=_MESSAGE.delivery_count + 1,
        reservation_token=bindparam("token"),
        lease_expires_at=bindparam("lease"),
        updated=bindparam("now"),
    )
)
_HELD = (_MESSAGE.id == _KEY, _MESSAGE.reservation_token == bindparam("held"))
_CHANGE = prepare(
    update(worker_cleanup_messages)
    .where(*_HELD)
    .values(
        reservation_token=bindparam("token"),
        lease_expires_at=bindparam("lease"),
        dead_letter_reason=bindparam("reason"),
        updated=bindparam("now"),
    )
)
_REMOVE = prepare(delete(worker_cleanup_messages).where(*_HELD))


async def insert(tx: Transaction, row: Mapping[str, Any]) -> bool:  # Any: columns are of many types
    """Insert a message; return False where it is there already."""
    return await tx.run(_INSERT, {**row, "workspace_id": tx.workspace_id}) == 1


async def find(tx: Transaction, message_id: UUID) -> Row | None:
    """Return the message, or None."""
    return await tx.first(_BY_ID, {"key": message_id})


async def free_messages(tx: Transaction, pool_id: UUID, kinds: Sequence[str], limit: int) -> Sequence[Row]:
    """Return the oldest messages of a pool and of these kinds that no worker has."""
    free = or_(_MESSAGE.lease_expires_at.is_(None), _MESSAGE.lease_expires_at <= tx.now)
    own = (_MESSAGE.work_pool_id == pool_id, _MESSAGE.dead_letter_reason.is_(None))
    found = select(*_MESSAGE).where(*own, free, tx.dialect.is_one_of(_MESSAGE.kind, kinds))
    return await tx.rows(found.order_by(_MESSAGE.created, _MESSAGE.id).limit(limit))


async def reserve(tx: Transaction, message: Row, token: str, lease: datetime) -> bool:
    """Give a message out until `lease`; return False where somebody else was faster."""
    values = {"key": message["id"], "seen": message["delivery_count"], "now": tx.now, "token": token, "lease": lease}
    return await tx.run(_RESERVE, values) == 1


async def change(
    tx: Transaction, message: Row, *, token: str | None, lease: datetime | None, reason: str | None = None
) -> None:
    """Write the reservation of a message that is given out. Errors: LostRace where it is not so any more."""
    values = {"key": message["id"], "held": message["reservation_token"], "token": token, "lease": lease}
    if await tx.run(_CHANGE, values | {"reason": reason, "now": tx.now}) != 1:
        raise LostRace


async def remove(tx: Transaction, message: Row) -> None:
    """Delete a message that is given out. Errors: LostRace where it is not so any more."""
    if await tx.run(_REMOVE, {"key": message["id"], "held": message["reservation_token"]}) != 1:
        raise LostRace


async def pools_with_work(tx: Transaction, pool_ids: Sequence[UUID]) -> list[UUID]:
    """Return those of the pools that have a message which no worker has."""
    free = or_(_MESSAGE.lease_expires_at.is_(None), _MESSAGE.lease_expires_at <= tx.now)
    own = (tx.dialect.is_one_of(_MESSAGE.work_pool_id, pool_ids), _MESSAGE.dead_letter_reason.is_(None), free)
    return [row["work_pool_id"] for row in await tx.rows(select(_MESSAGE.work_pool_id).where(*own).distinct())]


async def find_expired(tx: Transaction, limit: int) -> Sequence[Row]:
    """Return id, workspace and `expired` of messages whose worker has let its time pass, of all workspaces."""
    # That it is not null is said in the words of the index.
    expired = (_MESSAGE.lease_expires_at.is_not(None), _MESSAGE.lease_expires_at <= tx.now)
    found = select(_MESSAGE.id, _MESSAGE.workspace_id, _MESSAGE.lease_expires_at.label("expired"))
    return await tx.rows(found.where(*expired).order_by(_MESSAGE.lease_expires_at).limit(limit))
