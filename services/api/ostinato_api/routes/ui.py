"""What web pages ask for that lists of the nouns would answer less well."""

from ostinato_api.endpoint import Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.deployments import lists as deployment_lists
from ostinato_core.errors import Invalid
from ostinato_core.flow_runs import activity
from ostinato_core.flow_runs import summaries as flow_run_summaries
from ostinato_core.flows import summaries as flow_summaries
from ostinato_core.logs import pages
from ostinato_core.parameters.errors import InvalidSchema, ParametersInvalid
from ostinato_core.parameters.problems import find_problems
from ostinato_core.task_runs import summaries as task_run_summaries
from ostinato_core.variables.references import context_of
from ostinato_wire.activity import Activity, ActivityQuery
from ostinato_wire.deployment_lists import DeploymentFolder, DeploymentFoldersQuery, ListedDeployment
from ostinato_wire.deployments import DeploymentsPageQuery
from ostinato_wire.log_pages import LogPage, LogPageQuery
from ostinato_wire.paging import Page
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
deployment_routes = Routes("Deployments")
flow_run_routes = Routes("Flow Runs")
task_run_routes = Routes("Task Runs")
log_routes = Routes("Logs")
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


@flow_routes.post("/ui/flows/activity")
@endpoint(body=ActivityQuery, returns=dict[str, Activity])
async def read_activity_of_flows(call: Call[ActivityQuery]) -> Reply:
    """The last runs of each flow, and the next one. An extension."""
    return Reply(await call.read(activity.read_activity_of_flows, call.body))


@deployment_routes.post("/ui/deployments/activity")
@endpoint(body=ActivityQuery, returns=dict[str, Activity])
async def read_activity_of_deployments(call: Call[ActivityQuery]) -> Reply:
    """The last runs of each deployment, and the next one. An extension."""
    return Reply(await call.read(activity.read_activity_of_deployments, call.body))


@deployment_routes.post("/ui/deployments/page")
@endpoint(body=DeploymentsPageQuery, returns=Page[ListedDeployment])
async def read_listed_deployments(call: Call[DeploymentsPageQuery]) -> Reply:
    """A page of the deployments that match, with what a list shows of them. An extension."""
    return Reply(await call.read(deployment_lists.read_listed, call.body, limit_of(call, call.body.limit)))


@deployment_routes.post("/ui/deployments/folders")
@endpoint(body=DeploymentFoldersQuery, returns=list[DeploymentFolder])
async def read_deployment_folders(call: Call[DeploymentFoldersQuery]) -> Reply:
    """The folders that tags of the deployments that match make, with how many are in each. An extension."""
    return Reply(await call.read(deployment_lists.read_folders, call.body))


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


@log_routes.post("/ui/logs/page")
@endpoint(body=LogPageQuery, returns=LogPage)
async def read_log_page(call: Call[LogPageQuery]) -> Reply:
    """Lines of a run from a place on, in either direction, with the names of their task runs. An extension."""
    return Reply(await pages.read_page(call.services.database, call.body))


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
