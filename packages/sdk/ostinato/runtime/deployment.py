"""Facts of the deployment of the flow run around the call; runs without a deployment have None or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ostinato.context import FlowRunContext
from ostinato.runtime.facts import Facts, attribute, current_flow_run, read_deployment, supervised_run_id

if TYPE_CHECKING:
    id: str | None
    flow_run_id: str | None
    name: str | None
    parameters: dict[str, Any]  # Any: JSON values
    version: str | None

__all__ = ["flow_run_id", "id", "name", "parameters", "version"]

# Any below: facts of many types, JSON values.


def _id() -> str | None:
    run = current_flow_run()
    return None if run is None or run.deployment_id is None else str(run.deployment_id)


def _flow_run_id() -> str | None:
    context = FlowRunContext.get()
    return str(context.flow_run.id) if context is not None else supervised_run_id()


def _name() -> str | None:
    run = current_flow_run()
    return None if run is None or run.deployment_id is None else read_deployment(run.deployment_id).name


def _version() -> str | None:
    run = current_flow_run()
    return None if run is None or run.deployment_id is None else read_deployment(run.deployment_id).version


def _parameters() -> dict[str, Any]:
    run = current_flow_run()
    return {} if run is None or run.deployment_id is None else dict(run.parameters)


_FACTS: Facts = {
    "id": _id,
    "flow_run_id": _flow_run_id,
    "name": _name,
    "parameters": _parameters,
    "version": _version,
}


def __getattr__(name: str) -> Any:
    return attribute("deployment", name, _FACTS)


def __dir__() -> list[str]:
    return sorted(__all__)
