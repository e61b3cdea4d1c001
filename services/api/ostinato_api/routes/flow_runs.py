"""Flow runs, apart from making and moving them."""

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.flow_runs import operations
from ostinato_core.flow_runs.dependencies import read_dependencies
from ostinato_core.flow_runs.explanation.operations import explain
from ostinato_core.flow_runs.graph import read_graph
from ostinato_wire.base import KeyValueLabels
from ostinato_wire.explanations import Explanation
from ostinato_wire.flow_runs import FlowRun, FlowRunBulkDeleteResult, FlowRunUpdate, Graph, HistoryInterval
from ostinato_wire.paging import Page
from ostinato_wire.queries import (
    FlowRunHistoryQuery,
    FlowRunsBulkDelete,
    FlowRunsPageQuery,
    FlowRunsQuery,
    FlowRunsWhere,
    GraphQuery,
)
from ostinato_wire.task_runs import TaskRunDependencies

routes = Routes("Flow Runs")


@routes.get("/flow_runs/{id}")
@endpoint(returns=FlowRun)
async def read_flow_run(call: Call[None]) -> Reply:
    """One flow run."""
    return Reply(await call.lookup(operations.read_flow_run, call.id))


@routes.patch("/flow_runs/{id}")
@endpoint(body=FlowRunUpdate, statuses=(204,))
async def update_flow_run(call: Call[FlowRunUpdate]) -> Reply:
    """Change a flow run; only members that are present are written."""
    await call.write(operations.update_flow_run, call.id, call.body, call.services.settings.api_max_parameter_size)
    return NO_CONTENT


@routes.patch("/flow_runs/{id}/labels")
@endpoint(body=KeyValueLabels, statuses=(204,))
async def merge_labels(call: Call[KeyValueLabels]) -> Reply:
    """Put labels among those of a flow run."""
    await call.write(operations.merge_labels, call.id, call.body)
    return NO_CONTENT


@routes.delete("/flow_runs/{id}")
@endpoint(statuses=(204,))
async def delete_flow_run(call: Call[None]) -> Reply:
    """Delete a flow run with its states, task runs, inputs and logs."""
    await call.write(operations.delete_flow_run, call.id)
    return NO_CONTENT


@routes.post("/flow_runs/bulk_delete")
@endpoint(body=FlowRunsBulkDelete, returns=FlowRunBulkDeleteResult)
async def delete_flow_runs(call: Call[FlowRunsBulkDelete]) -> Reply:
    """Delete flow runs that match, the newest first."""
    return Reply(await call.write(operations.delete_flow_runs, call.body))


@routes.post("/flow_runs/filter")
@endpoint(body=FlowRunsQuery, returns=list[FlowRun])
async def read_flow_runs(call: Call[FlowRunsQuery]) -> Reply:
    """Flow runs that match."""
    return Reply(await call.read(operations.read_flow_runs, call.body, limit_of(call, call.body.limit)))


@routes.post("/flow_runs/count")
@endpoint(body=FlowRunsWhere, returns=int)
async def count_flow_runs(call: Call[FlowRunsWhere]) -> Reply:
    """How many flow runs match."""
    return Reply(await call.read(operations.count_flow_runs, call.body))


@routes.post("/flow_runs/paginate")
@endpoint(body=FlowRunsPageQuery, returns=Page[FlowRun])
async def paginate_flow_runs(call: Call[FlowRunsPageQuery]) -> Reply:
    """A page of the flow runs that match."""
    return Reply(await call.read(operations.read_page, call.body, limit_of(call, call.body.limit)))


@routes.post("/flow_runs/lateness")
@endpoint(body=FlowRunsWhere, returns=float | None)
async def average_lateness(call: Call[FlowRunsWhere]) -> Reply:
    """By how many seconds the flow runs that match are late on average."""
    return Reply(await call.read(operations.average_lateness, call.body))


@routes.post("/flow_runs/history")
@endpoint(body=FlowRunHistoryQuery, returns=list[HistoryInterval])
async def read_flow_run_history(call: Call[FlowRunHistoryQuery]) -> Reply:
    """How many flow runs of which state were expected to start in each interval of time."""
    return Reply(await call.read(operations.read_flow_run_history, call.body))


@routes.get("/flow_runs/{id}/graph")
@endpoint(returns=list[TaskRunDependencies])
async def read_flow_run_dependencies(call: Call[None]) -> Reply:
    """The task runs of a flow run with what they depend on."""
    return Reply(await call.read(read_dependencies, call.id))


@routes.get("/flow_runs/{id}/graph-v2")
@endpoint(query=GraphQuery, returns=Graph)
async def read_flow_run_graph(call: Call[None]) -> Reply:
    """The time-line of a flow run: its task runs and child flow runs."""
    most = call.services.settings.graph_max_nodes
    return Reply(await call.read(read_graph, call.id, call.query.since, most))


@routes.get("/flow_runs/{id}/explain")
@endpoint(returns=Explanation)
async def explain_flow_run(call: Call[None]) -> Reply:
    """Why a flow run does not run: a verdict, and its causes in order. An extension of the wire."""
    return Reply(await call.read(explain, call.id, call.services.settings))
