"""Making a deployment, or bringing the one of that flow and name in line with a request (section 13.1)."""

from typing import Final
from uuid import UUID

from sqlalchemy import select

from ostinato_core.db.tables import block_documents
from ostinato_core.deployments import repository
from ostinato_core.deployments.errors import BlockDocumentMissing, DeploymentInvalid
from ostinato_core.deployments.events import deployment_event, updated_event, version_event
from ostinato_core.deployments.job_variables import check_variables
from ostinato_core.deployments.limits import limit_after
from ostinato_core.deployments.operations import answer
from ostinato_core.deployments.places import Place, make_place
from ostinato_core.deployments.schedules import insert_schedules, replace_schedules, wake_schedules
from ostinato_core.deployments.waiting_runs import delete_waiting_runs
from ostinato_core.errors import IntegrityConflict
from ostinato_core.events.outbox import record
from ostinato_core.flows import repository as flows
from ostinato_core.ids import new_id
from ostinato_core.job_variables import JobVariablesInvalid
from ostinato_core.parameters.errors import InvalidSchema, ParametersInvalid
from ostinato_core.parameters.validation import validate_parameters
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.deployments import DeploymentCreate, DeploymentStatus, DeploymentUpdate

_PLAIN: Final = {
    "paused",
    "concurrency_options",
    "enforce_parameter_schema",
    "parameter_openapi_schema",
    "parameters",
    "tags",
    "pull_steps",
    "storage_document_id",
    "infrastructure_document_id",
    "description",
    "path",
    "version",
    "entrypoint",
    "retry_on_crash",
    "max_queued",
}
"""Members that are stored as they come."""


async def create_deployment(
    tx: Transaction, body: DeploymentCreate, *, creator: JsonDict | None = None
) -> tuple[JsonDict, bool]:
    """Make a deployment, or change the one there is by the members present; return it and whether it is new.

    Errors: DeploymentInvalid, InvalidSchedule, WorkPoolNotFound, ConcurrencyLimitNotFound, BlockDocumentMissing,
    IntegrityConflict for an unknown flow or slugs that are not unique.
    """
    _check_parameters(body)
    flow = await flows.find(tx, body.flow_id)
    before = await repository.find_by_key(tx, body.flow_id, body.name)
    place = await make_place(tx, body.work_pool_name, body.work_queue_name)
    await _check_job_variables(tx, place, body)
    await _check_blocks(tx, body)
    if flow is None:
        raise IntegrityConflict
    labels: JsonDict = {**(flow["labels"] or {}), "prefect.flow.id": str(body.flow_id), **(body.labels or {})}
    if before is None:
        deployment_id = await _insert(tx, body, place, labels, creator)
    else:
        deployment_id = before["id"]
        await _bring_in_line(tx, before, body, place, labels, creator)
    after = await repository.get(tx, deployment_id)
    event = deployment_event("created", after) if before is None else updated_event(before, after)
    await record(tx, *(each for each in (event, version_event(before, after)) if each is not None))
    return await answer(tx, after), before is None


def columns_of(body: DeploymentCreate | DeploymentUpdate, names: set[str]) -> JsonDict:
    """Return the columns that members of a request are stored in as they come."""
    values = body.model_dump(include=names & _PLAIN)
    if values.get("concurrency_options") is not None and body.concurrency_options is not None:
        values["concurrency_options"] = body.concurrency_options.model_dump(mode="json")
    if values.get("retry_on_crash") is not None and body.retry_on_crash is not None:
        values["retry_on_crash"] = body.retry_on_crash.model_dump(mode="json")
    return values


def version_column(body: DeploymentCreate | DeploymentUpdate) -> JsonDict | None:
    """Return what is stored of where a version comes from."""
    return None if body.version_info is None else body.version_info.model_dump(exclude_none=True)


async def _insert(
    tx: Transaction, body: DeploymentCreate, place: Place | None, labels: JsonDict, creator: JsonDict | None
) -> UUID:
    deployment_id = new_id()
    row = {
        "id": deployment_id,
        "created": tx.now,
        "updated": tx.now,
        "name": body.name,
        "flow_id": body.flow_id,
        "status": DeploymentStatus.NOT_READY.value,
        "last_polled": None,
        **columns_of(body, _PLAIN),
        "version_info": version_column(body),
        "pull_steps": body.pull_steps or [],
        "job_variables": body.job_variables or {},
        "labels": labels,
        "work_queue_id": place.queue_id if place else None,
        "concurrency_limit_id": await limit_after(tx, deployment_id, None, body),
        "created_by": creator,
        "updated_by": None,
    }
    await repository.insert(tx, row)
    if await insert_schedules(tx, deployment_id, body.schedules):
        await wake_schedules(tx, [deployment_id])
    return deployment_id


async def _bring_in_line(
    tx: Transaction,
    before: Row,
    body: DeploymentCreate,
    place: Place | None,
    labels: JsonDict,
    creator: JsonDict | None,
) -> None:
    values = {**columns_of(body, body.model_fields_set | {"parameters"}), "labels": labels, "updated_by": creator}
    # What is deployed without saying where it comes from does not come from where the last one did.
    values["version_info"] = version_column(body)
    if body.job_variables:
        values["job_variables"] = body.job_variables
    if place is not None:
        values["work_queue_id"] = place.queue_id
    await repository.write(tx, before, values)
    limit_id = await limit_after(tx, before["id"], before["concurrency_limit_id"], body)
    if limit_id != before["concurrency_limit_id"]:
        await repository.write_limit(tx, before["id"], limit_id)
    await replace_schedules(tx, before["id"], body.schedules)
    await delete_waiting_runs(tx, [before["id"]], only_automatic=True, only_future=True)
    await wake_schedules(tx, [before["id"]])


def _check_parameters(body: DeploymentCreate) -> None:
    # Only where it is asked for in so many words: clients rely on it.
    asked = "enforce_parameter_schema" in body.model_fields_set and body.enforce_parameter_schema
    if not asked or body.parameter_openapi_schema is None:
        return
    try:
        validate_parameters(body.parameters, body.parameter_openapi_schema, ignore_required=True)
    except (ParametersInvalid, InvalidSchema) as error:
        raise DeploymentInvalid(error.message) from error


async def _check_job_variables(tx: Transaction, place: Place | None, body: DeploymentCreate) -> None:
    try:
        await check_variables(tx, place, body.job_variables or {}, ignore_required=True)
    except JobVariablesInvalid as error:
        raise DeploymentInvalid(f"Error creating deployment: {error.message}") from error


async def _check_blocks(tx: Transaction, body: DeploymentCreate) -> None:
    asked = {"infrastructure": body.infrastructure_document_id, "storage": body.storage_document_id}
    for kind, block_id in asked.items():
        if block_id is not None:
            mine = (block_documents.c.id == block_id, block_documents.c.workspace_id == tx.workspace_id)
            if await tx.first(select(block_documents.c.id).where(*mine)) is None:
                raise BlockDocumentMissing(kind, block_id)
