"""All SQL about work queues, apart from runs that wait in them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, literal, select, update

from ostinato_core.db.prepared import prepare, prepare_insert_or_ignore, prepared_update
from ostinato_core.db.tables import deployments, work_pools, work_queues
from ostinato_core.errors import LostRace
from ostinato_core.filters.criteria import Condition, Operator, combine
from ostinato_core.filters.work_pools import work_queue_matches
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_core.work_queues.rows import COLUMNS, COLUMNS_ALONE, SOURCE
from ostinato_wire.filters import WorkQueueFilter
from ostinato_wire.work_pools import Status

_QUEUE = work_queues.c
_OWN = _QUEUE.workspace_id == bindparam("workspace_id")
_OF_POOL = prepare(
    select(*(column for column in _QUEUE if column.name != "workspace_id"))
    .where(_QUEUE.work_pool_id == bindparam("pool_id"))
    .order_by(_QUEUE.priority, _QUEUE.id)
)
_BY_NAMES = prepare(
    select(*COLUMNS)
    .select_from(SOURCE)
    .where(work_pools.c.name == bindparam("pool"), _QUEUE.name == bindparam("name"), _OWN)
)
_ALONE = select(*COLUMNS_ALONE).select_from(SOURCE)
_BY_ID = prepare(_ALONE.where(_QUEUE.id == bindparam("id"), _OWN))
_BY_NAME = prepare(_ALONE.where(_QUEUE.name == bindparam("name"), _OWN).order_by(_QUEUE.id).limit(1))
_INSERT = prepare_insert_or_ignore(work_queues, "work_pool_id", "name")
_SET_PRIORITY = prepared_update(work_queues, ("priority",))


def new_row(tx: Transaction, queue_id: UUID, pool_id: UUID, *, name: str, priority: int) -> JsonDict:
    """Return the row of a new queue that nobody works for yet."""
    return {
        "id": queue_id,
        "created": tx.now,
        "updated": tx.now,
        "work_pool_id": pool_id,
        "name": name,
        "description": "",
        "is_paused": False,
        "concurrency_limit": None,
        "priority": priority,
        "filter": None,
        "last_polled": None,
        "status": Status.NOT_READY.value,
        "status_event_id": None,
        "status_changed": None,
    }


async def insert(tx: Transaction, row: Mapping[str, Any]) -> bool:  # Any: columns are of many types
    """Insert a queue; return False where its pool has one of the name."""
    return await tx.run(_INSERT, {**row, "workspace_id": tx.workspace_id}) == 1


async def of_pool(tx: Transaction, pool_id: UUID) -> Sequence[Row]:
    """Return the queues of a pool in order of priority, without what is said of their pool."""
    return await tx.rows(_OF_POOL, {"pool_id": pool_id})


async def find_in_pool(tx: Transaction, pool: str, name: str) -> Row | None:
    """Return the queue of the name in the pool of the name, or None."""
    return await tx.first(_BY_NAMES, {"pool": pool, "name": name, "workspace_id": tx.workspace_id})


async def find(tx: Transaction, queue_id: UUID) -> Row | None:
    """Return the queue, or None."""
    return await tx.first(_BY_ID, {"id": queue_id, "workspace_id": tx.workspace_id})


async def find_by_name(tx: Transaction, name: str) -> Row | None:
    """Return the oldest queue of the name in any pool, or None."""
    return await tx.first(_BY_NAME, {"name": name, "workspace_id": tx.workspace_id})


async def select_where(
    tx: Transaction, wanted: WorkQueueFilter | None, limit: int, offset: int, *, pool_id: UUID | None = None
) -> Sequence[Row]:
    """Return the queues that match: those of a pool in order of priority, else those of all pools by name."""
    if pool_id is None:
        found = _ALONE.where(_condition(tx, wanted)).order_by(_QUEUE.name, _QUEUE.id)
    else:
        own = (_QUEUE.work_pool_id == pool_id, _condition(tx, wanted))
        found = select(*COLUMNS).select_from(SOURCE).where(*own).order_by(_QUEUE.priority, _QUEUE.id)
    return await tx.rows(found.limit(limit).offset(offset))


async def write(tx: Transaction, queue: Row, values: Mapping[str, Any]) -> None:  # Any: columns are of many types
    """Write columns of a queue as it was read. Errors: LostRace where it was changed since."""
    statement = prepared_update(work_queues, (*values, "updated"), guard="updated")
    if await tx.run(statement, {**values, "updated": tx.now, "key": queue["id"], "guard": queue["updated"]}) != 1:
        raise LostRace


async def set_priorities(tx: Transaction, priorities: Mapping[UUID, int]) -> None:
    """Write the priorities of queues, in order of their ids."""
    for queue_id in sorted(priorities):
        await tx.run(_SET_PRIORITY, {"key": queue_id, "priority": priorities[queue_id]})


async def detach_deployments(tx: Transaction, *, queue_id: UUID | None = None, pool_id: UUID | None = None) -> None:
    """Take a queue, or all queues of a pool, away from the deployments that name it.

    Flow runs keep the id: their queue is looked up, and is none when it is gone.
    """
    lost = (
        deployments.c.work_queue_id == literal(queue_id)
        if queue_id is not None
        else deployments.c.work_queue_id.in_(select(_QUEUE.id).where(_QUEUE.work_pool_id == pool_id))
    )
    await tx.run(
        update(deployments)
        .where(lost, deployments.c.workspace_id == tx.workspace_id)
        .values(work_queue_id=None, updated=tx.now)
    )


async def remove(tx: Transaction, queue_id: UUID) -> int:
    """Delete a queue; return how many there were."""
    return await tx.run(delete(work_queues).where(_QUEUE.id == queue_id, _QUEUE.workspace_id == tx.workspace_id))


def _condition(tx: Transaction, wanted: WorkQueueFilter | None) -> Condition:
    parts = [_QUEUE.workspace_id == tx.workspace_id]
    if wanted is not None:
        parts.append(work_queue_matches(tx.dialect, work_queues, wanted))
    return combine(Operator.AND, parts)
