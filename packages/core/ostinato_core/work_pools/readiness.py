"""Pools without a worker and queues that nobody asks for runs are not ready; what says that they are is elsewhere."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import literal_column, select

from ostinato_core.db.tables import work_pools, work_queues, workers
from ostinato_core.errors import LostRace
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_core.work_pools import repository as pools
from ostinato_core.work_pools.statuses import set_pool_status, set_queue_status
from ostinato_core.work_queues import repository as queues
from ostinato_core.work_queues.rows import pool_of
from ostinato_wire.work_pools import Status
from ostinato_wire.workers import WorkerStatus

_POOL = work_pools.c
_QUEUE = work_queues.c


async def find_deserted_pools(tx: Transaction, limit: int) -> Sequence[Row]:
    """Return id and workspace of ready pools, of all workspaces, none of whose workers is online, at most `limit`."""
    online = select(workers.c.id).where(
        workers.c.work_pool_id == _POOL.id, workers.c.status == WorkerStatus.ONLINE.value
    )
    # In the word of the index on ready pools.
    deserted = (_POOL.status == literal_column("'READY'"), ~online.exists())
    return await tx.rows(select(_POOL.id, _POOL.workspace_id).where(*deserted).order_by(_POOL.id).limit(limit))


async def mark_pools_not_ready(tx: Transaction, pool_ids: Sequence[UUID]) -> int:
    """Mark those of the pools not ready that still are as `find_deserted_pools` says, and tell of them.

    Returns how many. Errors: LostRace where a worker has come meanwhile.
    """
    done = 0
    for pool_id in sorted(pool_ids):
        pool = await pools.find_by_id(tx, pool_id)
        if pool is None or await pools.has_online_worker(tx, pool_id):
            continue
        if await set_pool_status(tx, pool, Status.NOT_READY, only_from=Status.READY):
            # Its row is locked now: a worker that came before has found it ready, and would not say so again.
            if await pools.has_online_worker(tx, pool_id):
                raise LostRace
            done += 1
    return done


async def find_silent_queues(tx: Transaction, silent_for: timedelta, limit: int) -> Sequence[Row]:
    """Return id and workspace of ready queues, of all workspaces, that nobody has asked for so long."""
    silent = (_QUEUE.status == Status.READY.value, _QUEUE.last_polled < tx.now - silent_for)
    found = select(_QUEUE.id, _QUEUE.workspace_id).where(*silent)
    return await tx.rows(found.order_by(_QUEUE.last_polled, _QUEUE.id).limit(limit))


async def mark_queues_not_ready(tx: Transaction, queue_ids: Sequence[UUID], silent_for: timedelta) -> int:
    """Mark those of the queues not ready that still are as `find_silent_queues` says, and tell of them.

    Returns how many. Errors: LostRace where somebody has asked meanwhile.
    """
    done = 0
    for queue_id in sorted(queue_ids):
        queue = await queues.find(tx, queue_id)
        if queue is None or not _is_silent(tx, queue, silent_for):
            continue
        if await set_queue_status(tx, queue, pool_of(queue), Status.NOT_READY, only_from=Status.READY):
            written = await queues.find(tx, queue_id)
            if written is not None and not _is_silent(tx, written, silent_for):
                raise LostRace
            done += 1
    return done


def _is_silent(tx: Transaction, queue: Row, silent_for: timedelta) -> bool:
    return queue["last_polled"] is not None and queue["last_polled"] < tx.now - silent_for
