"""By which index SQLite is to read a list of task runs; see `filters.path`."""

from collections.abc import Iterator

from sqlalchemy import true

from ostinato_core.db.tables import task_runs
from ostinato_core.filters.criteria import Condition, Operator
from ostinato_core.filters.existence import task_runs_where
from ostinato_core.filters.only_ids import only_ids
from ostinato_core.filters.path import Path, are_few
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
    if parts and _seeks_in_names(where.task_runs):
        return Path(sort=True)  # a part of a name may be rare, and then a walk would go on to the end
    return Path(walk=order in _WALKED)


async def also_where(tx: Transaction, where: TaskRunsWhere) -> Condition:
    """Return a condition that all rows meet which match, by which few are found without reading all."""
    rare = await rows_with_rare_tags(tx, task_runs, _tags(where))
    return true() if rare is None else rare


def _tags(where: TaskRunsWhere) -> AllTags | None:
    runs = where.task_runs
    return None if runs is None or runs.operator is Operator.OR else runs.tags


def _seeks_in_names(runs: TaskRunFilter | None) -> bool:
    return runs is not None and runs.operator is Operator.AND and runs.name is not None and bool(runs.name.like_)


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
    if runs.state is not None and runs.state.operator is Operator.AND:
        if runs.state.type is not None and runs.state.type.any_:
            yield _runs(state={"type": {"any_": runs.state.type.any_}})
        if runs.state.name is not None and runs.state.name.any_:
            yield _runs(state={"name": {"any_": runs.state.name.any_}})
    if runs.name is not None and runs.name.any_:
        yield _runs(name={"any_": runs.name.any_})
    for name, in_order in _SPANS.items():
        asked = None if order in in_order else getattr(runs, name)
        if asked is not None and (asked.after_ or asked.before_):
            yield _runs(**{name: {"after_": asked.after_, "before_": asked.before_}})


def _runs(**asked: object) -> TaskRunsWhere:
    return TaskRunsWhere(task_runs=TaskRunFilter.model_validate(asked))
