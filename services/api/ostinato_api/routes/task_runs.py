"""Task runs, apart from making and moving them."""

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.task_runs import operations
from ostinato_wire.flow_runs import HistoryInterval
from ostinato_wire.paging import Page
from ostinato_wire.queries import TaskRunHistoryQuery, TaskRunsPageQuery, TaskRunsQuery, TaskRunsWhere
from ostinato_wire.task_runs import TaskRun, TaskRunSummary, TaskRunUpdate

routes = Routes("Task Runs")


@routes.get("/task_runs/{id}")
@endpoint(returns=TaskRun)
async def read_task_run(call: Call[None]) -> Reply:
    """One task run."""
    return Reply(await call.lookup(operations.read_task_run, call.id))


@routes.patch("/task_runs/{id}")
@endpoint(body=TaskRunUpdate, statuses=(204,))
async def update_task_run(call: Call[TaskRunUpdate]) -> Reply:
    """Rename a task run."""
    await call.write(operations.update_task_run, call.id, call.body)
    return NO_CONTENT


@routes.delete("/task_runs/{id}")
@endpoint(statuses=(204,))
async def delete_task_run(call: Call[None]) -> Reply:
    """Delete a task run with its states and logs."""
    await call.write(operations.delete_task_run, call.id)
    return NO_CONTENT


@routes.post("/task_runs/filter")
@endpoint(body=TaskRunsQuery, returns=list[TaskRun])
async def read_task_runs(call: Call[TaskRunsQuery]) -> Reply:
    """Task runs that match."""
    return Reply(await call.read(operations.read_task_runs, call.body, limit_of(call, call.body.limit)))


@routes.post("/task_runs/count")
@endpoint(body=TaskRunsWhere, returns=int)
async def count_task_runs(call: Call[TaskRunsWhere]) -> Reply:
    """How many task runs match."""
    return Reply(await call.read(operations.count_task_runs, call.body))


@routes.post("/task_runs/paginate")
@endpoint(body=TaskRunsPageQuery, returns=Page[TaskRunSummary])
async def paginate_task_runs(call: Call[TaskRunsPageQuery]) -> Reply:
    """A page of the task runs that match."""
    return Reply(await call.read(operations.read_page, call.body, limit_of(call, call.body.limit)))


@routes.post("/task_runs/history")
@endpoint(body=TaskRunHistoryQuery, returns=list[HistoryInterval])
async def read_task_run_history(call: Call[TaskRunHistoryQuery]) -> Reply:
    """How many task runs of which state were expected to start in each interval of time."""
    return Reply(await call.read(operations.read_task_run_history, call.body))
