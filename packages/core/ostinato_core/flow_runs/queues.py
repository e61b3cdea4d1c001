"""The queue that a new flow run waits in."""

from typing import Final

from sqlalchemy import and_, bindparam, select

from ostinato_core.db.prepared import prepare
from ostinato_core.db.tables import work_pools, work_queues
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_core.work_pools.errors import WorkPoolNotFound
from ostinato_core.work_queues.errors import WorkQueueOfPoolNotFound

_POOL, _QUEUE = work_pools.c, work_queues.c
_SHOWN: Final = (
    _QUEUE.id.label("queue_id"),
    _QUEUE.name.label("queue_name"),
    _POOL.id.label("work_pool_id"),
    _POOL.name.label("work_pool_name"),
    _POOL.type.label("work_pool_type"),
)
NO_QUEUE: Final[Row] = {column.name: None for column in _SHOWN}
"""What is said of the queue of a run that has none."""

_BY_NAMES = {
    True: prepare(
        select(*_SHOWN)
        .outerjoin(work_queues, and_(_QUEUE.work_pool_id == _POOL.id, _QUEUE.name == bindparam("queue")))
        .where(_POOL.name == bindparam("pool"), _POOL.workspace_id == bindparam("workspace_id"))
    ),
    False: prepare(
        select(*_SHOWN)
        .outerjoin(work_queues, _QUEUE.id == _POOL.default_queue_id)
        .where(_POOL.name == bindparam("pool"), _POOL.workspace_id == bindparam("workspace_id"))
    ),
}


async def queue_of_new_run(tx: Transaction, pool: str | None, queue: str | None) -> Row:
    """Return id and name of the queue, and id, name and type of its pool; of the default queue where none is named.

    Without a pool there is no queue. Errors: WorkPoolNotFound, WorkQueueOfPoolNotFound.
    """
    if pool is None:
        return NO_QUEUE
    names = {"pool": pool, "workspace_id": tx.workspace_id}
    found = await tx.first(_BY_NAMES[queue is not None], names | ({} if queue is None else {"queue": queue}))
    if found is None:
        raise WorkPoolNotFound(pool)
    if found["queue_id"] is None:
        raise WorkQueueOfPoolNotFound(pool, queue or "default")
    return found
