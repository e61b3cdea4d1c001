"""The actions that change the server's own objects, by the operations that requests use (behaviour.md, 19.6)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from ostinato_core.automations import operations as automations
from ostinato_core.automations.actions.context import Occasion, names_for
from ostinato_core.automations.actions.errors import ActionFailed, refused
from ostinato_core.automations.actions.rendering import render_parameters, templates_in
from ostinato_core.automations.actions.targets import (
    FLOW_RUN,
    OnFlowRun,
    as_target,
    flow_run_of,
    involved,
    kind_of,
    target_of,
)
from ostinato_core.clock import later
from ostinato_core.deployments.flow_runs import create_run
from ostinato_core.deployments.operations import set_paused
from ostinato_core.errors import Fact, Unavailable
from ostinato_core.flow_runs.operations import delete_flow_run
from ostinato_core.flow_runs.resume import resume_flow_run
from ostinato_core.flow_runs.transitions import set_flow_run_state
from ostinato_core.incidents.operations import declare_incident
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction
from ostinato_core.variables.references import context_of
from ostinato_core.work_pools import repository as work_pools
from ostinato_core.work_pools.operations import update_work_pool
from ostinato_core.work_queues.operations import update_queue
from ostinato_wire import actions as wire
from ostinato_wire.automations import AutomationPartialUpdate
from ostinato_wire.deployments import DeploymentFlowRunCreate
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE
from ostinato_wire.incidents import (
    MAXIMUM_NAME_LENGTH,
    MAXIMUM_RELATED,
    MAXIMUM_TAGS,
    MAXIMUM_TEXT_LENGTH,
    IncidentCreate,
)
from ostinato_wire.states import SetStateStatus, StateCreate, StateDetails, StateType
from ostinato_wire.work_pools import WorkPoolUpdate
from ostinato_wire.work_queues import WorkQueueUpdate

SUSPENDED_FOR: Final = timedelta(hours=1)
"""How long a run stays suspended at most, before it fails."""


@dataclass(frozen=True, slots=True)
class Target:
    """What an action acts on: its id, and the labels by which events tell of it."""

    id: UUID
    resource: JsonDict


@dataclass(frozen=True, slots=True)
class Job:
    """One action to be done: `index` counts the actions of an automation, `since` is when it was asked for."""

    action: Any  # Any: one of the actions
    occasion: Occasion
    index: int
    invocation: UUID
    since: datetime
    maximum_parameter_size: int = 0

    @property
    def automation_id(self) -> UUID:
        """The automation that asks for it."""
        return self.occasion.automation["id"]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an action: details for the event that tells of it, and resources that it has made."""

    details: JsonDict = field(default_factory=JsonDict)
    made: tuple[JsonDict, ...] = ()


async def find_target(tx: Transaction, job: Job) -> Target | None:
    """Return what an action acts on, None for one that acts on nothing. Errors: ActionFailed."""
    action, event = job.action, job.occasion.event
    if isinstance(action, OnFlowRun):
        run_id = flow_run_of(job.occasion.labels, event)
        return Target(run_id, as_target(FLOW_RUN, run_id))
    if not isinstance(action, wire.TargetedAction):
        return None
    id_, name = target_of(action, event), None
    if isinstance(action, wire.PauseWorkPool | wire.ResumeWorkPool):
        pool = await work_pools.find_by_id(tx, id_)
        if pool is None:
            raise ActionFailed(f"Work pool {id_} not found")
        name = pool["name"]
    return Target(id_, as_target(kind_of(action), id_, name))


async def perform(tx: Transaction, job: Job, target: Target | None) -> Done:
    """Do an action to its target. Errors: ActionFailed; Unavailable and LostRace, after which it may be tried again."""
    try:
        if target is not None:
            return await _PERFORMERS[type(job.action)](tx, job, target)
        return await _declare_incident(tx, job) if isinstance(job.action, wire.DeclareIncident) else Done()
    except Unavailable:
        raise
    except Fact as fact:
        raise refused(job.action.type, fact) from fact


async def rendered_parameters(tx: Transaction, job: Job) -> JsonDict:
    """Return the parameters with which an action runs a deployment. Errors: ActionFailed."""
    action: wire.RunDeployment = job.action
    parameters = action.parameters or {}
    names = await names_for(tx, job.occasion, templates_in(parameters))
    variables = (await context_of(tx, parameters)).variables
    return render_parameters(parameters, dict(variables), names)


async def _run_deployment(tx: Transaction, job: Job, target: Target) -> Done:
    action: wire.RunDeployment = job.action
    details = StateDetails(scheduled_time=later(job.since, action.schedule_after))
    body = DeploymentFlowRunCreate(
        state=StateCreate(type=StateType.SCHEDULED, state_details=details),
        parameters=await rendered_parameters(tx, job),
        job_variables=action.job_variables,
        idempotency_key=f"automation {job.automation_id}, action {job.index}, invocation {job.invocation}",
    )
    creator = {
        "id": str(job.automation_id),
        "type": "AUTOMATION",
        "display_value": job.occasion.automation["name"],
    }
    most = job.maximum_parameter_size
    run, is_new = await create_run(tx, target.id, body, created_by=creator, maximum_parameter_size=most)
    made = {RESOURCE_ID: f"{FLOW_RUN}.{run['id']}", RESOURCE_ROLE: "flow-run", RESOURCE_NAME: run["name"]}
    return Done({"status_code": 201 if is_new else 200}, (made,))


