"""Facts of the task run around the call; outside of task runs they are None or empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ostinato.context import TaskRunContext
from ostinato.runtime.facts import Facts, attribute, url

if TYPE_CHECKING:
    id: str | None
    tags: list[str]
    name: str | None
    parameters: dict[str, Any]  # Any: arguments of a user's function
    run_count: int
    task_name: str | None
    api_url: str | None
    ui_url: str | None

__all__ = ["api_url", "id", "name", "parameters", "run_count", "tags", "task_name", "ui_url"]

# Any below: facts of many types, arguments of users' functions.


def _id() -> str | None:
    context = TaskRunContext.get()
    return None if context is None else str(context.task_run.id)


def _of_run(name: str, default: Any) -> Any:
    context = TaskRunContext.get()
    return default if context is None else getattr(context.task_run, name)


def _parameters() -> dict[str, Any]:
    context = TaskRunContext.get()
    return {} if context is None else dict(context.parameters)


def _task_name() -> str | None:
    context = TaskRunContext.get()
    return None if context is None else context.task.name


_FACTS: Facts = {
    "id": _id,
    "tags": lambda: list(_of_run("tags", [])),
    "name": lambda: _of_run("name", None),
    "parameters": _parameters,
    "run_count": lambda: _of_run("run_count", 0),
    "task_name": _task_name,
    "api_url": lambda: url("task-run", _id(), "api"),
    "ui_url": lambda: url("task-run", _id(), "ui"),
}


def __getattr__(name: str) -> Any:
    return attribute("task_run", name, _FACTS)


def __dir__() -> list[str]:
    return sorted(__all__)
