"""Writing the status of a pool or queue together with the event that tells of it."""

from ostinato_core.db.prepared import prepared_update
from ostinato_core.db.tables import work_pools, work_queues
from ostinato_core.events.outbox import NewEvent, record
from ostinato_core.ids import new_id
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_core.work_pools.events import followed, pool_resource, queue_event, status_name
from ostinato_wire.work_pools import Status

_NAMES = ("status", "status_event_id", "status_changed", "updated")
_ALWAYS = {table: prepared_update(table, _NAMES) for table in (work_pools, work_queues)}
_FROM = {table: prepared_update(table, _NAMES, guard="status") for table in (work_pools, work_queues)}


async def set_pool_status(tx: Transaction, pool: Row, status: Status, *, only_from: Status | None = None) -> bool:
    """Write a pool's status, and tell of it even where it stays the same; return whether it was written.

    `only_from`: only where the pool has this status still.
    """
    event: NewEvent = {
        "event": f"prefect.work-pool.{status_name(status)}",
        "resource": pool_resource(pool, role=False),
    }
    return await _set(tx, pool, status, event, only_from, is_pool=True)


async def set_queue_status(
    tx: Transaction, queue: Row, pool: Row, status: Status, *, only_from: Status | None = None
) -> bool:
    """Write the status of a queue of `pool`, and tell of it; see `set_pool_status`."""
    event = queue_event(status_name(status), queue, pool)
    return await _set(tx, queue, status, event, only_from, is_pool=False)


async def _set(
    tx: Transaction, row: Row, status: Status, event: NewEvent, only_from: Status | None, *, is_pool: bool
) -> bool:
    table = work_pools if is_pool else work_queues
    event_id = new_id()
    values = {
        "key": row["id"],
        "status": status.value,
        "status_event_id": event_id,
        "status_changed": tx.now,
        "updated": tx.now,
    }
    if only_from is None:
        written = await tx.run(_ALWAYS[table], values)
    else:
        written = await tx.run(_FROM[table], values | {"guard": only_from.value})
    if written:
        await record(tx, {**event, "id": event_id, "follows": followed(row, tx.now)})
    return written == 1
