"""All SQL about flow runs, apart from changes of their state and from their inputs."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, select, union, update

from ostinato_core.concurrency.leases import release_of_flow_runs
from ostinato_core.db.prepared import prepare_lookup
from ostinato_core.db.tables import flow_run_heartbeats, flow_runs, logs, task_runs
from ostinato_core.filters.existence import flow_runs_counted, flow_runs_where
from ostinato_core.filters.flow_runs import STARTED
from ostinato_core.flow_runs.errors import FlowRunNotFound
from ostinato_core.flow_runs.paths import also_where, path_of_list
from ostinato_core.flow_runs.rows import PLACED_COLUMNS, POINT_COLUMNS, SOURCE
from ostinato_core.states import estimates
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_wire.flow_runs import FlowRunSort
from ostinato_wire.queries import FlowRunsWhere

_RUN = flow_runs.c
_SELECT = select(*PLACED_COLUMNS).select_from(SOURCE)
_BY_ID = prepare_lookup(
    select(*PLACED_COLUMNS, flow_run_heartbeats.c.last_heartbeat)
    .select_from(SOURCE.outerjoin(flow_run_heartbeats, flow_run_heartbeats.c.flow_run_id == _RUN.id))
    .where(_RUN.id == bindparam("id"), _RUN.workspace_id == bindparam("workspace_id"))
)

_SELECT_POINTS = select(*POINT_COLUMNS)

_ORDERS: dict[FlowRunSort, tuple[ColumnElement[Any], bool]] = {  # Any: columns are of many types
    FlowRunSort.ID_DESC: (_RUN.id, True),
    FlowRunSort.START_TIME_ASC: (STARTED, False),
    FlowRunSort.START_TIME_DESC: (STARTED, True),
    FlowRunSort.EXPECTED_START_TIME_ASC: (_RUN.expected_start_time, False),
    FlowRunSort.EXPECTED_START_TIME_DESC: (_RUN.expected_start_time, True),
    FlowRunSort.NAME_ASC: (_RUN.name, False),
    FlowRunSort.NAME_DESC: (_RUN.name, True),
    FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC: (_RUN.next_scheduled_start_time, False),
    FlowRunSort.END_TIME_DESC: (_RUN.end_time, True),
}
"""By what, and whether the highest comes first; the id decides between equals."""


async def find(tx: Transaction, flow_run_id: UUID) -> Row | None:
    """Return the flow run, with its last heartbeat if it runs and has sent one, or None."""
    return await tx.first(_BY_ID, {"id": flow_run_id, "workspace_id": tx.workspace_id})


async def get(tx: Transaction, flow_run_id: UUID) -> Row:
    """Return the flow run. Errors: FlowRunNotFound."""
    row = await find(tx, flow_run_id)
    if row is None:
        raise FlowRunNotFound
    return row


async def select_where(
    tx: Transaction, where: FlowRunsWhere, sort: FlowRunSort, limit: int, offset: int
) -> Sequence[Row]:
    """Return the flow runs that match, in order."""
    return await tx.rows(await _listed(tx, _SELECT, where, sort, limit, offset))


async def select_points(
    tx: Transaction, where: FlowRunsWhere, sort: FlowRunSort, limit: int, offset: int
) -> Sequence[Row]:
    """Return what a plot shows of the flow runs that match, in order."""
    return await tx.rows(await _listed(tx, _SELECT_POINTS, where, sort, limit, offset))


async def ids_below(tx: Transaction, where: FlowRunsWhere, bound: UUID, limit: int) -> list[UUID]:
    """Return the ids of flow runs that match and have lower ids than `bound`, the newest first."""
    below = await _listed(tx, select(_RUN.id).where(_RUN.id < bound), where, FlowRunSort.ID_DESC, limit, 0)
    return [row["id"] for row in await tx.rows(below)]


async def ids_that_match(tx: Transaction, where: FlowRunsWhere, flow_run_ids: Sequence[UUID]) -> list[UUID]:
    """Return those of the ids whose flow runs match, the newest first."""
    these = (tx.dialect.is_one_of(_RUN.id, flow_run_ids), flow_runs_where(tx, where, walk=_RUN.id))
    return [row["id"] for row in await tx.rows(select(_RUN.id).where(*these).order_by(_RUN.id.desc()))]


async def _listed(
    tx: Transaction, statement: Select[Any], where: FlowRunsWhere, sort: FlowRunSort, limit: int, offset: int
) -> Select[Any]:  # Any: of columns of many types
    path = await path_of_list(tx, where, sort)
    column, is_descending = _ORDERS[sort]
    condition = flow_runs_where(tx, where, walk=column if path.walk else None, by_flow=path.sort)
    if path.also is not None:
        condition &= path.also
    first = tx.dialect.unindexed(column) if path.sort else column
    order = (first.desc(), _RUN.id.desc()) if is_descending else (first.asc(), _RUN.id.asc())
    return statement.where(condition).order_by(*order).limit(limit).offset(offset)


async def ids_where(tx: Transaction, where: FlowRunsWhere, limit: int) -> list[UUID]:
    """Return the ids of the flow runs that match, the newest first."""
    statement = select(_RUN.id).where(flow_runs_where(tx, where)).order_by(_RUN.id.desc()).limit(limit)
    return [row["id"] for row in await tx.rows(statement)]


async def count_where(tx: Transaction, where: FlowRunsWhere) -> int:
    """Return how many flow runs match."""
    which = (flow_runs_counted(tx, where), await also_where(tx, where))
    return await tx.value(select(func.count()).select_from(flow_runs).where(*which))


async def count_states_where(tx: Transaction, where: FlowRunsWhere) -> Sequence[Row]:
    """Return `state_type` and `count` of the flow runs that match, the most frequent type first."""
    which = (flow_runs_where(tx, where), await also_where(tx, where))
    count = func.count().label("count")
    statement = select(_RUN.state_type, count).where(*which).group_by(_RUN.state_type)
    return await tx.rows(statement.order_by(count.desc(), _RUN.state_type))


async def average_lateness_where(tx: Transaction, where: FlowRunsWhere) -> float | None:
    """Return by how many seconds the flow runs that match are late on average; None where there are none."""
    total = estimates.sum_of_lateness(tx.dialect, flow_runs, tx.now)
    statement = select(func.count().label("count"), total.label("lateness")).where(flow_runs_where(tx, where))
    (found,) = await tx.rows(statement)
    return float(found["lateness"]) / found["count"] if found["count"] else None


async def write(tx: Transaction, flow_run_id: UUID, values: Mapping[str, Any]) -> int:  # Any: columns of many types
    """Write columns of a flow run; return how many runs were changed."""
    own = (_RUN.id == flow_run_id, _RUN.workspace_id == tx.workspace_id)
    return await tx.run(update(flow_runs).where(*own).values(**values, updated=tx.now))


async def merge_labels(tx: Transaction, flow_run_id: UUID, labels: Mapping[str, Any]) -> int:  # Any: labels' values
    """Put labels among those of a flow run; return how many runs were changed."""
    return await write(tx, flow_run_id, {"labels": tx.dialect.merged(_RUN.labels, labels)})


async def deployments_of_waiting(tx: Transaction, flow_run_ids: Sequence[UUID]) -> list[UUID]:
    """Return the deployments of those of the flow runs that schedules have made and that have not begun."""
    waits = (_RUN.auto_scheduled, _RUN.next_scheduled_start_time.is_not(None), _RUN.deployment_id.is_not(None))
    mine = (_RUN.id.in_(flow_run_ids), _RUN.workspace_id == tx.workspace_id)
    found = await tx.rows(select(_RUN.deployment_id).where(*mine, *waits).distinct())
    return sorted(row["deployment_id"] for row in found)


async def delete_all(tx: Transaction, flow_run_ids: Sequence[UUID]) -> int:
    """Delete flow runs with their states, inputs, task runs and logs; return how many there were.

    Child runs of the deleted task runs live on without a parent; slots that the runs hold are free.
    """
    await lock_with_task_runs(tx, _RUN.id.in_(flow_run_ids))
    await release_of_flow_runs(tx, flow_run_ids)
    tasks = select(task_runs.c.id).where(task_runs.c.flow_run_id.in_(flow_run_ids))
    orphans = update(flow_runs).where(_RUN.parent_task_run_id.in_(tasks), _RUN.id.not_in(flow_run_ids))
    await tx.run(orphans.values(parent_task_run_id=None, updated=tx.now))
    own = (_RUN.id.in_(flow_run_ids), _RUN.workspace_id == tx.workspace_id)
    deleted = await tx.run(delete(flow_runs).where(*own))
    lines = (logs.c.flow_run_id.in_(flow_run_ids), logs.c.workspace_id == tx.workspace_id)
    await tx.run(delete(logs).where(*lines))
    return deleted


async def lock_with_task_runs(tx: Transaction, which: ColumnElement[bool]) -> None:
    """Lock flow runs that are about to be deleted, those right below them, and then their task runs, each in order.

    A change of state locks the run, then its slots and the task run that stands for it, so who deletes does too. What a
    run holds is certain only then.
    """
    tasks = select(task_runs.c.id).join(flow_runs, _RUN.id == task_runs.c.flow_run_id).where(which)
    below = select(_RUN.id).where(_RUN.parent_task_run_id.in_(tasks.correlate(None)))
    chosen = union(select(_RUN.id).where(which).correlate(None), below.correlate(None))
    locked = select(_RUN.id).where(_RUN.id.in_(chosen), _RUN.workspace_id == tx.workspace_id)
    await tx.lock(locked.order_by(_RUN.id).with_for_update())
    await tx.lock(tasks.order_by(task_runs.c.id).with_for_update(of=task_runs))
