"""Changing a deployment by the members of a request that are present (behaviour.md, section 13.2)."""

from uuid import UUID

from ostinato_core.deployments import repository
from ostinato_core.deployments.errors import DeploymentConflict, DeploymentInvalid, ParametersNotHydrated
from ostinato_core.deployments.events import updated_event, version_event
from ostinato_core.deployments.job_variables import check_variables
from ostinato_core.deployments.limits import limit_after
from ostinato_core.deployments.making import columns_of, version_column
from ostinato_core.deployments.merging import as_new, merged, merges
from ostinato_core.deployments.places import make_place
from ostinato_core.deployments.schedules import (
    insert_schedules,
    replace_schedules,
    schedules_of,
    wake_schedules,
    write_schedule,
)
from ostinato_core.deployments.waiting_runs import delete_waiting_runs
from ostinato_core.errors import IntegrityConflict
from ostinato_core.events.outbox import record
from ostinato_core.job_variables import JobVariablesInvalid
from ostinato_core.parameters.errors import CircularSchema, HydrationError, InvalidSchema, ParametersInvalid
from ostinato_core.parameters.shapes import is_object
from ostinato_core.parameters.validation import validate_parameters
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_core.variables.references import hydrated
from ostinato_wire.deployments import DeploymentUpdate

NO_SCHEMA = (
    "Cannot update parameters because parameter schema enforcement is enabled and the deployment does not have a "
    "valid parameter schema."
)


async def update_deployment(
    tx: Transaction, deployment_id: UUID, body: DeploymentUpdate, *, editor: JsonDict | None = None
) -> None:
    """Write the members that are present; runs that schedules had made for the future go.

    Errors: DeploymentNotFound, DeploymentInvalid, DeploymentConflict, ParametersNotHydrated, InvalidSchedule,
    WorkPoolNotFound, ConcurrencyLimitNotFound, IntegrityConflict for a null where there must be a value.
    """
    before = await repository.get(tx, deployment_id, end=".")
    values = columns_of(body, body.model_fields_set)
    if "version_info" in body.model_fields_set:
        values["version_info"] = version_column(body)
    if values.get("enforce_parameter_schema", True) is None or values.get("parameters", {}) is None:
        raise IntegrityConflict
    values["job_variables"] = _job_variables(before, body)
    values |= await _parameters(tx, before, body)
    values |= await _place(tx, before, body)
    if editor is not None:
        values["updated_by"] = editor
    await repository.write(tx, before, values)
    limit_id = await limit_after(tx, deployment_id, before["concurrency_limit_id"], body)
    if limit_id != before["concurrency_limit_id"]:
        await repository.write_limit(tx, deployment_id, limit_id)
    await _write_schedules(tx, deployment_id, body)
    await delete_waiting_runs(tx, [deployment_id], only_automatic=True, only_future=True)
    await wake_schedules(tx, [deployment_id])
    after = await repository.get(tx, deployment_id)
    events = (updated_event(before, after), version_event(before, after))
    await record(tx, *(each for each in events if each is not None))


def _job_variables(before: Row, body: DeploymentUpdate) -> JsonDict:
    """Return the job variables after a change: none given leave those that are there, unless these are to go."""
    return {} if body.clear else body.job_variables or before["job_variables"]


async def _parameters(tx: Transaction, before: Row, body: DeploymentUpdate) -> JsonDict:
    """Return the parameters as they are to be stored, after a look at what the deployment then asks of them."""
    given = body.model_fields_set
    values: JsonDict = {}
    parameters = before["parameters"]
    if body.parameters is not None:
        try:
            parameters = values["parameters"] = await hydrated(tx, body.parameters)
        except HydrationError as error:
            raise ParametersNotHydrated(f"Error hydrating deployment parameters: {error.message}") from error
    enforced = before["enforce_parameter_schema"]
    if body.enforce_parameter_schema is not None:
        enforced = body.enforce_parameter_schema
    schema = before["parameter_openapi_schema"]
    if "parameter_openapi_schema" in given:
        schema = body.parameter_openapi_schema
    changes_schema = bool(given & {"parameter_openapi_schema", "enforce_parameter_schema"}) and schema is not None
    if enforced and ("parameters" in given or changes_schema):
        _check_parameters(parameters, schema)
    return values


def _check_parameters(parameters: JsonDict, schema: object) -> None:
    if not is_object(schema):
        raise DeploymentConflict(f"Error updating deployment: {NO_SCHEMA}")
    try:
        validate_parameters(parameters, schema, ignore_required=True)
    except CircularSchema as error:
        raise DeploymentInvalid(f"Invalid schema: {error.why}") from error
    except (ParametersInvalid, InvalidSchema) as error:
        raise DeploymentConflict(f"Error updating deployment: {error.message}") from error


async def _place(tx: Transaction, before: Row, body: DeploymentUpdate) -> JsonDict:
    place = await make_place(tx, body.work_pool_name, body.work_queue_name)
    if place is None:
        return {"work_queue_id": None} if "work_pool_name" in body.model_fields_set else {}
    try:
        await check_variables(tx, place, _job_variables(before, body), ignore_required=True)
    except JobVariablesInvalid as error:
        raise DeploymentConflict(f"Error creating deployment: {error.message}") from error
    return {"work_queue_id": place.queue_id}


async def _write_schedules(tx: Transaction, deployment_id: UUID, body: DeploymentUpdate) -> None:
    known = await schedules_of(tx, deployment_id)
    if merges([row["slug"] for row in known], body.schedules):
        changed, new = merged({row["slug"]: row["id"] for row in known}, body.schedules)
        for schedule_id, change in changed:
            await write_schedule(tx, deployment_id, schedule_id, change)
        await insert_schedules(tx, deployment_id, new)
    elif "schedules" in body.model_fields_set:
        await replace_schedules(tx, deployment_id, (as_new(each) for each in body.schedules if each.schedule))
