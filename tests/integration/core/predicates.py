"""The filter language over plain rows: what SQL must agree with."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from ostinato_core.filters.text_search import parse
from ostinato_wire.filters import (
    AllTags,
    AnyOrAllTags,
    NameFilter,
    NullableId,
    NullableText,
    NullableTimeFilter,
    Operator,
    StateFilter,
    TimeFilter,
)
from ostinato_wire.flow_runs import FlowRunFilter, FlowRunFilterCreatedBy
from ostinato_wire.flows import FlowFilter
from ostinato_wire.logs import LogFilter
from ostinato_wire.queries import RunsWhere
from ostinato_wire.task_runs import TaskRunFilter, TaskRunFilterFlowRunId
from tests.integration.core.population import Population, Row

Verdicts = list[bool]
Value = Any  # Any: columns are of many types


def combined(operator: Operator, verdicts: Verdicts) -> bool:
    """No criteria match all."""
    return (any(verdicts) if operator is Operator.OR else all(verdicts)) if verdicts else True


def among(value: Value, any_: Sequence[Value] | None, not_any_: Sequence[Value] | None = None) -> Verdicts:
    """In one list and, where there is a value, not in the other."""
    verdicts: Verdicts = []
    if any_ is not None:
        verdicts.append(value in any_)
    if not_any_:
        verdicts.append(value is not None and value not in not_any_)
    return verdicts


def named(value: str, wanted: NameFilter) -> bool:
    """Exact names, or a part with wildcards, in any case."""
    verdicts = among(value, wanted.any_)
    if wanted.like_:
        pattern = re.escape(wanted.like_).replace("%", ".*").replace("_", ".")
        verdicts.append(re.search(pattern, value, re.IGNORECASE | re.DOTALL) is not None)
    return all(verdicts)


def null(value: Value, is_null_: bool | None) -> Verdicts:
    """Whether there is a value."""
    return [] if is_null_ is None else [(value is None) is is_null_]


def nullable(value: Value, wanted: NullableId | NullableText) -> bool:
    """Values or their absence."""
    return combined(wanted.operator, among(value, wanted.any_) + null(value, wanted.is_null_))


def within(value: datetime | None, wanted: TimeFilter) -> Verdicts:
    """A closed interval; no time is in none."""
    verdicts: Verdicts = []
    if wanted.before_ is not None:
        verdicts.append(value is not None and value <= wanted.before_)
    if wanted.after_ is not None:
        verdicts.append(value is not None and value >= wanted.after_)
    return verdicts


def within_or_null(value: datetime | None, wanted: NullableTimeFilter) -> bool:
    """A closed interval, or the absence of a time."""
    return all(within(value, wanted) + null(value, wanted.is_null_))


def tagged(value: list[str], wanted: AllTags) -> bool:
    """By tags."""
    verdicts: Verdicts = []
    if wanted.all_:
        verdicts.append(set(wanted.all_) <= set(value))
    if isinstance(wanted, AnyOrAllTags) and wanted.any_ is not None:
        verdicts.append(bool(set(wanted.any_) & set(value)))
    if wanted.is_null_ is not None:
        verdicts.append((not value) is wanted.is_null_)
    return combined(wanted.operator, verdicts)


def in_state(row: Row, wanted: StateFilter) -> bool:
    """By current state; a member that says nothing does not widen an OR."""
    verdicts: Verdicts = []
    for column, member in (("state_type", wanted.type), ("state_name", wanted.name)):
        if member is not None and (found := among(row[column], member.any_, member.not_any_)):
            verdicts.append(all(found))
    return combined(wanted.operator, verdicts)


def flow_matches(row: Row, wanted: FlowFilter) -> bool:
    """The filter of flows; there are no deployments."""
    verdicts: Verdicts = []
    if wanted.id is not None:
        verdicts.append(all(among(row["id"], wanted.id.any_, wanted.id.not_any_)))
    if wanted.deployment is not None:
        verdicts.append(wanted.deployment.is_null_ is not False)
    if wanted.name is not None:
        verdicts.append(named(row["name"], wanted.name))
    if wanted.tags is not None:
        verdicts.append(tagged(row["tags"], wanted.tags))
    return combined(wanted.operator, verdicts)


def created_by(value: Row | None, wanted: FlowRunFilterCreatedBy) -> bool:
    """By what made the run."""
    creator = value or {}
    ids = None if wanted.id_ is None else [str(id_) for id_ in wanted.id_]
    verdicts = among(creator.get("id"), ids) + among(creator.get("type"), wanted.type_)
    return combined(wanted.operator, verdicts + null(value, wanted.is_null_))


def flow_run_matches(row: Row, wanted: FlowRunFilter, all_: Population) -> bool:
    """The filter of flow runs."""
    parent = next((task for task in all_.task_runs if task["id"] == row["parent_task_run_id"]), None)
    started = row["start_time"] or row["expected_start_time"]
    checks: dict[str, Callable[[Any], bool]] = {  # Any: each criterion has a type of its own
        "id": lambda f: all(among(row["id"], f.any_, f.not_any_)),
        "name": lambda f: named(row["name"], f),
        "tags": lambda f: tagged(row["tags"], f),
        "state": lambda f: in_state(row, f),
        "flow_version": lambda f: all(among(row["flow_version"], f.any_)),
        "idempotency_key": lambda f: all(among(row["idempotency_key"], f.any_, f.not_any_)),
        "start_time": lambda f: all(within(started, f) + null(row["start_time"], f.is_null_)),
        "end_time": lambda f: within_or_null(row["end_time"], f),
        "expected_start_time": lambda f: all(within(row["expected_start_time"], f)),
        "next_scheduled_start_time": lambda f: all(within(row["next_scheduled_start_time"], f)),
        "deployment_id": lambda f: nullable(None, f),
        "work_queue_name": lambda f: nullable(row["work_queue_name"], f),
        "parent_flow_run_id": lambda f: all(among(parent and parent["flow_run_id"], f.any_)),
        "parent_task_run_id": lambda f: nullable(row["parent_task_run_id"], f),
        "created_by": lambda f: created_by(row["created_by"], f),
    }
    return _checked(wanted, checks)


def task_run_matches(row: Row, wanted: TaskRunFilter, all_: Population) -> bool:
    """The filter of task runs."""
    has_child = any(run["parent_task_run_id"] == row["id"] for run in all_.flow_runs)
    checks: dict[str, Callable[[Any], bool]] = {  # Any: each criterion has a type of its own
        "id": lambda f: all(among(row["id"], f.any_)),
        "name": lambda f: named(row["name"], f),
        "tags": lambda f: tagged(row["tags"], f),
        "state": lambda f: in_state(row, f),
        "start_time": lambda f: within_or_null(row["start_time"], f),
        "end_time": lambda f: within_or_null(row["end_time"], f),
        "expected_start_time": lambda f: all(within(row["expected_start_time"], f)),
        "subflow_runs": lambda f: f.exists_ is None or f.exists_ is has_child,
        "flow_run_id": lambda f: _in_flow_run(row["flow_run_id"], f),
    }
    return _checked(wanted, checks)


def log_matches(row: Row, wanted: LogFilter) -> bool:
    """The filter of log lines."""
    checks: dict[str, Callable[[Any], bool]] = {  # Any: each criterion has a type of its own
        "level": lambda f: (f.ge_ is None or row["level"] >= f.ge_) and (f.le_ is None or row["level"] <= f.le_),
        "timestamp": lambda f: all(within(row["timestamp"], f)),
        "flow_run_id": lambda f: all(among(row["flow_run_id"], f.any_)),
        "task_run_id": lambda f: nullable(row["task_run_id"], f),
        "text": lambda f: parse(f.query).matches(f"{row['message']} {row['name']}"),
    }
    return _checked(wanted, checks)


def flows_where(all_: Population, where: RunsWhere) -> list[Row]:
    """Flows that match, with some run that matches and has a task run that matches."""

    def has_run(flow: Row) -> bool:
        return any(run["flow_id"] == flow["id"] and _run_fits(run, where, all_) for run in all_.flow_runs)

    by_runs = where.flow_runs is not None or where.task_runs is not None
    return [
        flow
        for flow in all_.flows
        if where.deployments is None
        and (where.flows is None or flow_matches(flow, where.flows))
        and (not by_runs or has_run(flow))
    ]


def flow_runs_where(all_: Population, where: RunsWhere) -> list[Row]:
    """Flow runs that match, whose flow matches and which have a task run that matches."""
    flows = {flow["id"]: flow for flow in all_.flows}
    return [
        run
        for run in all_.flow_runs
        if where.deployments is None
        and (where.flows is None or flow_matches(flows[run["flow_id"]], where.flows))
        and _run_fits(run, where, all_)
    ]


def task_runs_where(all_: Population, where: RunsWhere) -> list[Row]:
    """Task runs that match, whose flow run, if anything is asked of it, matches with its flow."""
    parents = {run["id"] for run in flow_runs_where(all_, where.model_copy(update={"task_runs": None}))}
    by_parent = where.flows is not None or where.flow_runs is not None or where.deployments is not None
    return [
        task
        for task in all_.task_runs
        if (where.task_runs is None or task_run_matches(task, where.task_runs, all_))
        and (not by_parent or task["flow_run_id"] in parents)
    ]


def _run_fits(run: Row, where: RunsWhere, all_: Population) -> bool:
    if where.flow_runs is not None and not flow_run_matches(run, where.flow_runs, all_):
        return False
    tasks = (task for task in all_.task_runs if task["flow_run_id"] == run["id"])
    return where.task_runs is None or any(task_run_matches(task, where.task_runs, all_) for task in tasks)


def _in_flow_run(value: Value, wanted: TaskRunFilterFlowRunId) -> bool:
    if wanted.is_null_:
        return value is None
    if wanted.any_ is not None:
        return value in wanted.any_
    return wanted.is_null_ is None or value is not None


def _checked(
    wanted: FlowRunFilter | TaskRunFilter | LogFilter,
    checks: dict[str, Callable[[Any], bool]],  # Any: each criterion has a type of its own
) -> bool:
    given = ((name, getattr(wanted, name)) for name in checks)
    return combined(wanted.operator, [checks[name](criterion) for name, criterion in given if criterion is not None])
