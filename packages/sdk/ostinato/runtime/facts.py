"""How the modules of this package answer: from the run around the call, its server, or what a test pretends."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ostinato.context import FlowRunContext

if TYPE_CHECKING:
    from ostinato_wire.deployments import Deployment
    from ostinato_wire.flow_runs import FlowRun
    from ostinato_wire.flows import Flow
    from ostinato_wire.task_runs import TaskRun

# Any below: facts of many types.

Facts = Mapping[str, Callable[[], Any]]
PREFIX = "PREFECT__RUNTIME__"
_TRUE = frozenset({"true", "1", "t", "yes", "on"})


def attribute(noun: str, name: str, facts: Facts) -> Any:
    """Return a fact, or what `PREFECT__RUNTIME__<NOUN>__<NAME>` pretends, as a value of the fact's type.

    A name that is no fact is an AttributeError, unless it is pretended: then it is a text. Raises ValueError for a fact
    whose type has no text form.
    """
    pretended = os.environ.get(f"{PREFIX}{noun}__{name}".upper())
    if name not in facts:
        if pretended is None or name.startswith("_"):
            raise AttributeError(f"module 'ostinato.runtime.{noun}' has no attribute {name!r}")
        return pretended
    return facts[name]() if pretended is None else _cast(name, pretended, facts[name]())


def _cast(name: str, text: str, real: Any) -> Any:
    if real is None or isinstance(real, str):
        return text
    if isinstance(real, bool):
        return text.lower() in _TRUE
    if isinstance(real, datetime):
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if isinstance(real, (int, float)):
        return type(real)(text)
    raise ValueError(f"{name!r} is a {type(real).__name__}, which an environment variable cannot pretend. Patch it.")


def supervised_run_id() -> str | None:
    """Return the id of the flow run that this process was started for."""
    return os.environ.get("PREFECT__FLOW_RUN_ID") or None


def read_flow_run(flow_run_id: str | UUID) -> FlowRun:
    """Return a flow run, from the server."""
    return _ask("read_flow_run", UUID(str(flow_run_id)))


def read_flow(flow_id: UUID) -> Flow:
    """Return a flow, from the server."""
    return _ask("read_flow", flow_id)


def read_task_run(task_run_id: UUID) -> TaskRun:
    """Return a task run, from the server."""
    return _ask("read_task_run", task_run_id)


def read_deployment(deployment_id: UUID) -> Deployment:
    """Return a deployment, from the server."""
    return _ask("read_deployment", deployment_id)


def _ask(method: str, object_id: UUID) -> Any:
    from ostinato.client import get_client

    with get_client(sync_client=True) as client:
        return getattr(client, method)(object_id)


def current_flow_run() -> FlowRun | None:
    """Return the flow run around this call, or the one that this process was started for."""
    context = FlowRunContext.get()
    if context is not None:
        return context.flow_run
    run_id = supervised_run_id()
    return None if run_id is None else read_flow_run(run_id)


def url(kind: str, run_id: str | None, url_type: str) -> str | None:
    """Return the address of a run, in the API or in the UI."""
    from ostinato.utilities.urls import url_for

    return None if run_id is None else url_for(kind, run_id, "api" if url_type == "api" else "ui")
