"""The body that the list, count and paginate routes of flows and runs share."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ostinato_wire.filters import DeploymentFilter, WorkPoolFilter, WorkQueueFilter
    from ostinato_wire.flow_runs import FlowRunFilter
    from ostinato_wire.flows import FlowFilter
    from ostinato_wire.task_runs import TaskRunFilter


class Filters(TypedDict, total=False):
    """Filters of all nouns that a list can be narrowed by; they are combined by "and"."""

    flow_filter: FlowFilter | None
    flow_run_filter: FlowRunFilter | None
    task_run_filter: TaskRunFilter | None
    deployment_filter: DeploymentFilter | None
    work_pool_filter: WorkPoolFilter | None
    work_queue_filter: WorkQueueFilter | None


WIRE_NAMES = {
    "flow_filter": "flows",
    "flow_run_filter": "flow_runs",
    "task_run_filter": "task_runs",
    "deployment_filter": "deployments",
    "work_pool_filter": "work_pools",
    "work_queue_filter": "work_pool_queues",
}


def body_of(filters: Filters, **members: object) -> Mapping[str, object]:
    """Return the filters under their names on the wire, and the other members that are given.

    Of models only what was set is sent: the reference refuses members that some of its criteria lack.
    """
    body = {WIRE_NAMES[name]: value for name, value in filters.items()} | members
    return {name: _as_set(value) for name, value in body.items() if value is not None}


def _as_set(value: object) -> object:
    return value.model_dump(exclude_unset=True, exclude_none=True) if isinstance(value, BaseModel) else value
