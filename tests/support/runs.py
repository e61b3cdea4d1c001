"""Contexts of runs for tests, without an engine."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

from ostinato.context import FlowRunContext, TaskRunContext


@dataclass
class Run:
    """A run with a name."""

    name: str
    id: UUID = field(default_factory=uuid4)
    flow_run_id: UUID | None = None
    flow_id: UUID = field(default_factory=uuid4)
    deployment_id: UUID | None = None
    tags: list[str] = field(default_factory=list[str])


def flow_context(name: str = "red-fox", *, log_prints: bool = False, related: Any = ()) -> FlowRunContext:
    """Return the context of a flow run `name` of the flow `etl`."""
    return FlowRunContext(
        flow=cast("Any", SimpleNamespace(name="etl")),
        flow_run=cast("Any", Run(name)),
        parameters={},
        task_runner=cast("Any", None),
        log_prints=log_prints,
        links=cast("Any", None),
        related=list(related),
    )


def task_context(flow: FlowRunContext, name: str = "load-0", *, log_prints: bool = False) -> TaskRunContext:
    """Return the context of a task run `name` within `flow`."""
    run = Run(name, flow_run_id=flow.flow_run.id, tags=["nightly"])
    return TaskRunContext(
        task=cast("Any", SimpleNamespace(name="load")), task_run=cast("Any", run), parameters={}, log_prints=log_prints
    )
