"""By which index SQLite is to read a list of task runs; see `filters.path`."""

from collections.abc import Iterator

from sqlalchemy import true

from ostinato_core.db.tables import task_runs
from ostinato_core.filters.criteria import Condition, Operator
from ostinato_core.filters.existence import task_runs_where
from ostinato_core.filters.only_ids import only_ids
from ostinato_core.filters.path import Path, are_few, part_of_name, parts_of_runs, rows_of_rare_names
from ostinato_core.filters.tag_lists import rows_with_rare_tags
from ostinato_core.transaction import Transaction
from ostinato_wire.filters import AllTags
from ostinato_wire.queries import TaskRunsWhere
from ostinato_wire.task_runs import TaskRunFilter, TaskRunSort

_SPANS = {
    "start_time": frozenset[TaskRunSort](),
    "expected_start_time": {TaskRunSort.EXPECTED_START_TIME_ASC, TaskRunSort.EXPECTED_START_TIME_DESC},
    "end_time": {TaskRunSort.END_TIME_DESC},
}
"""Spans of time that an index finds, and the orders in which that index has them already."""
_WALKED = {*TaskRunSort} - {TaskRunSort.NEXT_SCHEDULED_START_TIME_ASC}


async def path_of_list(tx: Transaction, where: TaskRunsWhere, order: TaskRunSort) -> Path:
    """Return how a list is to be read."""
    if tx.dialect.keeps_statistics:
        return Path()
    if _names_rows(where):
        return Path(sort=True)
    rare = await rows_with_rare_tags(tx, task_runs, _tags(where))
    if rare is not None:
        return Path(sort=True, also=rare)
    parts = list(_parts(where.task_runs, order))
    for part in parts:
        if await are_few(tx, task_runs, task_runs_where(tx, part)):
            return Path(sort=True)
    if (is_named := part_of_name(tx, task_runs, where.task_runs)) is not None:
        # It may be rare, and then a walk would go on to the end.
        rare = None if parts else await rows_of_rare_names(tx, task_runs, is_named)
        if parts or rare is not None:
            return Path(sort=True, also=rare)
    return Path(walk=order in _WALKED)


async def also_where(tx: Transaction, where: TaskRunsWhere) -> Condition:
    """Return a condition that all rows meet which match, by which few are found without reading all."""
    rare = await rows_with_rare_tags(tx, task_runs, _tags(where))
    return true() if rare is None else rare


def _tags(where: TaskRunsWhere) -> AllTags | None:
    runs = where.task_runs
    return None if runs is None or runs.operator is Operator.OR else runs.tags


def _names_rows(where: TaskRunsWhere) -> bool:
    if where.flow_runs is not None and only_ids(where.flow_runs) is not None:
        return True
    runs = where.task_runs
    if runs is None or runs.operator is Operator.OR:
        return False
    return any(asked is not None and asked.any_ is not None for asked in (runs.id, runs.flow_run_id))


def _parts(runs: TaskRunFilter | None, order: TaskRunSort) -> Iterator[TaskRunsWhere]:
    """Yield what is asked for and an index answers, but not in the order that is wanted, each by itself."""
    if runs is None or runs.operator is Operator.OR:
        return
    for part in parts_of_runs(runs, order, _SPANS):
        yield _runs(part)


def _runs(asked: dict[str, object]) -> TaskRunsWhere:
    return TaskRunsWhere(task_runs=TaskRunFilter.model_validate(asked))
