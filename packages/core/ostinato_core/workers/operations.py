"""What can be done with workers."""

from datetime import datetime, timedelta
from typing import Final

from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_core.work_pools import repository as pools
from ostinato_core.work_pools.statuses import set_pool_status
from ostinato_core.workers import repository
from ostinato_core.workers.errors import WorkerNotFound
from ostinato_wire.work_pools import Status
from ostinato_wire.workers import WorkersQuery, WorkerStatus

MISSED_BEATS: Final = 3
"""Intervals without a sign of life after which a worker counts as gone."""
INTERVAL: Final = timedelta(seconds=30)
"""How often a worker gives a sign of life that did not say how often."""
FRESH: Final = timedelta(seconds=1)
"""A sign of life as recent as this is not written again."""


async def record_heartbeat(tx: Transaction, pool_name: str, name: str, interval: int | None) -> None:
    """Note a worker's sign of life; its pool becomes ready. `interval` in seconds. Errors: WorkPoolNotFound."""
    pool = await pools.get(tx, pool_name)
    worker = {
        "id": new_id(),
        "created": tx.now,
        "updated": tx.now,
        "work_pool_id": pool["id"],
        "name": name,
        "last_heartbeat_time": tx.now,
        "heartbeat_interval_seconds": interval,
        "status": WorkerStatus.ONLINE.value,
    }
    await repository.upsert(tx, {**worker, "before": tx.now - FRESH})
    if pool["status"] == Status.NOT_READY.value:
        await set_pool_status(tx, pool, Status.READY, only_from=Status.NOT_READY)


async def read_workers(tx: Transaction, pool_name: str, query: WorkersQuery, limit: int) -> list[JsonDict]:
    """Return the workers of a pool that match, at most `limit`. Errors: WorkPoolNotFound."""
    pool = await pools.get(tx, pool_name)
    rows = await repository.select_where(tx, pool["id"], query.workers, limit, query.offset)
    return [worker_json(row, tx.now) for row in rows]


async def delete_worker(tx: Transaction, pool_name: str, name: str) -> None:
    """Forget a worker. Errors: WorkPoolNotFound, WorkerNotFound."""
    pool = await pools.get(tx, pool_name)
    if await repository.remove(tx, pool["id"], name) == 0:
        raise WorkerNotFound


def worker_json(row: Row, now: datetime) -> JsonDict:
    """Return a worker as the API answers it; its status is as of `now`."""
    interval = row["heartbeat_interval_seconds"]
    patience = MISSED_BEATS * (INTERVAL if interval is None else timedelta(seconds=interval))
    is_online = now - row["last_heartbeat_time"] < patience
    return {
        "id": row["id"],
        "created": row["created"],
        "updated": row["updated"],
        "name": row["name"],
        "work_pool_id": row["work_pool_id"],
        "last_heartbeat_time": row["last_heartbeat_time"],
        "heartbeat_interval_seconds": interval,
        "status": (WorkerStatus.ONLINE if is_online else WorkerStatus.OFFLINE).value,
    }
