"""Deployments, their schedules and their runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Unpack

from ostinato.client.errors import ObjectNotFound, OstinatoHTTPStatusError
from ostinato.client.operation import decode, encode, facts, present
from ostinato.client.plans.filters import Filters, body_of
from ostinato.client.plans.states import state_body
from ostinato.client.runs import FlowRun
from ostinato.client.steps import Plan, Request
from ostinato_wire.deployments import (
    Deployment,
    DeploymentCreate,
    DeploymentSchedule,
    DeploymentScheduleCreate,
    DeploymentScheduleUpdate,
    DeploymentSort,
    DeploymentUpdate,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from ostinato_wire.base import KeyValueLabels
    from ostinato_wire.states import StateCreate


def create_deployment(body: DeploymentCreate, version_info: Mapping[str, str] | None = None) -> Plan[Deployment]:
    """Make a deployment, or change the one of that flow and name by the members that are set.

    Raises ObjectLimitReached if the server takes no more.
    """
    content = body.model_dump(exclude_unset=True) | dict(present(version_info=version_info))
    content["schedules"] = [schedule_body(schedule) for schedule in body.schedules]
    with facts():
        response = yield Request("POST", "/deployments/", encode(content))
    return decode(response, Deployment)


def update_deployment(
    deployment_id: UUID, body: DeploymentUpdate, version_info: Mapping[str, str] | None = None
) -> Plan[None]:
    """Change the members of a deployment that are set in `body`. Raises ObjectNotFound."""
    content = body.model_dump(exclude_unset=True) | dict(present(version_info=version_info))
    if "schedules" in body.model_fields_set:
        content["schedules"] = [schedule_body(schedule) for schedule in body.schedules]
    with facts():
        yield Request("PATCH", f"/deployments/{deployment_id}", encode(content))


def schedule_body(schedule: DeploymentScheduleCreate | DeploymentScheduleUpdate) -> Mapping[str, object]:
    """Return the JSON object of a schedule; members of our own that are not given are not sent."""
    return schedule.model_dump(exclude_none=True)


def read_deployment(deployment_id: UUID) -> Plan[Deployment]:
    """Return a deployment. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/deployments/{deployment_id}")
    return decode(response, Deployment)


def read_deployment_by_name(name: str) -> Plan[Deployment]:
    """Return the deployment `flow/deployment`. Raises ObjectNotFound, ValueError for a name without a slash."""
    flow_name, slash, deployment_name = name.partition("/")
    if not slash or not flow_name or not deployment_name:
        raise ValueError(f"A deployment is named `flow/deployment`, got {name!r}.")
    with facts():
        response = yield Request("GET", f"/deployments/name/{flow_name}/{deployment_name}")
    return decode(response, Deployment)


def read_deployments(
    *, sort: DeploymentSort | None = None, limit: int | None = None, offset: int = 0, **filters: Unpack[Filters]
) -> Plan[list[Deployment]]:
    """Return deployments that meet all filters."""
    body = body_of(filters, sort=sort, limit=limit, offset=offset)
    response = yield Request("POST", "/deployments/filter", encode(body))
    return decode(response, list[Deployment])


def delete_deployment(deployment_id: UUID) -> Plan[None]:
    """Delete a deployment. Raises ObjectNotFound."""
    with facts():
        yield Request("DELETE", f"/deployments/{deployment_id}")


def set_deployment_paused_state(deployment_id: UUID, paused: bool) -> Plan[None]:
    """Pause or resume all schedules of a deployment. Raises ObjectNotFound."""
    with facts():
        yield Request("PATCH", f"/deployments/{deployment_id}", encode({"paused": paused}))


def pause_deployment(deployment_id: UUID) -> Plan[None]:
    """Make no more runs by schedules. Raises ObjectNotFound."""
    return set_deployment_paused_state(deployment_id, paused=True)


def resume_deployment(deployment_id: UUID) -> Plan[None]:
    """Make runs by schedules again. Raises ObjectNotFound."""
    return set_deployment_paused_state(deployment_id, paused=False)


def create_deployment_schedules(
    deployment_id: UUID, schedules: Iterable[DeploymentScheduleCreate]
) -> Plan[list[DeploymentSchedule]]:
    """Add schedules to a deployment. Raises ObjectNotFound."""
    body = [schedule_body(schedule) for schedule in schedules]
    with facts():
        response = yield Request("POST", f"/deployments/{deployment_id}/schedules", encode(body))
    return decode(response, list[DeploymentSchedule])


def read_deployment_schedules(deployment_id: UUID) -> Plan[list[DeploymentSchedule]]:
    """Return the schedules of a deployment. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/deployments/{deployment_id}/schedules")
    return decode(response, list[DeploymentSchedule])


def update_deployment_schedule(deployment_id: UUID, schedule_id: UUID, body: DeploymentScheduleUpdate) -> Plan[None]:
    """Change the members of a schedule that are set in `body`. Raises ObjectNotFound."""
    content = encode(body.model_dump(exclude_unset=True))
    with facts():
        yield Request("PATCH", f"/deployments/{deployment_id}/schedules/{schedule_id}", content)


def delete_deployment_schedule(deployment_id: UUID, schedule_id: UUID) -> Plan[None]:
    """Delete a schedule. Raises ObjectNotFound."""
    with facts():
        yield Request("DELETE", f"/deployments/{deployment_id}/schedules/{schedule_id}")


def create_flow_run_from_deployment(
    deployment_id: UUID,
    *,
    parameters: Mapping[str, Any] | None = None,  # Any: JSON values
    context: Mapping[str, Any] | None = None,  # Any: JSON values
    state: StateCreate | None = None,
    name: str | None = None,
    tags: Iterable[str] | None = None,
    idempotency_key: str | None = None,
    parent_task_run_id: UUID | None = None,
    work_queue_name: str | None = None,
    job_variables: Mapping[str, Any] | None = None,  # Any: JSON values
    labels: KeyValueLabels | None = None,
) -> Plan[FlowRun]:
    """Make a run of a deployment; the server schedules it for now unless `state` says otherwise. Raises ObjectNotFound.

    Parameters must be JSON values; those that are missing are the deployment's.
    """
    body = present(
        parameters=parameters,
        context=context,
        state=None if state is None else state_body(state),
        name=name,
        tags=None if tags is None else list(tags),
        idempotency_key=idempotency_key,
        parent_task_run_id=parent_task_run_id,
        work_queue_name=work_queue_name,
        job_variables=job_variables,
        labels=labels,
    )
    try:
        response = yield Request("POST", f"/deployments/{deployment_id}/create_flow_run", encode(body))
    except OstinatoHTTPStatusError as error:
        # `facts` would take 409 for a name that is taken; here it tells of parameters that do not fit.
        if error.status == 404:
            raise ObjectNotFound(error) from error
        raise
    return decode(response, FlowRun)


def get_scheduled_flow_runs_for_deployments(
    deployment_ids: Iterable[UUID], scheduled_before: datetime | None = None, limit: int | None = None
) -> Plan[list[FlowRun]]:
    """Return runs of these deployments that are due before `scheduled_before` (default now), the first first."""
    body = present(
        deployment_ids=list(deployment_ids), scheduled_before=scheduled_before or datetime.now(UTC), limit=limit
    )
    response = yield Request("POST", "/deployments/get_scheduled_flow_runs", encode(body))
    return decode(response, list[FlowRun])
