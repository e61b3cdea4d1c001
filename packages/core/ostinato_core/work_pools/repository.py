"""All SQL about work pools, apart from their queues and from runs that wait."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, delete, func, literal, select, update

from ostinato_core.db.prepared import prepare, prepare_insert_or_ignore, prepared_update
from ostinato_core.db.tables import work_pools, workers
from ostinato_core.errors import LostRace
from ostinato_core.filters.criteria import Condition, Operator, combine
from ostinato_core.filters.work_pools import work_pool_matches
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_core.work_pools.errors import WorkPoolNotFound
from ostinato_core.work_pools.rows import COLUMNS
from ostinato_wire.filters import WorkPoolFilter
from ostinato_wire.workers import WorkerStatus

_POOL = work_pools.c
_OWN = _POOL.workspace_id == bindparam("workspace_id")
_BY_NAME = prepare(select(*COLUMNS).where(_POOL.name == bindparam("name"), _OWN))
_BY_ID = prepare(select(*COLUMNS).where(_POOL.id == bindparam("id"), _OWN))
_INSERT = prepare_insert_or_ignore(work_pools, "workspace_id", "name")
_ONLINE = prepare(
    select(literal(1).label("found"))
    .where(workers.c.work_pool_id == bindparam("pool_id"), workers.c.status == WorkerStatus.ONLINE.value)
    .limit(1)
)
_NEXT_ORDER = prepare(
    update(work_pools)
    .where(_POOL.id == bindparam("pool_id"), _POOL.order_version == bindparam("seen"))
    .values(order_version=_POOL.order_version + 1)
)


async def find(tx: Transaction, name: str) -> Row | None:
    """Return the work pool of the name, or None."""
    return await tx.first(_BY_NAME, {"name": name, "workspace_id": tx.workspace_id})


async def find_by_id(tx: Transaction, pool_id: UUID) -> Row | None:
    """Return the work pool of the id, or None."""
    return await tx.first(_BY_ID, {"id": pool_id, "workspace_id": tx.workspace_id})


async def get(tx: Transaction, name: str) -> Row:
    """Return the work pool of the name. Errors: WorkPoolNotFound."""
    row = await find(tx, name)
    if row is None:
        raise WorkPoolNotFound(name)
    return row


async def insert(tx: Transaction, row: Mapping[str, Any]) -> bool:  # Any: columns are of many types
    """Insert a work pool; return False where its name exists."""
    return await tx.run(_INSERT, {**row, "workspace_id": tx.workspace_id}) == 1


async def write(tx: Transaction, pool: Row, values: Mapping[str, Any]) -> None:  # Any: columns are of many types
    """Write columns of a pool as it was read. Errors: LostRace where it was changed since."""
    statement = prepared_update(work_pools, (*values, "updated"), guard="updated")
    if await tx.run(statement, {**values, "updated": tx.now, "key": pool["id"], "guard": pool["updated"]}) != 1:
        raise LostRace


async def begin_new_order(tx: Transaction, pool: Row) -> None:
    """Announce a change of the order of a pool's queues, as it was read after `pool`.

    Errors: LostRace where the order was changed since: of two changes at once, one is then made anew.
    """
    if await tx.run(_NEXT_ORDER, {"pool_id": pool["id"], "seen": pool["order_version"]}) != 1:
        raise LostRace


async def has_online_worker(tx: Transaction, pool_id: UUID) -> bool:
    """Whether some worker of the pool gives signs of life."""
    return await tx.first(_ONLINE, {"pool_id": pool_id}) is not None


async def select_where(tx: Transaction, wanted: WorkPoolFilter | None, limit: int, offset: int) -> Sequence[Row]:
    """Return the work pools that match, by name."""
    condition = _condition(tx, wanted)
    return await tx.rows(select(*COLUMNS).where(condition).order_by(_POOL.name).limit(limit).offset(offset))


def chosen(
    tx: Transaction, wanted: WorkPoolFilter | None, limit: int, offset: int
) -> Select[Any]:  # Any: columns of many types
    """Return what lists show of the work pools that match, by name, as a part of another statement."""
    found = select(_POOL.id, _POOL.name, _POOL.type, _POOL.is_paused, _POOL.status, _POOL.concurrency_limit)
    return found.where(_condition(tx, wanted)).order_by(_POOL.name).limit(limit).offset(offset)


async def count_where(tx: Transaction, wanted: WorkPoolFilter | None) -> int:
    """Return how many work pools match."""
    return await tx.value(select(func.count()).select_from(work_pools).where(_condition(tx, wanted)))


async def remove(tx: Transaction, pool_id: UUID) -> int:
    """Delete a pool with its queues, workers and clean-up messages; return how many pools there were."""
    return await tx.run(delete(work_pools).where(_POOL.id == pool_id, _POOL.workspace_id == tx.workspace_id))


def _condition(tx: Transaction, wanted: WorkPoolFilter | None) -> Condition:
    parts = [_POOL.workspace_id == tx.workspace_id]
    if wanted is not None:
        parts.append(work_pool_matches(tx.dialect, work_pools, wanted))
    return combine(Operator.AND, parts)
