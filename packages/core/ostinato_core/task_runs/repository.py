"""All SQL about task runs, apart from changes of their state."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update

from ostinato_core.concurrency.leases import release_of_task_runs
from ostinato_core.db.prepared import prepare
from ostinato_core.db.tables import flow_runs, logs, task_runs
from ostinato_core.filters.existence import task_runs_where
from ostinato_core.states.rows import Row
from ostinato_core.task_runs.errors import TaskRunNotFound
from ostinato_core.task_runs.paths import also_where, path_of_list
from ostinato_core.task_runs.rows import COLUMNS
from ostinato_core.transaction import Transaction
from ostinato_wire.queries import TaskRunsWhere
from ostinato_wire.task_runs import TaskRunSort

_RUN = task_runs.c
_BY_ID = prepare(select(*COLUMNS).where(_RUN.id == bindparam("id"), _RUN.workspace_id == bindparam("workspace_id")))

_ORDERS: dict[TaskRunSort, tuple[ColumnElement[Any], bool]] = {  # Any: columns are of many types
    TaskRunSort.ID_DESC: (_RUN.id, True),
    TaskRunSort.EXPECTED_START_TIME_ASC: (_RUN.expected_start_time, False),
    TaskRunSort.EXPECTED_START_TIME_DESC: (_RUN.expected_start_time, True),
    TaskRunSort.NAME_ASC: (_RUN.name, False),
    TaskRunSort.NAME_DESC: (_RUN.name, True),
    TaskRunSort.NEXT_SCHEDULED_START_TIME_ASC: (_RUN.next_scheduled_start_time, False),
    TaskRunSort.END_TIME_DESC: (_RUN.end_time, True),
}
"""By what, and whether the highest comes first; the id decides between equals."""


async def find(tx: Transaction, task_run_id: UUID) -> Row | None:
    """Return the task run, or None."""
    return await tx.first(_BY_ID, {"id": task_run_id, "workspace_id": tx.workspace_id})


async def get(tx: Transaction, task_run_id: UUID) -> Row:
    """Return the task run. Errors: TaskRunNotFound."""
    row = await find(tx, task_run_id)
    if row is None:
        raise TaskRunNotFound
    return row


async def select_where(
    tx: Transaction, where: TaskRunsWhere, sort: TaskRunSort, limit: int, offset: int
) -> Sequence[Row]:
    """Return the task runs that match, in order."""
    path = await path_of_list(tx, where, sort)
    column, is_descending = _ORDERS[sort]
    condition = task_runs_where(tx, where, walk=column if path.walk else None)
    if path.also is not None:
        condition &= path.also
    first = tx.dialect.unindexed(column) if path.sort else column
    order = (first.desc(), _RUN.id.desc()) if is_descending else (first.asc(), _RUN.id.asc())
    return await tx.rows(select(*COLUMNS).where(condition).order_by(*order).limit(limit).offset(offset))


async def count_where(tx: Transaction, where: TaskRunsWhere) -> int:
    """Return how many task runs match."""
    which = (task_runs_where(tx, where), await also_where(tx, where))
    return await tx.value(select(func.count()).select_from(task_runs).where(*which))


async def rename(tx: Transaction, task_run_id: UUID, name: str | None) -> int:
    """Write a task run's name, if there is one; return how many runs were changed."""
    values: dict[str, Any] = {"updated": tx.now}  # Any: columns are of many types
    if name is not None:
        values["name"] = name
    own = (_RUN.id == task_run_id, _RUN.workspace_id == tx.workspace_id)
    return await tx.run(update(task_runs).where(*own).values(**values))


async def delete_one(tx: Transaction, run: Row) -> None:
    """Delete a task run with its states and logs; a child run lives on without a parent, slots on tags are free."""
    # As a change of state does: first the run, then its slots.
    await tx.lock(select(_RUN.id).where(_RUN.id == run["id"]).with_for_update())
    await release_of_task_runs(tx, [run["id"]])
    child = flow_runs.c.parent_task_run_id == run["id"]
    await tx.run(update(flow_runs).where(child).values(parent_task_run_id=None, updated=tx.now))
    await tx.run(delete(task_runs).where(_RUN.id == run["id"], _RUN.workspace_id == tx.workspace_id))
    # Lines are found by the index on the flow run.
    lines = (logs.c.flow_run_id == run["flow_run_id"], logs.c.task_run_id == run["id"])
    await tx.run(delete(logs).where(*lines, logs.c.workspace_id == tx.workspace_id))
