"""The workers of a work pool."""

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.workers import operations
from ostinato_core.workers.runs import read_worker_runs
from ostinato_wire.workers import Worker, WorkerHeartbeat, WorkerRuns, WorkerRunsQuery, WorkersQuery

routes = Routes("Work Pools")


@routes.post("/work_pools/{work_pool_name}/workers/heartbeat")
@endpoint(body=WorkerHeartbeat, statuses=(204,))
async def record_heartbeat(call: Call[WorkerHeartbeat]) -> Reply:
    """Note a worker's sign of life; its pool becomes ready."""
    heartbeat = call.body
    await call.write(
        operations.record_heartbeat,
        call.path("work_pool_name"),
        heartbeat.name,
        heartbeat.heartbeat_interval_seconds,
    )
    return NO_CONTENT


@routes.post("/work_pools/{work_pool_name}/workers/filter")
@endpoint(body=WorkersQuery, returns=list[Worker])
async def read_workers(call: Call[WorkersQuery]) -> Reply:
    """The workers of a work pool that match, the latest sign of life first."""
    limit = limit_of(call, call.body.limit)
    return Reply(await call.read(operations.read_workers, call.path("work_pool_name"), call.body, limit))


@routes.post("/work_pools/{work_pool_name}/workers/flow_runs")
@endpoint(body=WorkerRunsQuery, returns=list[WorkerRuns])
async def read_runs_of_workers(call: Call[WorkerRunsQuery]) -> Reply:
    """What the workers of a work pool run now; those who run nothing are left out."""
    return Reply(await call.read(read_worker_runs, call.path("work_pool_name"), call.body))


@routes.delete("/work_pools/{work_pool_name}/workers/{name}")
@endpoint(statuses=(204,))
async def delete_worker(call: Call[None]) -> Reply:
    """Forget a worker."""
    await call.write(operations.delete_worker, call.path("work_pool_name"), call.path("name"))
    return NO_CONTENT
