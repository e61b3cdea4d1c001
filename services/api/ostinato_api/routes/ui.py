"""What web pages ask for that lists of the nouns would answer less well."""

from ostinato_api.endpoint import Call, Reply, Routes, endpoint
from ostinato_core.errors import Invalid
from ostinato_core.flow_runs import summaries as flow_run_summaries
from ostinato_core.flows import summaries as flow_summaries
from ostinato_core.parameters.errors import InvalidSchema, ParametersInvalid
from ostinato_core.parameters.problems import find_problems
from ostinato_core.task_runs import summaries as task_run_summaries
from ostinato_core.variables.references import context_of
from ostinato_wire.queries import TaskRunsWhere
from ostinato_wire.ui import (
    CountByState,
    FlowRunPoint,
    FlowRunPointsQuery,
    FlowRunsAsked,
    FlowsAsked,
    NamedTaskRun,
    NextFlowRun,
    TaskRunCount,
    TaskRunCountsQuery,
    ValidatedValues,
    ValuesToValidate,
)

flow_routes = Routes("Flows")
flow_run_routes = Routes("Flow Runs")
task_run_routes = Routes("Task Runs")
routes = Routes("UI")


@flow_routes.post("/ui/flows/count-deployments")
@endpoint(body=FlowsAsked, returns=dict[str, int])
async def count_deployments_by_flow(call: Call[FlowsAsked]) -> Reply:
    """How many deployments each flow has."""
    return Reply(await call.read(flow_summaries.count_deployments, call.body.flow_ids))


@flow_routes.post("/ui/flows/next-runs")
@endpoint(body=FlowsAsked, returns=dict[str, NextFlowRun | None])
async def next_runs_by_flow(call: Call[FlowsAsked]) -> Reply:
    """The run of each flow that is scheduled the earliest."""
    return Reply(await call.read(flow_summaries.next_runs, call.body.flow_ids))


@flow_run_routes.post("/ui/flow_runs/history")
@endpoint(body=FlowRunPointsQuery, returns=list[FlowRunPoint])
async def read_flow_run_points(call: Call[FlowRunPointsQuery]) -> Reply:
    """Flow runs that match, as points of a plot."""
    return Reply(await call.read(flow_run_summaries.read_points, call.body))


@flow_run_routes.post("/ui/flow_runs/count-task-runs")
@endpoint(body=FlowRunsAsked, returns=dict[str, int])
async def count_task_runs_by_flow_run(call: Call[FlowRunsAsked]) -> Reply:
    """How many task runs each flow run has."""
    return Reply(await call.read(flow_run_summaries.count_task_runs, call.body.flow_run_ids))


@task_run_routes.post("/ui/task_runs/dashboard/counts")
@endpoint(body=TaskRunCountsQuery, returns=list[TaskRunCount])
async def count_task_runs_over_time(call: Call[TaskRunCountsQuery]) -> Reply:
    """How task runs ended, in twenty intervals by start."""
    return Reply(await call.read(task_run_summaries.count_over_time, call.body))


@task_run_routes.post("/ui/task_runs/count")
@endpoint(body=TaskRunsWhere, returns=CountByState)
async def count_task_runs_by_state(call: Call[TaskRunsWhere]) -> Reply:
    """How many task runs are in states of each type."""
    return Reply(await call.read(task_run_summaries.count_by_state, call.body))


@task_run_routes.get("/ui/task_runs/{id}")
@endpoint(returns=NamedTaskRun)
async def read_named_task_run(call: Call[None]) -> Reply:
    """One task run with the name of its flow run."""
    return Reply(await call.lookup(task_run_summaries.read_named_task_run, call.id))


@routes.post("/ui/schemas/validate")
@endpoint(body=ValuesToValidate, returns=ValidatedValues)
async def validate_values(call: Call[ValuesToValidate]) -> Reply:
    """What is wrong with values, member by member."""
    context = await call.lookup(context_of, call.body.values)
    try:
        problems = find_problems(call.body.values, call.body.schema_, context)
    except InvalidSchema as error:
        raise Invalid(f"Invalid schema: {error.why}") from error
    except ParametersInvalid as error:
        raise Invalid(f"Invalid schema: {error.message}") from error
    return Reply({"errors": problems, "valid": not problems})
