"""The filter of task runs, as a condition."""

from collections.abc import Iterator

from sqlalchemy import literal, select, true

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.tables import flow_runs, task_runs
from ostinato_core.filters import criteria
from ostinato_core.filters.criteria import Column, Condition, Shared
from ostinato_wire.filters import ExistsFilter
from ostinato_wire.task_runs import TaskRunFilter, TaskRunFilterFlowRunId

_RUN = task_runs.c
_CHILD = flow_runs.alias("child_flow_runs")


def task_run_matches(dialect: Dialect, wanted: TaskRunFilter, *, walk: Column | None = None) -> Condition:
    """Return the condition on a row of `task_runs`; `walk` as in `flow_run_matches`."""
    shared = criteria.shared(dialect, walk)
    parts = (*_by_identity(dialect, wanted, shared), *_by_times(wanted, shared), *_by_relation(dialect, wanted))
    return criteria.combine(wanted.operator, parts)


def _by_identity(dialect: Dialect, wanted: TaskRunFilter, shared: Shared) -> Iterator[Condition]:
    if wanted.id is not None:
        yield criteria.any_or_none_of(dialect, _RUN.id, wanted.id.any_, None)
    if wanted.name is not None:
        yield criteria.name(dialect, _RUN.name, wanted.name)
    if wanted.tags is not None:
        yield criteria.tags(dialect, shared(_RUN.tags), wanted.tags)
    if wanted.state is not None:
        yield criteria.state(dialect, shared(_RUN.state_type), shared(_RUN.state_name), wanted.state)


def _by_times(wanted: TaskRunFilter, shared: Shared) -> Iterator[Condition]:
    if wanted.start_time is not None:
        yield criteria.nullable_interval(shared(_RUN.start_time), wanted.start_time)
    if wanted.end_time is not None:
        yield criteria.nullable_interval(shared(_RUN.end_time), wanted.end_time)
    if wanted.expected_start_time is not None:
        yield criteria.interval(shared(_RUN.expected_start_time), wanted.expected_start_time)


def _by_relation(dialect: Dialect, wanted: TaskRunFilter) -> Iterator[Condition]:
    if wanted.subflow_runs is not None:
        yield _has_child(wanted.subflow_runs)
    if wanted.flow_run_id is not None:
        yield _belongs(dialect, wanted.flow_run_id)


def _has_child(wanted: ExistsFilter) -> Condition:
    if wanted.exists_ is None:
        return true()
    child = select(literal(1)).where(_CHILD.c.parent_task_run_id == _RUN.id).correlate(task_runs).exists()
    return child if wanted.exists_ else ~child


def _belongs(dialect: Dialect, wanted: TaskRunFilterFlowRunId) -> Condition:
    """By flow run. `is_null_` true leaves `any_` and the operator out of account, as the reference does."""
    if wanted.is_null_:
        return _RUN.flow_run_id.is_(None)
    if wanted.any_ is not None:
        return criteria.any_or_none_of(dialect, _RUN.flow_run_id, wanted.any_, None)
    return true() if wanted.is_null_ is None else _RUN.flow_run_id.is_not(None)
