"""The queues of a work pool."""

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.work_queues import operations
from ostinato_wire.work_queues import WorkQueue, WorkQueueCreate, WorkQueuesQuery, WorkQueueUpdate

routes = Routes("Work Pools")


@routes.post("/work_pools/{work_pool_name}/queues")
@endpoint(body=WorkQueueCreate, returns=WorkQueue, statuses=(201,))
async def create_queue_of_pool(call: Call[WorkQueueCreate]) -> Reply:
    """Make a queue in a work pool."""
    return Reply(await call.write(operations.create_queue_of_pool, call.path("work_pool_name"), call.body), 201)


@routes.post("/work_pools/{work_pool_name}/queues/filter")
@endpoint(body=WorkQueuesQuery, returns=list[WorkQueue])
async def read_queues_of_pool(call: Call[WorkQueuesQuery]) -> Reply:
    """The queues of a work pool that match, in order of priority."""
    limit = limit_of(call, call.body.limit)
    return Reply(await call.read(operations.read_queues_of_pool, call.path("work_pool_name"), call.body, limit))


@routes.get("/work_pools/{work_pool_name}/queues/{name}")
@endpoint(returns=WorkQueue)
async def read_queue_of_pool(call: Call[None]) -> Reply:
    """One queue of a work pool."""
    return Reply(await call.lookup(operations.read_queue_of_pool, call.path("work_pool_name"), call.path("name")))


@routes.patch("/work_pools/{work_pool_name}/queues/{name}")
@endpoint(body=WorkQueueUpdate, statuses=(204,))
async def update_queue_of_pool(call: Call[WorkQueueUpdate]) -> Reply:
    """Change a queue of a work pool; only members that are present are written."""
    await call.write(operations.update_queue_of_pool, call.path("work_pool_name"), call.path("name"), call.body)
    return NO_CONTENT


@routes.delete("/work_pools/{work_pool_name}/queues/{name}")
@endpoint(statuses=(204,))
async def delete_queue_of_pool(call: Call[None]) -> Reply:
    """Delete a queue of a work pool."""
    await call.write(operations.delete_queue_of_pool, call.path("work_pool_name"), call.path("name"))
    return NO_CONTENT
