"""Telling the server of a deployment: one plan for both drivers (sdk.md, 24.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ostinato.deployments import versions
from ostinato.deployments.triggers import automations_for
from ostinato.engine.steps import Offload, Plan, Request
from ostinato.exceptions import DeploymentApplyError, ObjectNotFound

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato.deployments.definition import RunnerDeployment
    from ostinato.schedules import Schedule
    from ostinato_wire.deployments import Deployment, DeploymentSchedule
    from ostinato_wire.slas import SlaTypes


def apply_plan(deployment: RunnerDeployment) -> Plan[UUID]:
    """Make the deployment, or change it if there is one of its name; return its id. Raises DeploymentApplyError.

    Automations that it owned are replaced by those of its triggers.
    """
    from ostinato.client.errors import OstinatoHTTPStatusError
    from ostinato_wire.deployments import DeploymentCreate, DeploymentUpdate

    try:
        version_info = yield Offload(lambda: versions.version_info(deployment.version, deployment.version_type))
        members = _members(deployment)
        yield from _check_slas(deployment)
        try:
            found: Deployment = yield Request("read_deployment_by_name", {"name": deployment.full_name})
            if deployment.schedules:
                members["schedules"] = [_kept(schedule, found.schedules) for schedule in deployment.schedules]
        except ObjectNotFound:
            flow_id: UUID = yield Request("create_flow_from_name", {"flow_name": deployment.flow_name})
            body = DeploymentCreate(name=deployment.name, flow_id=flow_id, **members)
            found = yield Request("create_deployment", {"body": body, "version_info": version_info})
        else:
            change = DeploymentUpdate(**members)
            arguments = {"deployment_id": found.id, "body": change, "version_info": version_info}
            yield Request("update_deployment", arguments)
        yield from _replace_automations(deployment, found.id)
        if deployment.slas is not None:
            yield from _apply_slas(deployment.slas, found.id)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise DeploymentApplyError(f"Deployment {deployment.full_name!r} is not valid: {problems}") from None
    except (OstinatoHTTPStatusError, ObjectNotFound) as error:
        raise DeploymentApplyError(f"Deployment {deployment.full_name!r} was refused: {error}") from error
    return found.id


def _check_slas(deployment: RunnerDeployment) -> Plan[None]:
    """Ask whether the server keeps agreements, before it is told of a deployment that has some."""
    if deployment.slas:
        try:
            yield Request("read_slas", {"limit": 1})
        except ObjectNotFound:
            raise DeploymentApplyError(
                f"Deployment {deployment.full_name!r} has service level agreements, but this server keeps none: deploy "
                "it without them, or to a server of Ostinato."
            ) from None


def _apply_slas(slas: list[SlaTypes], deployment_id: UUID) -> Plan[None]:
    try:
        yield Request("apply_slas_for_deployment", {"deployment_id": deployment_id, "slas": slas})
    except ObjectNotFound:
        if slas:  # else there were none, and there are to be none
            raise


def _replace_automations(deployment: RunnerDeployment, deployment_id: UUID) -> Plan[None]:
    try:
        bodies = automations_for(deployment.triggers, deployment.name, deployment_id)
    except (ValueError, TypeError) as error:
        raise DeploymentApplyError(f"Deployment {deployment.full_name!r}: {error}") from None
    yield Request("delete_resource_owned_automations", {"resource_id": f"prefect.deployment.{deployment_id}"})
    for body in bodies:
        yield Request("request", {"method": "POST", "path": "/automations/", "json": body})


def _members(deployment: RunnerDeployment) -> dict[str, Any]:  # Any: JSON values
    members: dict[str, Any] = {
        "enforce_parameter_schema": deployment.enforce_parameter_schema,
        "parameter_openapi_schema": deployment.parameter_openapi_schema,
        "parameters": deployment.parameters,
        "tags": deployment.tags,
        "description": deployment.description,
        "path": deployment.path,
        "entrypoint": deployment.entrypoint,
        "version": deployment.version,
        "pull_steps": deployment.pull_steps,
        "work_pool_name": deployment.work_pool_name,
        "work_queue_name": deployment.work_queue_name,
        "job_variables": deployment.job_variables,
        "concurrency_limit": deployment.concurrency_limit,
    }
    if deployment.collision_strategy is not None:
        options: dict[str, Any] = {"collision_strategy": deployment.collision_strategy}
        if deployment.grace_period_seconds is not None:
            options["grace_period_seconds"] = deployment.grace_period_seconds
        members["concurrency_options"] = options
    for name in ("max_queued", "retry_on_crash"):  # of our servers only: not sent unless they are given
        if (value := getattr(deployment, name)) is not None:
            members[name] = value
    if deployment.paused is not None:
        members["paused"] = deployment.paused
    if deployment.schedules:
        # As plain members: creating and changing have models of their own.
        members["schedules"] = [schedule.to_wire().model_dump(exclude_none=True) for schedule in deployment.schedules]
    return members


def _kept(schedule: Schedule, before: list[DeploymentSchedule]) -> dict[str, Any]:  # Any: JSON values
    """Return a schedule to be sent, with what the server has of it where nothing is said: paused stays paused.

    An interval counts from where it did: deploying again moves no run.
    """
    body = schedule.to_wire().model_dump(exclude_none=True)
    for known in before:
        definition = known.schedule.model_dump(exclude_none=True)
        same = _without_anchor(definition) == _without_anchor(body["schedule"])
        if known.slug != schedule.slug or not (same or schedule.slug):
            continue
        if schedule.active is None:
            body["active"] = known.active
        if same and schedule.anchor_date is None and "anchor_date" in definition:
            body["schedule"]["anchor_date"] = definition["anchor_date"]
    return body


def _without_anchor(definition: dict[str, Any]) -> dict[str, Any]:  # Any: JSON values
    """Return a definition as it is compared: a time zone that is not given is UTC."""
    return {"timezone": "UTC"} | {name: value for name, value in definition.items() if name != "anchor_date"}
