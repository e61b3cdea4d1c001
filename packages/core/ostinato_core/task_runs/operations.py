"""What can be done with task runs, apart from making them and changing their state."""

from uuid import UUID

from coolname import generate_slug

from ostinato_core.db.tables import task_runs
from ostinato_core.filters.existence import task_runs_where
from ostinato_core.filters.paging import page_json
from ostinato_core.states.history import read_history, walked
from ostinato_core.states.rows import JsonDict
from ostinato_core.task_runs import repository
from ostinato_core.task_runs.errors import TaskRunNotFound
from ostinato_core.task_runs.rows import task_run_json, task_run_page_json
from ostinato_core.transaction import Transaction
from ostinato_wire.queries import TaskRunHistoryQuery, TaskRunsPageQuery, TaskRunsQuery, TaskRunsWhere
from ostinato_wire.task_runs import TaskRunUpdate


async def read_task_run(tx: Transaction, task_run_id: UUID) -> JsonDict:
    """Return a task run. Errors: TaskRunNotFound."""
    return task_run_json(await repository.get(tx, task_run_id), tx.now)


async def read_task_runs(tx: Transaction, query: TaskRunsQuery, limit: int) -> list[JsonDict]:
    """Return task runs that match, at most `limit`."""
    rows = await repository.select_where(tx, query, query.sort, limit, query.offset)
    return [task_run_json(row, tx.now) for row in rows]


async def count_task_runs(tx: Transaction, where: TaskRunsWhere) -> int:
    """Return how many task runs match."""
    return await repository.count_where(tx, where)


async def read_page(tx: Transaction, query: TaskRunsPageQuery, limit: int) -> JsonDict:
    """Return a page of `limit` task runs that match, with fewer members than `read_task_runs` has."""
    rows = await repository.select_where(tx, query, query.sort, limit, (query.page - 1) * limit)
    count = await repository.count_where(tx, query)
    return page_json([task_run_page_json(row, tx.now) for row in rows], count, limit, query.page)


async def read_task_run_history(tx: Transaction, query: TaskRunHistoryQuery) -> list[JsonDict]:
    """Return intervals of expected start, each with its runs by state. Errors: Invalid for a too short interval."""
    which = task_runs_where(tx, query, walk=walked(tx, task_runs))
    return await read_history(tx, task_runs, which, query)


async def update_task_run(tx: Transaction, task_run_id: UUID, update: TaskRunUpdate) -> None:
    """Write the name if it is present; one that is null or empty is made up anew. Errors: TaskRunNotFound."""
    name = (update.name or generate_slug(2)) if "name" in update.model_fields_set else None
    if await repository.rename(tx, task_run_id, name) == 0:
        raise TaskRunNotFound("Task run")


async def delete_task_run(tx: Transaction, task_run_id: UUID) -> None:
    """Delete a task run with its states and logs. Errors: TaskRunNotFound."""
    await repository.delete_one(tx, await repository.get(tx, task_run_id))
