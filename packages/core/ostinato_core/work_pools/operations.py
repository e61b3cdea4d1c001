"""What can be done with work pools."""

from typing import Final
from uuid import UUID

from ostinato_core.errors import IntegrityConflict
from ostinato_core.events.outbox import record
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_core.work_pools import repository
from ostinato_core.work_pools.errors import WorkPoolExists, WorkPoolNotFound, WorkPoolReserved
from ostinato_core.work_pools.events import pool_event, pool_resource, queue_event, updates
from ostinato_core.work_pools.job_variables import check_defaults
from ostinato_core.work_pools.rows import AGENT_TYPE, STORAGE, pool_json
from ostinato_core.work_pools.statuses import set_pool_status
from ostinato_core.work_queues import repository as queues
from ostinato_wire.work_pools import Status, WorkPoolCreate, WorkPoolsQuery, WorkPoolsWhere, WorkPoolUpdate

DEFAULT_QUEUE: Final = "default"
_TOLD: Final = ("description", "base_job_template", "concurrency_limit", "storage_configuration")
"""Members whose change an event tells."""


async def create_work_pool(tx: Transaction, body: WorkPoolCreate) -> JsonDict:
    """Make a work pool with its default queue. Errors: WorkPoolExists, WorkPoolReserved, JobVariablesInvalid,
    BlockNotFound.
    """
    if is_reserved(body.name):
        raise WorkPoolReserved
    await check_defaults(tx, body.base_job_template)
    pool = await make_pool(tx, body)
    if pool is None:
        raise WorkPoolExists
    await set_pool_status(tx, pool, Status(pool["status"]))
    slots = None if body.concurrency_limit is None else 0
    return pool_json({**pool, "active_slots": slots})


async def make_pool(tx: Transaction, body: WorkPoolCreate) -> JsonDict | None:
    """Insert a pool with its default queue and tell of both; return its row, or None where its name exists."""
    queue_id = new_id()
    pool: JsonDict = {
        "id": new_id(),
        "created": tx.now,
        "updated": tx.now,
        **body.model_dump(mode="json"),
        "default_queue_id": queue_id,
        "status": (Status.PAUSED if body.is_paused and body.type != AGENT_TYPE else Status.NOT_READY).value,
        "status_event_id": None,
        "status_changed": None,
        "order_version": 0,
    }
    if not await repository.insert(tx, pool):
        return None
    queue = queues.new_row(tx, queue_id, pool["id"], name=DEFAULT_QUEUE, priority=1)
    queue["description"] = "The work pool's default queue."
    await queues.insert(tx, queue)
    await record(tx, queue_event("created", queue, pool), pool_event("created", pool))
    return pool


async def read_work_pool(tx: Transaction, name: str) -> JsonDict:
    """Return a work pool. Errors: WorkPoolNotFound."""
    return pool_json(await repository.get(tx, name))


async def read_work_pools(tx: Transaction, query: WorkPoolsQuery, limit: int) -> list[JsonDict]:
    """Return work pools that match, by name, at most `limit`."""
    return [pool_json(row) for row in await repository.select_where(tx, query.work_pools, limit, query.offset)]


async def count_work_pools(tx: Transaction, where: WorkPoolsWhere) -> int:
    """Return how many work pools match."""
    return await repository.count_where(tx, where.work_pools)


async def update_work_pool(tx: Transaction, name: str, body: WorkPoolUpdate) -> None:
    """Write the members that are present, and the status that pausing or its end brings.

    Errors: WorkPoolNotFound, WorkPoolReserved, IntegrityConflict for a null where there must be a value.
    """
    if is_reserved(name) and body.model_fields_set - {"is_paused", "concurrency_limit"}:
        raise WorkPoolReserved(" and can only be updated to set concurrency limits or pause")
    pool = await repository.get(tx, name)
    values = body.model_dump(mode="json", include=body.model_fields_set)
    if any(values.get(member, "") is None for member in ("is_paused", "storage_configuration")):
        raise IntegrityConflict
    if values:
        await change_pool(tx, pool, values)
    if body.is_paused is not None and pool["type"] != AGENT_TYPE:
        await set_pool_status(tx, pool, await _status(tx, pool["id"], is_paused=body.is_paused))


async def change_pool(tx: Transaction, pool: Row, values: JsonDict) -> None:
    """Write columns of a pool as it was read, and tell of those whose change is told. Errors: LostRace."""
    await repository.write(tx, pool, values)
    before = {**pool, "storage_configuration": {**STORAGE, **pool["storage_configuration"]}}
    payload = updates(before, {**before, **values}, _TOLD)
    if payload is not None:
        await record(tx, {"event": "prefect.work-pool.updated", "resource": pool_resource(pool), "payload": payload})


async def delete_work_pool(tx: Transaction, name: str) -> None:
    """Delete a work pool with its queues and workers; its runs lose their queue. Errors: as for a change."""
    if is_reserved(name):
        raise WorkPoolReserved(" and can not be deleted")
    pool = await repository.get(tx, name)
    deleted = [queue_event("deleted", row, pool) for row in await queues.of_pool(tx, pool["id"])]
    await record(tx, *deleted, pool_event("deleted", pool))
    await queues.detach_deployments(tx, pool_id=pool["id"])
    if await repository.remove(tx, pool["id"]) == 0:
        raise WorkPoolNotFound(name)


def is_reserved(name: str) -> bool:
    """Whether a name may not be used by everybody."""
    return name.lower().startswith("prefect")


async def _status(tx: Transaction, pool_id: UUID, *, is_paused: bool) -> Status:
    if is_paused:
        return Status.PAUSED
    return Status.READY if await repository.has_online_worker(tx, pool_id) else Status.NOT_READY
