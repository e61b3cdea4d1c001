"""What can be done with flows."""

from collections.abc import Sequence
from uuid import UUID

from ostinato_core.deployments import repository as deployments
from ostinato_core.deployments.operations import remove as remove_deployments
from ostinato_core.events.outbox import NewEvent, record
from ostinato_core.filters.paging import page_json
from ostinato_core.flows import repository
from ostinato_core.flows.errors import FlowNotFound
from ostinato_core.flows.rows import flow_json
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME
from ostinato_wire.flows import FlowCreate, FlowUpdate
from ostinato_wire.queries import FlowsBulkDelete, FlowsPageQuery, FlowsQuery, FlowsWhere


async def create_flow(tx: Transaction, flow: FlowCreate) -> tuple[JsonDict, bool]:
    """Make a flow, or keep the one of that name as it is; return it and whether it is new."""
    if (stored := await repository.find_by_name(tx, flow.name)) is not None:
        return flow_json(stored), False
    row: JsonDict = {
        "id": new_id(),
        "created": tx.now,
        "updated": tx.now,
        "name": flow.name,
        "tags": flow.tags,
        "labels": flow.labels or {},
    }
    if not await repository.insert(tx, row):
        # Another process was faster.
        return await create_flow(tx, flow)
    await record(tx, _event("created", row))
    return flow_json(row), True


async def read_flow(tx: Transaction, flow_id: UUID) -> JsonDict:
    """Return a flow. Errors: FlowNotFound."""
    return flow_json(await repository.get(tx, flow_id))


async def read_flow_by_name(tx: Transaction, name: str) -> JsonDict:
    """Return the flow of the name. Errors: FlowNotFound."""
    row = await repository.find_by_name(tx, name)
    if row is None:
        raise FlowNotFound
    return flow_json(row)


async def read_flows(tx: Transaction, query: FlowsQuery, limit: int) -> list[JsonDict]:
    """Return flows that match, at most `limit`."""
    rows = await repository.select_where(tx, query, query.sort, limit, query.offset)
    return [flow_json(row) for row in rows]


async def count_flows(tx: Transaction, where: FlowsWhere) -> int:
    """Return how many flows match."""
    return await repository.count_where(tx, where)


async def read_page(tx: Transaction, query: FlowsPageQuery, limit: int) -> JsonDict:
    """Return a page of `limit` flows that match."""
    rows = await repository.select_where(tx, query, query.sort, limit, (query.page - 1) * limit)
    count = await repository.count_where(tx, query)
    return page_json([flow_json(row) for row in rows], count, limit, query.page)


async def update_flow(tx: Transaction, flow_id: UUID, update: FlowUpdate) -> None:
    """Write the members that are present, and tell of it even where nothing changed. Errors: FlowNotFound."""
    if "tags" in update.model_fields_set:
        await repository.set_tags(tx, flow_id, update.tags)
    await record(tx, _event("updated", await repository.get(tx, flow_id)))


async def delete_flow(tx: Transaction, flow_id: UUID) -> None:
    """Delete a flow with its deployments and runs, their states and task runs. Errors: FlowNotFound."""
    await _delete(tx, [await repository.get(tx, flow_id)])


async def delete_flows(tx: Transaction, request: FlowsBulkDelete) -> JsonDict:
    """Delete flows that match, in order of name, and return their ids."""
    query = FlowsQuery(flows=request.flows)
    rows = await repository.select_where(tx, query, query.sort, request.limit, 0)
    await _delete(tx, rows)
    return {"deleted": [row["id"] for row in rows]}


async def _delete(tx: Transaction, rows: Sequence[Row]) -> None:
    if rows:
        await remove_deployments(tx, await deployments.select_of_flows(tx, [row["id"] for row in rows]))
        await record(tx, *(_event("deleted", row) for row in rows))
        await repository.delete_all(tx, [row["id"] for row in rows])


def _event(change: str, row: Row) -> NewEvent:
    return {
        "event": f"prefect.flow.{change}",
        "resource": {RESOURCE_ID: f"prefect.flow.{row['id']}", RESOURCE_NAME: row["name"]},
        "payload": {"name": row["name"], "tags": row["tags"], "labels": row["labels"]},
    }
