"""Deployments."""

from datetime import timedelta

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, created_or_found, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.clock import utc_now
from ostinato_core.deployments import operations
from ostinato_core.deployments.changing import update_deployment
from ostinato_core.deployments.flow_runs import create_run, create_runs
from ostinato_core.deployments.making import create_deployment
from ostinato_core.deployments.readiness import mark_ready
from ostinato_core.deployments.scheduled_runs import Window, schedule_runs
from ostinato_core.deployments.waiting_runs import read_due_runs
from ostinato_wire.deployment_lists import DeploymentBulkPauseResult, DeploymentsBulkPause
from ostinato_wire.deployments import (
    Deployment,
    DeploymentBulkDeleteResult,
    DeploymentCreate,
    DeploymentFlowRunCreate,
    DeploymentsBulkDelete,
    DeploymentsPageQuery,
    DeploymentsQuery,
    DeploymentsWhere,
    DeploymentUpdate,
    FlowRunBulkCreateResult,
    ScheduledFlowRunsQuery,
    ScheduleRuns,
)
from ostinato_wire.flow_runs import FlowRun
from ostinato_wire.paging import Page
from ostinato_wire.work_queues import WorkQueue

routes = Routes("Deployments")

REACH = timedelta(days=100)
"""How far ahead runs are made where a request does not say."""


@routes.post("/deployments/")
@endpoint(body=DeploymentCreate, returns=Deployment, statuses=(201, 200))
async def create(call: Call[DeploymentCreate]) -> Reply:
    """Make a deployment, or change the one of that flow and name."""
    return created_or_found(await call.write(create_deployment, call.body, creator=call.caller.created_by))


@routes.patch("/deployments/{id}")
@endpoint(body=DeploymentUpdate, statuses=(204,))
async def update(call: Call[DeploymentUpdate]) -> Reply:
    """Change a deployment; only members that are present are written."""
    await call.write(update_deployment, call.id, call.body, editor=call.caller.created_by)
    return NO_CONTENT


@routes.get("/deployments/{id}")
@endpoint(returns=Deployment)
async def read_deployment(call: Call[None]) -> Reply:
    """One deployment."""
    return Reply(await call.lookup(operations.read_deployment, call.id))


@routes.get("/deployments/name/{flow_name}/{deployment_name}")
@endpoint(returns=Deployment)
async def read_deployment_by_name(call: Call[None]) -> Reply:
    """The deployment of a name, of the flow of a name."""
    names = call.path("flow_name"), call.path("deployment_name")
    return Reply(await call.lookup(operations.read_deployment_by_name, *names))


@routes.delete("/deployments/{id}")
@endpoint(statuses=(204,))
async def delete_deployment(call: Call[None]) -> Reply:
    """Delete a deployment with its schedules and the runs that have not begun."""
    await call.write(operations.delete_deployment, call.id)
    return NO_CONTENT


@routes.post("/deployments/filter")
@endpoint(body=DeploymentsQuery, returns=list[Deployment])
async def read_deployments(call: Call[DeploymentsQuery]) -> Reply:
    """Deployments that match."""
    return Reply(await call.read(operations.read_deployments, call.body, limit_of(call, call.body.limit)))


@routes.post("/deployments/paginate")
@endpoint(body=DeploymentsPageQuery, returns=Page[Deployment])
async def paginate_deployments(call: Call[DeploymentsPageQuery]) -> Reply:
    """A page of the deployments that match."""
    return Reply(await call.read(operations.read_page, call.body, limit_of(call, call.body.limit)))


@routes.post("/deployments/count")
@endpoint(body=DeploymentsWhere, returns=int)
async def count_deployments(call: Call[DeploymentsWhere]) -> Reply:
    """How many deployments match."""
    return Reply(await call.read(operations.count_deployments, call.body))


