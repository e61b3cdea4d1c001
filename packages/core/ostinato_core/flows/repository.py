"""All SQL about flows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update

from ostinato_core.concurrency.leases import release_of_flow_runs
from ostinato_core.db.prepared import prepare, prepare_insert_or_ignore
from ostinato_core.db.tables import flow_runs, flows, task_runs
from ostinato_core.filters.existence import flows_where
from ostinato_core.flow_runs.repository import lock_with_task_runs
from ostinato_core.flows.errors import FlowNotFound
from ostinato_core.flows.rows import COLUMNS
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_wire.flows import FlowSort
from ostinato_wire.queries import FlowsWhere

_OWN = flows.c.workspace_id == bindparam("workspace_id")
_BY_ID = prepare(select(*COLUMNS).where(flows.c.id == bindparam("id"), _OWN))
_BY_NAME = prepare(select(*COLUMNS).where(flows.c.name == bindparam("name"), _OWN))
_INSERT = prepare_insert_or_ignore(flows, "workspace_id", "name")
_SET_TAGS = prepare(
    update(flows)
    .where(flows.c.id == bindparam("flow_id"), flows.c.workspace_id == bindparam("workspace"))
    .values(tags=bindparam("tags"), updated=bindparam("updated"))
)


_ORDERS: dict[FlowSort, tuple[ColumnElement[Any], ...]] = {  # Any: columns are of many types
    FlowSort.NAME_ASC: (flows.c.name.asc(),),
    FlowSort.NAME_DESC: (flows.c.name.desc(),),
    FlowSort.CREATED_DESC: (flows.c.created.desc(), flows.c.id.desc()),
    FlowSort.UPDATED_DESC: (flows.c.updated.desc(), flows.c.id.desc()),
}


async def find(tx: Transaction, flow_id: UUID) -> Row | None:
    """Return the flow, or None."""
    return await tx.first(_BY_ID, {"id": flow_id, "workspace_id": tx.workspace_id})


async def get(tx: Transaction, flow_id: UUID) -> Row:
    """Return the flow. Errors: FlowNotFound."""
    row = await find(tx, flow_id)
    if row is None:
        raise FlowNotFound
    return row


async def find_by_name(tx: Transaction, name: str) -> Row | None:
    """Return the flow of the name, or None."""
    return await tx.first(_BY_NAME, {"name": name, "workspace_id": tx.workspace_id})


async def insert(tx: Transaction, row: dict[str, Any]) -> bool:  # Any: columns are of many types
    """Insert a flow; return False where its name exists."""
    return await tx.run(_INSERT, {**row, "workspace_id": tx.workspace_id}) == 1


async def set_tags(tx: Transaction, flow_id: UUID, tags: list[str]) -> int:
    """Write a flow's tags; return how many flows were changed."""
    values = {"flow_id": flow_id, "workspace": tx.workspace_id, "tags": tags, "updated": tx.now}
    return await tx.run(_SET_TAGS, values)


async def select_where(tx: Transaction, where: FlowsWhere, sort: FlowSort, limit: int, offset: int) -> Sequence[Row]:
    """Return the flows that match, in order."""
    statement = select(*COLUMNS).where(flows_where(tx, where)).order_by(*_ORDERS[sort]).limit(limit).offset(offset)
    return await tx.rows(statement)


async def count_where(tx: Transaction, where: FlowsWhere) -> int:
    """Return how many flows match."""
    return await tx.value(select(func.count()).select_from(flows).where(flows_where(tx, where)))


async def delete_all(tx: Transaction, flow_ids: Sequence[UUID]) -> None:
    """Delete flows with their runs, states and task runs; child runs of their task runs live on without a parent."""
    tasks = (
        select(task_runs.c.id)
        .join(flow_runs, flow_runs.c.id == task_runs.c.flow_run_id)
        .where(flow_runs.c.flow_id.in_(flow_ids))
    )
    await lock_with_task_runs(tx, flow_runs.c.flow_id.in_(flow_ids))
    await release_of_flow_runs(tx, select(flow_runs.c.id).where(flow_runs.c.flow_id.in_(flow_ids)))
    orphans = flow_runs.c.parent_task_run_id.in_(tasks), flow_runs.c.flow_id.not_in(flow_ids)
    await tx.run(update(flow_runs).where(*orphans).values(parent_task_run_id=None, updated=tx.now))
    await tx.run(delete(flows).where(flows.c.id.in_(flow_ids), flows.c.workspace_id == tx.workspace_id))
