"""Facts of the flow run around the call: `from ostinato.runtime import flow_run; flow_run.name`.

Outside of runs they are those of the run that `PREFECT__FLOW_RUN_ID` names; without one they are None or empty.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ostinato.context import FlowRunContext
from ostinato.runtime.facts import (
    Facts,
    attribute,
    current_flow_run,
    read_flow,
    read_flow_run,
    read_task_run,
    supervised_run_id,
    url,
)

if TYPE_CHECKING:
    from ostinato_wire.flow_runs import FlowRun

    id: str | None
    tags: list[str]
    scheduled_start_time: datetime
    name: str | None
    flow_name: str | None
    flow_version: str | None
    parameters: dict[str, Any]  # Any: arguments of a user's function
    parent_flow_run_id: str | None
    parent_deployment_id: str | None
    root_flow_run_id: str | None
    run_count: int
    api_url: str | None
    ui_url: str | None
    job_variables: dict[str, Any] | None  # Any: JSON values

__all__ = [
    "api_url",
    "flow_name",
    "flow_version",
    "id",
    "job_variables",
    "name",
    "parameters",
    "parent_deployment_id",
    "parent_flow_run_id",
    "root_flow_run_id",
    "run_count",
    "scheduled_start_time",
    "tags",
    "ui_url",
]

# Any below: facts of many types, arguments of users' functions.


def _id() -> str | None:
    context = FlowRunContext.get()
    return str(context.flow_run.id) if context is not None else supervised_run_id()


def _of_run(name: str, default: Any) -> Any:
    run = current_flow_run()
    return default() if run is None else getattr(run, name)


def _parameters() -> dict[str, Any]:
    context = FlowRunContext.get()
    return dict(context.parameters) if context is not None else _of_run("parameters", dict)


def _scheduled_start_time() -> datetime:
    run = current_flow_run()
    return (run.expected_start_time if run is not None else None) or datetime.now(UTC)


def _flow_name() -> str | None:
    context = FlowRunContext.get()
    if context is not None:
        return context.flow.name
    run = current_flow_run()
    return None if run is None else read_flow(run.flow_id).name


def _flow_version() -> str | None:
    context = FlowRunContext.get()
    return context.flow.version if context is not None else _of_run("flow_version", lambda: None)


def _parent(run: FlowRun) -> FlowRun | None:
    if run.parent_task_run_id is None:
        return None
    parent_id = read_task_run(run.parent_task_run_id).flow_run_id
    return None if parent_id is None else read_flow_run(parent_id)


def _current_parent() -> FlowRun | None:
    run = current_flow_run()
    return None if run is None else _parent(run)


def _parent_flow_run_id() -> str | None:
    parent = _current_parent()
    return None if parent is None else str(parent.id)


def _parent_deployment_id() -> str | None:
    parent = _current_parent()
    return None if parent is None or parent.deployment_id is None else str(parent.deployment_id)


def _root_flow_run_id() -> str | None:
    run = current_flow_run()
    parent = run
    while parent is not None:
        run, parent = parent, _parent(parent)
    return None if run is None else str(run.id)


_FACTS: Facts = {
    "id": _id,
    "tags": lambda: list(_of_run("tags", list)),
    "scheduled_start_time": _scheduled_start_time,
    "name": lambda: _of_run("name", lambda: None),
    "flow_name": _flow_name,
    "flow_version": _flow_version,
    "parameters": _parameters,
    "parent_flow_run_id": _parent_flow_run_id,
    "parent_deployment_id": _parent_deployment_id,
    "root_flow_run_id": _root_flow_run_id,
    "run_count": lambda: _of_run("run_count", int),
    "api_url": lambda: url("flow-run", _id(), "api"),
    "ui_url": lambda: url("flow-run", _id(), "ui"),
    "job_variables": lambda: _of_run("job_variables", lambda: None),
}


def __getattr__(name: str) -> Any:
    return attribute("flow_run", name, _FACTS)


def __dir__() -> list[str]:
    return sorted(__all__)