async def _declare_incident(tx: Transaction, job: Job) -> Done:
    automation, event = job.occasion.automation, job.occasion.event
    resources = {} if event is None else {labels[RESOURCE_ID]: dict(labels) for labels in involved(event)}
    given = IncidentCreate(
        name=automation["name"][:MAXIMUM_NAME_LENGTH] or "Incident",
        summary=automation["description"][:MAXIMUM_TEXT_LENGTH],
        tags=automation["tags"][:MAXIMUM_TAGS],
        related_resources=list(resources.values())[:MAXIMUM_RELATED],
    )
    incident = await declare_incident(tx, given)
    made = {
        RESOURCE_ID: f"prefect.incident.{incident['id']}",
        RESOURCE_ROLE: "incident",
        RESOURCE_NAME: incident["name"],
    }
    return Done({"status_code": 201}, (made,))


async def _pause_deployment(tx: Transaction, job: Job, target: Target) -> Done:
    await set_paused(tx, target.id, paused=isinstance(job.action, wire.PauseDeployment))
    return Done({"status_code": 200})


async def _pause_pool(tx: Transaction, job: Job, target: Target) -> Done:
    update = WorkPoolUpdate(is_paused=isinstance(job.action, wire.PauseWorkPool))
    await update_work_pool(tx, target.resource[RESOURCE_NAME], update)
    return Done({"status_code": 204})


async def _pause_queue(tx: Transaction, job: Job, target: Target) -> Done:
    await update_queue(tx, target.id, WorkQueueUpdate(is_paused=isinstance(job.action, wire.PauseWorkQueue)))
    return Done({"status_code": 204})


async def _pause_automation(tx: Transaction, job: Job, target: Target) -> Done:
    update = AutomationPartialUpdate(enabled=isinstance(job.action, wire.ResumeAutomation))
    await automations.enable_automation(tx, target.id, update)
    return Done({"status_code": 204})


async def _cancel_run(tx: Transaction, job: Job, target: Target) -> Done:
    message = f"Cancelled by Automation {job.automation_id}"
    return await _set_state(tx, target, StateCreate(type=StateType.CANCELLING, message=message))


async def _suspend_run(tx: Transaction, job: Job, target: Target) -> Done:
    message = f"Suspended by Automation {job.automation_id}"
    details = StateDetails(pause_timeout=tx.now + SUSPENDED_FOR, pause_reschedule=True)
    state = StateCreate(type=StateType.PAUSED, name="Suspended", message=message, state_details=details)
    return await _set_state(tx, target, state)


async def _change_state(tx: Transaction, job: Job, target: Target) -> Done:
    action: wire.ChangeFlowRunState = job.action
    message = action.message or f"State changed by Automation {job.automation_id}"
    return await _set_state(
        tx, target, StateCreate(type=action.state, name=action.name, message=message), force=action.force
    )


async def _set_state(tx: Transaction, target: Target, state: StateCreate, *, force: bool = False) -> Done:
    result, _ = await set_flow_run_state(tx, target.id, state, force=force, alone=False)
    _check_accepted(result, "Failed to set state", {"status_code": 200})
    return Done({"status_code": 201})


async def _resume_run(tx: Transaction, _job: Job, target: Target) -> Done:
    result, _ = await resume_flow_run(tx, target.id, {})
    _check_accepted(result, "Failed to resume flow run", {})
    return Done()


def _check_accepted(result: JsonDict, what: str, details: JsonDict) -> None:
    if result["status"] != SetStateStatus.ACCEPT:
        told: JsonDict = result["details"] or {}
        reason = told.get("reason") or result["status"]
        raise ActionFailed(f"{what}: {reason}", details)


async def _delete_run(tx: Transaction, _job: Job, target: Target) -> Done:
    await delete_flow_run(tx, target.id)
    return Done({"status_code": 204})


_PERFORMERS: Final[Mapping[type, Callable[[Transaction, Job, Target], Awaitable[Done]]]] = {
    wire.RunDeployment: _run_deployment,
    wire.PauseDeployment: _pause_deployment,
    wire.ResumeDeployment: _pause_deployment,
    wire.PauseWorkPool: _pause_pool,
    wire.ResumeWorkPool: _pause_pool,
    wire.PauseWorkQueue: _pause_queue,
    wire.ResumeWorkQueue: _pause_queue,
    wire.PauseAutomation: _pause_automation,
    wire.ResumeAutomation: _pause_automation,
    wire.CancelFlowRun: _cancel_run,
    wire.SuspendFlowRun: _suspend_run,
    wire.ChangeFlowRunState: _change_state,
    wire.ResumeFlowRun: _resume_run,
    wire.DeleteFlowRun: _delete_run,
}
