"""The filter of flow runs, as a condition."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, select, true

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.tables import flow_runs, task_runs
from ostinato_core.filters import criteria
from ostinato_core.filters.criteria import Column, Condition, Shared
from ostinato_wire.flow_runs import FlowRunFilter, FlowRunFilterCreatedBy, FlowRunFilterParent

_RUN = flow_runs.c
_PARENT = task_runs.alias("parent_task_runs")

STARTED = func.coalesce(_RUN.start_time, _RUN.expected_start_time)
"""When a run started or is expected to; there is an index on it."""


def flow_run_matches(dialect: Dialect, wanted: FlowRunFilter, *, walk: Column | None = None) -> Condition:
    """Return the condition on a row of `flow_runs`.

    `walk`: the column in whose order rows are read, so no index is to be used for what many of them have in common.
    """
    shared = criteria.shared(dialect, walk)
    parts = (
        *_by_identity(dialect, wanted, shared),
        *_by_times(wanted, shared),
        *_by_origin(dialect, wanted, shared),
    )
    return criteria.combine(wanted.operator, parts)


def _by_identity(dialect: Dialect, wanted: FlowRunFilter, shared: Shared) -> Iterator[Condition]:
    if wanted.id is not None:
        yield criteria.any_or_none_of(dialect, _RUN.id, wanted.id.any_, wanted.id.not_any_)
    if wanted.name is not None:
        yield criteria.name(dialect, _RUN.name, wanted.name)
    if wanted.tags is not None:
        yield criteria.tags(dialect, shared(_RUN.tags), wanted.tags)
    if wanted.state is not None:
        yield criteria.state(dialect, shared(_RUN.state_type), shared(_RUN.state_name), wanted.state)
    if wanted.flow_version is not None:
        yield _or_all(criteria.any_of(dialect, _RUN.flow_version, wanted.flow_version.any_))
    if wanted.idempotency_key is not None:
        keys = wanted.idempotency_key
        yield criteria.any_or_none_of(dialect, _RUN.idempotency_key, keys.any_, keys.not_any_)


def _by_times(wanted: FlowRunFilter, shared: Shared) -> Iterator[Condition]:
    if wanted.start_time is not None:
        yield criteria.nullable_interval(shared(STARTED), wanted.start_time, null=_RUN.start_time)
    if wanted.end_time is not None:
        yield criteria.nullable_interval(shared(_RUN.end_time), wanted.end_time)
    if wanted.expected_start_time is not None:
        yield criteria.interval(shared(_RUN.expected_start_time), wanted.expected_start_time)
    if wanted.next_scheduled_start_time is not None:
        yield criteria.interval(_RUN.next_scheduled_start_time, wanted.next_scheduled_start_time)


def _by_origin(dialect: Dialect, wanted: FlowRunFilter, shared: Shared) -> Iterator[Condition]:
    if wanted.deployment_id is not None:
        yield criteria.nullable(dialect, shared(_RUN.deployment_id), wanted.deployment_id)
    if wanted.work_queue_name is not None:
        yield criteria.nullable(dialect, _RUN.work_queue_name, wanted.work_queue_name)
    if wanted.parent_flow_run_id is not None:
        yield _is_child_of(dialect, wanted.parent_flow_run_id)
    if wanted.parent_task_run_id is not None:
        yield criteria.nullable(dialect, _RUN.parent_task_run_id, wanted.parent_task_run_id)
    if wanted.created_by is not None:
        yield _is_created_by(dialect, wanted.created_by)


def _is_child_of(dialect: Dialect, parents: FlowRunFilterParent) -> Condition:
    if parents.any_ is None:
        return true()
    tasks = select(_PARENT.c.id).where(dialect.is_one_of(_PARENT.c.flow_run_id, parents.any_))
    return dialect.is_found(_RUN.parent_task_run_id, tasks)


def _is_created_by(dialect: Dialect, creator: FlowRunFilterCreatedBy) -> Condition:
    ids = None if creator.id_ is None else [str(id_) for id_ in creator.id_]
    parts = (
        criteria.any_of(dialect, dialect.json_text(_RUN.created_by, "id"), ids),
        criteria.any_of(dialect, dialect.json_text(_RUN.created_by, "type"), creator.type_),
        criteria.is_null(_RUN.created_by, creator.is_null_),
    )
    return criteria.combine(creator.operator, parts)


def _or_all(condition: ColumnElement[bool] | None) -> Condition:
    return true() if condition is None else condition
