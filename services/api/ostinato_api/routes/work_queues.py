"""Work queues on their own, without their pool."""

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.work_pools.polls import note_poll, take_from_queue
from ostinato_core.work_pools.slots import read_queue_slots, read_queue_status
from ostinato_core.work_queues import operations
from ostinato_wire.flow_runs import FlowRun
from ostinato_wire.work_queues import (
    QueueConcurrencyQuery,
    QueueRunsQuery,
    WorkQueue,
    WorkQueueConcurrencyStatus,
    WorkQueueCreate,
    WorkQueuesQuery,
    WorkQueueStatusDetail,
    WorkQueueUpdate,
)

routes = Routes("Work Queues")


@routes.post("/work_queues/")
@endpoint(body=WorkQueueCreate, returns=WorkQueue, statuses=(201,))
async def create_queue(call: Call[WorkQueueCreate]) -> Reply:
    """Make a queue in the pool of agents."""
    return Reply(await call.write(operations.create_queue, call.body), 201)


@routes.get("/work_queues/{id}")
@endpoint(returns=WorkQueue)
async def read_queue(call: Call[None]) -> Reply:
    """One queue."""
    return Reply(await call.lookup(operations.read_queue, call.id))


@routes.get("/work_queues/name/{name}")
@endpoint(returns=WorkQueue)
async def read_queue_by_name(call: Call[None]) -> Reply:
    """The queue of a name, in the pool of agents if there is one."""
    return Reply(await call.lookup(operations.read_queue_by_name, call.path("name")))


@routes.post("/work_queues/filter")
@endpoint(body=WorkQueuesQuery, returns=list[WorkQueue])
async def read_queues(call: Call[WorkQueuesQuery]) -> Reply:
    """The queues of all pools that match, by name."""
    return Reply(await call.read(operations.read_queues, call.body, limit_of(call, call.body.limit)))


@routes.patch("/work_queues/{id}")
@endpoint(body=WorkQueueUpdate, statuses=(204,))
async def update_queue(call: Call[WorkQueueUpdate]) -> Reply:
    """Change a queue; only members that are present are written."""
    await call.write(operations.update_queue, call.id, call.body)
    return NO_CONTENT


@routes.delete("/work_queues/{id}")
@endpoint(statuses=(204,))
async def delete_queue(call: Call[None]) -> Reply:
    """Delete a queue."""
    await call.write(operations.delete_queue, call.id)
    return NO_CONTENT


@routes.get("/work_queues/{id}/status")
@endpoint(returns=WorkQueueStatusDetail)
async def queue_status(call: Call[None]) -> Reply:
    """Whether somebody works for a queue in time."""
    return Reply(await call.read(read_queue_status, call.id))


@routes.post("/work_queues/{id}/get_runs")
@endpoint(body=QueueRunsQuery, returns=list[FlowRun])
async def get_runs(call: Call[QueueRunsQuery]) -> Reply:
    """Runs of a queue that may start now; a poll by the UI does not count as one."""
    poll = await call.read(take_from_queue, call.id, call.body, limit_of(call, call.body.limit))
    if poll.unnoted and call.request.headers.get("X-Prefect-UI", "").lower() not in ("true", "1"):
        await call.write(note_poll, poll)
    return Reply(poll.runs)


@routes.post("/work_queues/{id}/concurrency_status")
@endpoint(body=QueueConcurrencyQuery, returns=WorkQueueConcurrencyStatus)
async def read_queue_concurrency(call: Call[QueueConcurrencyQuery]) -> Reply:
    """Which runs hold the slots of a queue."""
    return Reply(await call.read(read_queue_slots, call.id, call.body, limit_of(call, call.body.limit)))
