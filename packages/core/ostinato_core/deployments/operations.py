"""What can be done with deployments, apart from making and changing them."""

from collections.abc import Sequence
from uuid import UUID

from ostinato_core.automations.operations import delete_owned_automations
from ostinato_core.deployments import repository
from ostinato_core.deployments.errors import DeploymentNotFound
from ostinato_core.deployments.events import deployment_event, own_event
from ostinato_core.deployments.limits import delete_own_limits, limits_of
from ostinato_core.deployments.rows import deployment_json
from ostinato_core.deployments.schedules import schedules_of, schedules_of_many, wake_schedules
from ostinato_core.deployments.waiting_runs import delete_waiting_runs
from ostinato_core.events.outbox import record
from ostinato_core.filters.paging import page_json
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_core.work_queues import repository as queues
from ostinato_core.work_queues.rows import queue_json
from ostinato_wire.deployment_lists import DeploymentsBulkPause
from ostinato_wire.deployments import (
    DeploymentsBulkDelete,
    DeploymentsPageQuery,
    DeploymentsQuery,
    DeploymentsWhere,
)

MOST_QUEUES = 1000
"""Work queues that are looked at to tell which would take a deployment's runs."""


async def answer(tx: Transaction, row: Row) -> JsonDict:
    """Return a deployment as the API answers it, with its schedules and its limit."""
    limits = await limits_of(tx, [row])
    return deployment_json(row, await schedules_of(tx, row["id"]), limits.get(row["concurrency_limit_id"]))


async def read_deployment(tx: Transaction, deployment_id: UUID) -> JsonDict:
    """Return a deployment. Errors: DeploymentNotFound."""
    return await answer(tx, await repository.get(tx, deployment_id))


async def read_deployment_by_name(tx: Transaction, flow_name: str, name: str) -> JsonDict:
    """Return a deployment by the names of its flow and of its own. Errors: DeploymentNotFound."""
    row = await repository.find_by_names(tx, flow_name, name)
    if row is None:
        raise DeploymentNotFound
    return await answer(tx, row)


async def read_deployments(tx: Transaction, query: DeploymentsQuery, limit: int) -> list[JsonDict]:
    """Return deployments that match, at most `limit`."""
    return await _answers(tx, await repository.select_where(tx, query, query.sort, limit, query.offset))


async def read_page(tx: Transaction, query: DeploymentsPageQuery, limit: int) -> JsonDict:
    """Return a page of `limit` deployments that match."""
    rows = await repository.select_where(tx, query, query.sort, limit, (query.page - 1) * limit)
    count = await repository.count_where(tx, query)
    return page_json(await _answers(tx, rows), count, limit, query.page)


async def count_deployments(tx: Transaction, where: DeploymentsWhere) -> int:
    """Return how many deployments match."""
    return await repository.count_where(tx, where)


async def set_paused(tx: Transaction, deployment_id: UUID, *, paused: bool) -> None:
    """Pause a deployment, or let its schedules make runs again; one that is paused loses those that they have made.

    Errors: DeploymentNotFound.
    """
    await _set_paused(tx, [await repository.get(tx, deployment_id)], paused=paused)


async def set_many_paused(tx: Transaction, request: DeploymentsBulkPause) -> JsonDict:
    """Pause or resume deployments that match as `set_paused` does, by name; return the ids of those changed."""
    query = DeploymentsQuery(deployments=request.deployments)
    found = await repository.select_where(tx, query, query.sort, request.limit, 0)
    rows = [row for row in found if row["paused"] != request.paused]
    if rows:
        await _set_paused(tx, rows, paused=request.paused)
    return {"changed": [row["id"] for row in rows]}


async def _set_paused(tx: Transaction, rows: Sequence[Row], *, paused: bool) -> None:
    ids = [row["id"] for row in rows]
    for row in rows:
        await repository.write(tx, row, {"paused": paused})
    changed = [own_event("paused" if paused else "resumed", row) for row in rows if row["paused"] != paused]
    await record(tx, *changed)
    if paused:
        await delete_waiting_runs(tx, ids, only_automatic=True)
    await wake_schedules(tx, ids)


async def delete_deployment(tx: Transaction, deployment_id: UUID) -> None:
    """Delete a deployment, its schedules, its own limit and its runs that have not begun.

    Errors: DeploymentNotFound.
    """
    await remove(tx, [await repository.get(tx, deployment_id)])


async def delete_deployments(tx: Transaction, request: DeploymentsBulkDelete) -> JsonDict:
    """Delete deployments that match, in order of name, and return their ids."""
    query = DeploymentsQuery(deployments=request.deployments)
    rows = await repository.select_where(tx, query, query.sort, request.limit, 0)
    await remove(tx, rows)
    return {"deleted": [row["id"] for row in rows]}


async def remove(tx: Transaction, rows: Sequence[Row]) -> None:
    """Delete deployments as `delete_deployment` does, and tell of each."""
    if not rows:
        return
    ids = [row["id"] for row in rows]
    await record(tx, *(deployment_event("deleted", row) for row in rows))
    await repository.delete_all(tx, ids)
    await delete_waiting_runs(tx, ids)
    await delete_own_limits(tx, (row["id"] for row in rows if row["concurrency_limit_id"] is not None))
    await delete_owned_automations(tx, *(f"prefect.deployment.{deployment_id}" for deployment_id in ids))


async def check_work_queues(tx: Transaction, deployment_id: UUID) -> list[JsonDict]:
    """Return the work queues whose old-style filter lets the deployment's runs pass. Errors: DeploymentNotFound."""
    deployment = await repository.get(tx, deployment_id)
    found = await queues.select_where(tx, None, MOST_QUEUES, 0)
    return [queue_json(row) for row in found if _lets_pass(row["filter"], deployment)]


def _lets_pass(wanted: JsonDict | None, deployment: Row) -> bool:
    tags, ids = (wanted or {}).get("tags"), (wanted or {}).get("deployment_ids")
    return set(tags or ()) <= set(deployment["tags"]) and (not ids or str(deployment["id"]) in ids)


async def _answers(tx: Transaction, rows: Sequence[Row]) -> list[JsonDict]:
    schedules = await schedules_of_many(tx, [row["id"] for row in rows])
    limits = await limits_of(tx, rows)
    return [deployment_json(row, schedules.get(row["id"], ()), limits.get(row["concurrency_limit_id"])) for row in rows]
