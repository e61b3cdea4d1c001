"""Work pools."""

from typing import Any

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.states.rows import JsonDict
from ostinato_core.work_pools import operations
from ostinato_core.work_pools.load import read_pool_loads
from ostinato_core.work_pools.polls import note_poll, take_from_pool
from ostinato_core.work_pools.slots import read_pool_slots
from ostinato_wire.work_pools import (
    ConcurrencyStatusQuery,
    ScheduledRunsQuery,
    WorkerFlowRun,
    WorkPool,
    WorkPoolConcurrencyStatus,
    WorkPoolCreate,
    WorkPoolLoad,
    WorkPoolsQuery,
    WorkPoolsWhere,
    WorkPoolUpdate,
)

routes = Routes("Work Pools")

_KNOWS_RESULT_STORAGE = (3, 3, 8)
"""The first version of the reference client that takes `default_result_storage_block_id`."""


@routes.post("/work_pools/")
@endpoint(body=WorkPoolCreate, returns=WorkPool, statuses=(201,))
async def create_work_pool(call: Call[WorkPoolCreate]) -> Reply:
    """Make a work pool with its default queue."""
    return Reply(_as_known(call, await call.write(operations.create_work_pool, call.body)), 201)


@routes.get("/work_pools/{name}")
@endpoint(returns=WorkPool)
async def read_work_pool(call: Call[None]) -> Reply:
    """One work pool."""
    return Reply(_as_known(call, await call.lookup(operations.read_work_pool, call.path("name"))))


@routes.post("/work_pools/filter")
@endpoint(body=WorkPoolsQuery, returns=list[WorkPool])
async def read_work_pools(call: Call[WorkPoolsQuery]) -> Reply:
    """Work pools that match, by name."""
    found = await call.read(operations.read_work_pools, call.body, limit_of(call, call.body.limit))
    return Reply([_as_known(call, pool) for pool in found])


@routes.post("/work_pools/count")
@endpoint(body=WorkPoolsWhere, returns=int)
async def count_work_pools(call: Call[WorkPoolsWhere]) -> Reply:
    """How many work pools match."""
    return Reply(await call.read(operations.count_work_pools, call.body))


@routes.post("/work_pools/loads")
@endpoint(body=WorkPoolsQuery, returns=list[WorkPoolLoad])
async def read_work_pool_loads(call: Call[WorkPoolsQuery]) -> Reply:
    """What the work pools that match have to do, queue by queue, and how many workers they have for that."""
    return Reply(await call.read(read_pool_loads, call.body, limit_of(call, call.body.limit)))


@routes.patch("/work_pools/{name}")
@endpoint(body=WorkPoolUpdate, statuses=(204,))
async def update_work_pool(call: Call[WorkPoolUpdate]) -> Reply:
    """Change a work pool; only members that are present are written."""
    await call.write(operations.update_work_pool, call.path("name"), call.body)
    return NO_CONTENT


@routes.delete("/work_pools/{name}")
@endpoint(statuses=(204,))
async def delete_work_pool(call: Call[None]) -> Reply:
    """Delete a work pool with its queues and workers."""
    await call.write(operations.delete_work_pool, call.path("name"))
    return NO_CONTENT


@routes.post("/work_pools/{name}/get_scheduled_flow_runs")
@endpoint(body=ScheduledRunsQuery, returns=list[WorkerFlowRun])
async def get_scheduled_flow_runs(call: Call[ScheduledRunsQuery]) -> Reply:
    """Runs that a worker may start now, in order of their queue's priority and of when they are due."""
    poll = await call.read(take_from_pool, call.path("name"), call.body, limit_of(call, call.body.limit))
    if poll.unnoted:
        await call.write(note_poll, poll)
    return Reply(poll.runs)


@routes.post("/work_pools/{name}/concurrency_status")
@endpoint(body=ConcurrencyStatusQuery, returns=WorkPoolConcurrencyStatus)
async def read_concurrency_status(call: Call[ConcurrencyStatusQuery]) -> Reply:
    """Which runs hold the slots of a work pool, by queue."""
    return Reply(await call.read(read_pool_slots, call.path("name"), call.body, limit_of(call, call.body.limit)))


def _as_known(call: Call[Any], pool: JsonDict) -> JsonDict:  # Any: bodies of every kind
    """Return a pool without what an old reference client refuses to read."""
    agent, version = call.request.headers.get("User-Agent", ""), call.caller.client_version
    if not agent.startswith("prefect/") or version is None or _release(version) >= _KNOWS_RESULT_STORAGE:
        return pool
    storage = pool["storage_configuration"]
    known = {name: value for name, value in storage.items() if name != "default_result_storage_block_id"}
    return {**pool, "storage_configuration": known}


def _release(version: str) -> tuple[int, ...]:
    """Return the first three numbers of a version."""
    parts = version.split(".", 2)
    patch = ""
    for letter in parts[2]:
        if not letter.isdigit():
            break
        patch += letter
    return (int(parts[0]), int(parts[1]), int(patch or 0))
