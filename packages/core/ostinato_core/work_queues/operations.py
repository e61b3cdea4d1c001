"""What can be done with work queues, within their pool and on their own."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from ostinato_core.errors import IntegrityConflict
from ostinato_core.events.outbox import record
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_core.work_pools import repository as pools
from ostinato_core.work_pools.events import queue_event, updates
from ostinato_core.work_pools.operations import make_pool
from ostinato_core.work_pools.rows import AGENT_TYPE
from ostinato_core.work_pools.statuses import set_queue_status
from ostinato_core.work_queues import repository
from ostinato_core.work_queues.errors import (
    DefaultQueueNeeded,
    WorkQueueExists,
    WorkQueueIdNotFound,
    WorkQueueNotFound,
    WorkQueueOfPoolNotFound,
)
from ostinato_core.work_queues.order import lowest_free, moved_back
from ostinato_core.work_queues.rows import pool_of, queue_json
from ostinato_wire.work_pools import Status, WorkPoolCreate
from ostinato_wire.work_queues import WorkQueueCreate, WorkQueuesQuery, WorkQueueUpdate

AGENT_POOL: Final = "default-agent-pool"
"""Where queues are made that are said to be in no pool."""
POLLED_WITHIN: Final = timedelta(seconds=60)
"""A queue that was polled so recently has somebody who works for it."""
_TOLD: Final = ("name", "description", "concurrency_limit", "priority")
"""Members whose change an event tells."""


async def create_queue_of_pool(tx: Transaction, pool_name: str, body: WorkQueueCreate) -> JsonDict:
    """Make a queue in a pool. Errors: WorkPoolNotFound, WorkQueueExists."""
    pool = await pools.get(tx, pool_name)
    made = await make_queue(tx, pool, body)
    if made is None:
        raise WorkQueueExists(f" in work pool {pool_name!r}")
    return made


async def create_queue(tx: Transaction, body: WorkQueueCreate) -> JsonDict:
    """Make a queue in the pool of agents, which is made where there is none. Errors: WorkQueueExists."""
    pool: Row | None = await pools.find(tx, AGENT_POOL)
    if pool is None:
        pool = await make_pool(tx, WorkPoolCreate(name=AGENT_POOL, type=AGENT_TYPE))
    if pool is None:  # another process was faster
        pool = await pools.get(tx, AGENT_POOL)
    made = await make_queue(tx, pool, body)
    if made is None:
        raise WorkQueueExists
    return made


async def make_queue(tx: Transaction, pool: Row, body: WorkQueueCreate) -> JsonDict | None:
    """Make a queue in a pool as it was read, and return what the API answers; None where its name exists.

    Errors: LostRace where the order of the pool's queues changed since.
    """
    taken = {row["id"]: row["priority"] for row in await repository.of_pool(tx, pool["id"])}
    priority = body.priority or lowest_free(taken)
    queue = repository.new_row(tx, new_id(), pool["id"], name=body.name, priority=priority)
    queue["is_paused"] = body.is_paused
    queue["description"] = body.description or ""
    queue["concurrency_limit"] = body.concurrency_limit
    queue["filter"] = None if body.filter is None else body.filter.model_dump(mode="json")
    await pools.begin_new_order(tx, pool)
    if not await repository.insert(tx, queue):
        return None
    await repository.set_priorities(tx, moved_back(taken, priority))
    await record(tx, queue_event("created", queue, pool))
    slots = None if body.concurrency_limit is None else 0
    return queue_json({**queue, "work_pool_name": pool["name"], "active_slots": slots})


async def read_queue_of_pool(tx: Transaction, pool: str, name: str) -> JsonDict:
    """Return a queue of a pool. Errors: WorkQueueOfPoolNotFound."""
    return queue_json(await get_in_pool(tx, pool, name))


async def read_queue(tx: Transaction, queue_id: UUID) -> JsonDict:
    """Return a queue. Errors: WorkQueueNotFound."""
    return queue_json(_found(await repository.find(tx, queue_id)))


async def read_queue_by_name(tx: Transaction, name: str) -> JsonDict:
    """Return the queue of a name, in the pool of agents if there is that pool. Errors: WorkQueueNotFound."""
    if await pools.find(tx, AGENT_POOL) is None:
        return queue_json(_found(await repository.find_by_name(tx, name)))
    return queue_json(_found(await repository.find_in_pool(tx, AGENT_POOL, name)))


async def read_queues_of_pool(tx: Transaction, pool_name: str, query: WorkQueuesQuery, limit: int) -> list[JsonDict]:
    """Return the queues of a pool that match, in order of priority, at most `limit`. Errors: WorkPoolNotFound."""
    pool = await pools.get(tx, pool_name)
    return _all_json(await repository.select_where(tx, query.work_queues, limit, query.offset, pool_id=pool["id"]))


async def read_queues(tx: Transaction, query: WorkQueuesQuery, limit: int) -> list[JsonDict]:
    """Return the queues of all pools that match, by name, at most `limit`."""
    return _all_json(await repository.select_where(tx, query.work_queues, limit, query.offset))


async def update_queue_of_pool(tx: Transaction, pool: str, name: str, body: WorkQueueUpdate) -> None:
    """Write the members that are present. Errors: WorkQueueOfPoolNotFound, IntegrityConflict."""
    await _update(tx, await get_in_pool(tx, pool, name), body)


async def update_queue(tx: Transaction, queue_id: UUID, body: WorkQueueUpdate) -> None:
    """Write the members that are present. Errors: WorkQueueIdNotFound, IntegrityConflict."""
    queue = await repository.find(tx, queue_id)
    if queue is None:
        raise WorkQueueIdNotFound(queue_id)
    await _update(tx, queue, body)


async def delete_queue_of_pool(tx: Transaction, pool: str, name: str) -> None:
    """Delete a queue; its runs and deployments lose it. Errors: WorkQueueOfPoolNotFound, DefaultQueueNeeded."""
    await _delete(tx, await get_in_pool(tx, pool, name))


async def delete_queue(tx: Transaction, queue_id: UUID) -> None:
    """Delete a queue; its runs and deployments lose it. Errors: WorkQueueNotFound, DefaultQueueNeeded."""
    await _delete(tx, _found(await repository.find(tx, queue_id)))


async def get_in_pool(tx: Transaction, pool: str, name: str) -> Row:
    """Return the row of a queue of a pool. Errors: WorkQueueOfPoolNotFound."""
    row = await repository.find_in_pool(tx, pool, name)
    if row is None:
        raise WorkQueueOfPoolNotFound(pool, name)
    return row


async def _update(tx: Transaction, queue: Row, body: WorkQueueUpdate) -> None:
    values = body.model_dump(mode="json", include=body.model_fields_set - {"last_polled"})
    if "last_polled" in body.model_fields_set:
        values["last_polled"] = body.last_polled
    if any(values.get(member, "") is None for member in ("name", "description", "priority")):
        raise IntegrityConflict
    pool = pool_of(queue)
    if body.priority not in (None, queue["priority"]):
        await _make_room(tx, queue, body.priority)
    if values:
        await repository.write(tx, queue, values)
    after = {**queue, **values}
    payload = updates(queue, after, _TOLD)
    if payload is not None:
        await record(tx, {**queue_event("updated", after, pool), "payload": payload})
    if "is_paused" in values:
        status = _status_after(tx, after)
        if status is not None:
            await set_queue_status(tx, after, pool, status)


async def _make_room(tx: Transaction, queue: Row, priority: int) -> None:
    others = {row["id"]: row["priority"] for row in await repository.of_pool(tx, queue["work_pool_id"])}
    del others[queue["id"]]
    await pools.begin_new_order(tx, pool_of(queue))
    await repository.set_priorities(tx, moved_back(others, priority))


def _status_after(tx: Transaction, queue: Row) -> Status | None:
    """Return the status that pausing or its end brings, None where it stays."""
    is_paused = queue["status"] == Status.PAUSED.value
    if queue["is_paused"]:
        return None if is_paused else Status.PAUSED
    if not is_paused:
        return None
    polled = queue["last_polled"]
    return Status.READY if polled is not None and tx.now - polled < POLLED_WITHIN else Status.NOT_READY


async def _delete(tx: Transaction, queue: Row) -> None:
    if queue["id"] == queue["default_queue_id"]:
        raise DefaultQueueNeeded(queue["work_pool_name"])
    await record(tx, queue_event("deleted", queue, pool_of(queue)))
    await repository.detach_deployments(tx, queue_id=queue["id"])
    if await repository.remove(tx, queue["id"]) == 0:
        raise WorkQueueNotFound


def _found(row: Row | None) -> Row:
    if row is None:
        raise WorkQueueNotFound
    return row


def _all_json(rows: Sequence[Row]) -> list[JsonDict]:
    return [queue_json(row) for row in rows]
