"""Workers of background tasks."""

from ostinato_api.endpoint import Call, Reply, Routes, endpoint
from ostinato_core.task_workers import operations
from ostinato_wire.task_workers import TaskWorker, TaskWorkersQuery

routes = Routes("Task Workers")


@routes.post("/task_workers/filter")
@endpoint(body=TaskWorkersQuery, returns=list[TaskWorker])
async def read_task_workers(call: Call[TaskWorkersQuery]) -> Reply:
    """The connected workers that serve any of the tasks."""
    return Reply(await call.read(operations.read_task_workers, call.body))
