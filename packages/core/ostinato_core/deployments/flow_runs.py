"""Making runs of a deployment on request, one or many (behaviour.md, section 13.8)."""

from collections.abc import Sequence
from uuid import UUID

from ostinato_core.deployments import repository
from ostinato_core.deployments.changing import NO_SCHEMA
from ostinato_core.deployments.errors import (
    DeploymentInvalid,
    FlowRunRefused,
    NoWorkPool,
    ParametersNotHydrated,
    TooManyFlowRuns,
)
from ostinato_core.deployments.job_variables import check_variables
from ostinato_core.deployments.places import Place, make_place, place_of_queue
from ostinato_core.errors import Fact
from ostinato_core.flow_runs.transitions import create_flow_run
from ostinato_core.job_variables import JobVariablesInvalid
from ostinato_core.parameters.errors import CircularSchema, HydrationError, InvalidSchema, ParametersInvalid
from ostinato_core.parameters.shapes import is_object
from ostinato_core.parameters.validation import validate_parameters
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Database, Transaction
from ostinato_core.variables.references import hydrated
from ostinato_wire.deployments import MOST_RUNS_AT_ONCE, BulkCreateStatus, DeploymentFlowRunCreate
from ostinato_wire.flow_runs import FlowRunCreate
from ostinato_wire.states import StateCreate, StateType


async def create_run(
    tx: Transaction,
    deployment_id: UUID,
    body: DeploymentFlowRunCreate,
    *,
    created_by: JsonDict | None = None,
    maximum_parameter_size: int = 0,
) -> tuple[JsonDict, bool]:
    """Make a run of a deployment, or find the one with the same idempotency key; return it and whether it is new.

    Errors: DeploymentNotFound, ParametersNotHydrated, FlowRunRefused, DeploymentInvalid, NoWorkPool, Invalid for
    parameters that are too large.
    """
    deployment = await repository.get(tx, deployment_id)
    parameters = await _parameters(tx, deployment, body)
    place = await _place(tx, deployment, body)
    try:
        await check_variables(tx, place, deployment["job_variables"], body.job_variables or {})
    except JobVariablesInvalid as error:
        raise DeploymentInvalid(f"Error creating flow run: {error.message}") from error
    return await create_flow_run(
        tx,
        _flow_run(deployment, body, parameters),
        created_by=created_by,
        maximum_parameter_size=maximum_parameter_size,
        queue=place.shown() if place else None,
        deployment_version=deployment["version"],
    )


async def create_runs(
    database: Database,
    deployment_id: UUID,
    bodies: Sequence[DeploymentFlowRunCreate],
    *,
    created_by: JsonDict | None = None,
    maximum_parameter_size: int = 0,
) -> JsonDict:
    """Make runs of a deployment, each in a transaction of its own; return what became of each, in order.

    Errors: TooManyFlowRuns, DeploymentNotFound.
    """
    if len(bodies) > MOST_RUNS_AT_ONCE:
        raise TooManyFlowRuns(MOST_RUNS_AT_ONCE)
    await database.lookup(lambda tx: repository.get(tx, deployment_id))
    results: list[JsonDict] = []
    for body in bodies:

        async def make(tx: Transaction, body: DeploymentFlowRunCreate = body) -> tuple[JsonDict, bool]:
            return await create_run(
                tx, deployment_id, body, created_by=created_by, maximum_parameter_size=maximum_parameter_size
            )

        try:
            run, _ = await database.write(make)
            results.append({"flow_run_id": run["id"], "status": BulkCreateStatus.CREATED.value, "error": None})
        except Fact as fact:
            results.append({"flow_run_id": None, "status": BulkCreateStatus.FAILED.value, "error": _in_bulk(fact)})
    return {"results": results}


def _in_bulk(fact: Fact) -> str:
    """Return how a bulk request tells why a run was not made."""
    told = None
    if isinstance(fact, (DeploymentInvalid, FlowRunRefused, NoWorkPool, ParametersNotHydrated)):
        told = fact.in_bulk
    return told or fact.message


async def _parameters(tx: Transaction, deployment: Row, body: DeploymentFlowRunCreate) -> JsonDict:
    try:
        parameters = await hydrated(tx, {**deployment["parameters"], **body.parameters})
    except HydrationError as error:
        raise ParametersNotHydrated(
            f"Error hydrating flow run parameters: {error.message}", in_bulk=error.message
        ) from error
    enforced = body.enforce_parameter_schema
    if enforced is None:
        enforced = deployment["enforce_parameter_schema"]
    if enforced:
        _check_parameters(parameters, deployment["parameter_openapi_schema"])
    return parameters


def _check_parameters(parameters: JsonDict, schema: object) -> None:
    if not is_object(schema):
        raise FlowRunRefused(
            f"Error updating deployment: {NO_SCHEMA}",
            in_bulk="Parameter schema enforcement is enabled but deployment has no valid schema.",
        )
    try:
        validate_parameters(parameters, schema)
    except CircularSchema as error:
        raise DeploymentInvalid(
            f"Invalid schema: {error.why}", in_bulk="Invalid schema: circular references detected."
        ) from error
    except (ParametersInvalid, InvalidSchema) as error:
        raise FlowRunRefused(
            f"Error creating flow run: {error.message}", in_bulk=f"Parameter validation failed: {error.message}"
        ) from error


async def _place(tx: Transaction, deployment: Row, body: DeploymentFlowRunCreate) -> Place | None:
    if not body.work_queue_name:
        return await place_of_queue(tx, deployment["work_queue_id"])
    if deployment["work_pool_name"] is None:
        raise NoWorkPool(body.work_queue_name, deployment["id"])
    return await make_place(tx, deployment["work_pool_name"], body.work_queue_name)


def _flow_run(deployment: Row, body: DeploymentFlowRunCreate, parameters: JsonDict) -> FlowRunCreate:
    return FlowRunCreate(
        state=body.state or StateCreate(type=StateType.SCHEDULED),
        name=body.name,
        flow_id=deployment["flow_id"],
        deployment_id=deployment["id"],
        parameters=parameters,
        context=body.context,
        infrastructure_document_id=body.infrastructure_document_id or deployment["infrastructure_document_id"],
        empirical_policy=body.empirical_policy,
        tags=list(dict.fromkeys([*deployment["tags"], *body.tags])),
        idempotency_key=body.idempotency_key,
        labels=body.labels,
        parent_task_run_id=body.parent_task_run_id,
        work_queue_name=body.work_queue_name,
        job_variables=body.job_variables,
    )
