"""What can be done with flow runs, apart from making them and changing their state."""

from collections.abc import Sequence
from uuid import UUID

from coolname import generate_slug

from ostinato_core.db.tables import flow_runs
from ostinato_core.deployments import repository as deployments
from ostinato_core.deployments.job_variables import check_variables
from ostinato_core.deployments.places import place_of_queue
from ostinato_core.deployments.schedules import wake_schedules
from ostinato_core.errors import Invalid
from ostinato_core.filters.existence import flow_runs_where
from ostinato_core.filters.paging import page_json
from ostinato_core.flow_runs import repository
from ostinato_core.flow_runs.errors import (
    FlowRunIdNotFound,
    FlowRunNotFound,
    JobVariablesFixed,
)
from ostinato_core.flow_runs.parameter_size import check_parameter_size
from ostinato_core.flow_runs.rows import flow_run_json
from ostinato_core.job_variables import JobVariablesInvalid
from ostinato_core.states.history import read_history, walked
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction
from ostinato_wire.base import KeyValueLabels
from ostinato_wire.flow_runs import FlowRunUpdate
from ostinato_wire.queries import (
    FlowRunHistoryQuery,
    FlowRunsBulkDelete,
    FlowRunsPageQuery,
    FlowRunsQuery,
    FlowRunsWhere,
)


async def read_flow_run(tx: Transaction, flow_run_id: UUID) -> JsonDict:
    """Return a flow run. Errors: FlowRunNotFound."""
    return flow_run_json(await repository.get(tx, flow_run_id), tx.now)


async def read_flow_runs(tx: Transaction, query: FlowRunsQuery, limit: int) -> list[JsonDict]:
    """Return flow runs that match, at most `limit`."""
    rows = await repository.select_where(tx, query, query.sort, limit, query.offset)
    return [flow_run_json(row, tx.now) for row in rows]


async def count_flow_runs(tx: Transaction, where: FlowRunsWhere) -> int:
    """Return how many flow runs match."""
    return await repository.count_where(tx, where)


async def read_page(tx: Transaction, query: FlowRunsPageQuery, limit: int) -> JsonDict:
    """Return a page of `limit` flow runs that match."""
    rows = await repository.select_where(tx, query, query.sort, limit, (query.page - 1) * limit)
    count = await repository.count_where(tx, query)
    return page_json([flow_run_json(row, tx.now) for row in rows], count, limit, query.page)


async def average_lateness(tx: Transaction, where: FlowRunsWhere) -> float | None:
    """Return by how many seconds flow runs that match are late on average; None where there are none."""
    return await repository.average_lateness_where(tx, where)


async def read_flow_run_history(tx: Transaction, query: FlowRunHistoryQuery) -> list[JsonDict]:
    """Return intervals of expected start, each with its runs by state. Errors: Invalid for a too short interval."""
    which = flow_runs_where(tx, query.where(), walk=walked(tx, flow_runs))
    return await read_history(tx, flow_runs, which, query)


async def update_flow_run(
    tx: Transaction, flow_run_id: UUID, update: FlowRunUpdate, maximum_parameter_size: int
) -> None:
    """Write the members that are present; a name that is null or empty is made up anew.

    `maximum_parameter_size` in bytes, 0 for no limit. Errors: FlowRunNotFound, JobVariablesFixed, ParametersTooLarge,
    Invalid for job variables that do not fit.
    """
    values = _columns(update)
    if "parameters" in values:
        check_parameter_size(values["parameters"], maximum_parameter_size)
    if update.job_variables is not None:
        await _check_job_variables(tx, flow_run_id, update.job_variables)
    if await repository.write(tx, flow_run_id, values) == 0:
        raise FlowRunNotFound


async def merge_labels(tx: Transaction, flow_run_id: UUID, labels: KeyValueLabels) -> None:
    """Put labels among those of a flow run. Errors: FlowRunIdNotFound."""
    if await repository.merge_labels(tx, flow_run_id, labels) == 0:
        raise FlowRunIdNotFound(flow_run_id)


async def delete_flow_run(tx: Transaction, flow_run_id: UUID) -> None:
    """Delete a flow run with its states, inputs, task runs and logs. Errors: FlowRunNotFound."""
    if await delete_these(tx, [flow_run_id]) == 0:
        raise FlowRunNotFound


async def delete_flow_runs(tx: Transaction, request: FlowRunsBulkDelete) -> JsonDict:
    """Delete flow runs that match, the newest first, and return their ids."""
    ids = await repository.ids_where(tx, FlowRunsWhere(flow_runs=request.flow_runs), request.limit)
    await delete_these(tx, ids)
    return {"deleted": ids}


async def delete_these(tx: Transaction, flow_run_ids: Sequence[UUID]) -> int:
    """Delete flow runs with their states, inputs, task runs and logs; return how many there were."""
    if not flow_run_ids:
        return 0
    await _wake_their_schedules(tx, flow_run_ids)
    return await repository.delete_all(tx, flow_run_ids)


async def _wake_their_schedules(tx: Transaction, flow_run_ids: Sequence[UUID]) -> None:
    """Let schedules make the runs again that had not begun when they were deleted: they are still asked for."""
    deployment_ids = await repository.deployments_of_waiting(tx, flow_run_ids)
    if deployment_ids:
        await wake_schedules(tx, deployment_ids)


def _columns(update: FlowRunUpdate) -> JsonDict:
    values = update.model_dump(include=update.model_fields_set - {"empirical_policy"})
    if "empirical_policy" in update.model_fields_set:
        values["empirical_policy"] = update.empirical_policy.model_dump(mode="json", exclude_defaults=True)
    if "name" in values and not values["name"]:
        values["name"] = generate_slug(2)
    return values


async def _check_job_variables(tx: Transaction, flow_run_id: UUID, wanted: JsonDict) -> None:
    """Refuse job variables that its work pool does not take, or for a run that does not wait or has no deployment."""
    run = await repository.get(tx, flow_run_id)
    if run["state_type"] is None:
        raise JobVariablesFixed("Flow run state is required to update job variables but none exists")
    if run["state_type"] != "SCHEDULED":
        raise JobVariablesFixed(f"Job variables for a flow run in state {run['state_type']} cannot be updated")
    deployment = None if run["deployment_id"] is None else await deployments.find(tx, run["deployment_id"])
    if deployment is None:
        raise JobVariablesFixed("A deployment for the flow run could not be found")
    place = await place_of_queue(tx, deployment["work_queue_id"])
    try:
        await check_variables(tx, place, deployment["job_variables"], wanted)
    except JobVariablesInvalid as error:
        raise Invalid(f"Error updating flow run: {error.message}") from error