@routes.post("/deployments/bulk_delete")
@endpoint(body=DeploymentsBulkDelete, returns=DeploymentBulkDeleteResult)
async def delete_deployments(call: Call[DeploymentsBulkDelete]) -> Reply:
    """Delete deployments that match, in order of name."""
    return Reply(await call.write(operations.delete_deployments, call.body))


@routes.post("/deployments/bulk_set_paused")
@endpoint(body=DeploymentsBulkPause, returns=DeploymentBulkPauseResult)
async def set_deployments_paused(call: Call[DeploymentsBulkPause]) -> Reply:
    """Pause deployments that match, or resume them, in order of name. An extension."""
    return Reply(await call.write(operations.set_many_paused, call.body))


@routes.post("/deployments/{id}/pause_deployment")
@endpoint(statuses=(200,))
async def pause_deployment(call: Call[None]) -> Reply:
    """Let the schedules of a deployment make no runs, and take back those that they have made."""
    await call.write(operations.set_paused, call.id, paused=True)
    return Reply()


@routes.post("/deployments/{id}/resume_deployment")
@endpoint(statuses=(200,))
async def resume_deployment(call: Call[None]) -> Reply:
    """Let the schedules of a deployment make runs again."""
    await call.write(operations.set_paused, call.id, paused=False)
    return Reply()


@routes.post("/deployments/{id}/schedule")
@endpoint(body=ScheduleRuns, statuses=(200,))
async def schedule_deployment(call: Call[ScheduleRuns]) -> Reply:
    """Make the runs of a deployment that its schedules ask for between two times, by default from now on."""
    await call.write(schedule_runs, call.id, window_of(call.body))
    return Reply()


@routes.post("/deployments/get_scheduled_flow_runs")
@endpoint(body=ScheduledFlowRunsQuery, returns=list[FlowRun])
async def read_scheduled_flow_runs(call: Call[ScheduledFlowRunsQuery]) -> Reply:
    """The runs of deployments that are to begin, the one that is due first first."""
    body = call.body
    limit = limit_of(call, body.limit)
    runs = await call.read(read_due_runs, body.deployment_ids, body.scheduled_before, limit)
    await call.write(mark_ready, body.deployment_ids)
    return Reply(runs)


@routes.get("/deployments/{id}/work_queue_check")
@endpoint(returns=list[WorkQueue])
async def check_work_queues(call: Call[None]) -> Reply:
    """The work queues whose old-style filter lets the runs of a deployment pass."""
    return Reply(await call.read(operations.check_work_queues, call.id))


@routes.post("/deployments/{id}/create_flow_run")
@endpoint(body=DeploymentFlowRunCreate, returns=FlowRun, statuses=(201, 200))
async def create_flow_run(call: Call[DeploymentFlowRunCreate]) -> Reply:
    """Make a run of a deployment, or find the one with the same idempotency key."""
    most = call.services.settings.api_max_parameter_size
    creator = call.caller.created_by
    return created_or_found(
        await call.write(create_run, call.id, call.body, created_by=creator, maximum_parameter_size=most)
    )


@routes.post("/deployments/{id}/create_flow_run/bulk")
@endpoint(body=list[DeploymentFlowRunCreate], returns=FlowRunBulkCreateResult)
async def create_flow_runs(call: Call[list[DeploymentFlowRunCreate]]) -> Reply:
    """Make many runs of a deployment."""
    most = call.services.settings.api_max_parameter_size
    creator = call.caller.created_by
    made = await create_runs(
        call.services.database, call.id, call.body, created_by=creator, maximum_parameter_size=most
    )
    return Reply(made)


def window_of(body: ScheduleRuns) -> Window:
    """Return for when runs are asked for, with the defaults of what is not said."""
    start = body.start_time or utc_now()
    plain = Window(start, body.end_time or start + REACH)
    return Window(
        start,
        plain.end,
        plain.min_time if body.min_time is None else body.min_time,
        plain.min_runs if body.min_runs is None else body.min_runs,
        plain.max_runs if body.max_runs is None else body.max_runs,
    )
