"""The other resources that events of runs name: the flow run, its flow, and tags."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ostinato_wire.flow_runs import FlowRun

Labels = dict[str, str]


def related_resource(kind: str, object_id: str, name: str | None = None) -> Labels:
    """Return the labels of a related resource; its role is its kind."""
    labels = {"prefect.resource.id": f"prefect.{kind}.{object_id}", "prefect.resource.role": kind}
    if name is not None:
        labels["prefect.resource.name"] = name
    return labels


def missing_tags(tags: Iterable[str], related: list[Labels]) -> list[Labels]:
    """Return a resource for each of `tags` that `related` does not have yet."""
    present = {labels["prefect.resource.id"] for labels in related}
    return [related_resource("tag", tag) for tag in tags if f"prefect.tag.{tag}" not in present]


def related_to_flow_run(flow_run: FlowRun, flow_name: str) -> list[Labels]:
    """Return the resources that every event within `flow_run` names."""
    related = [
        related_resource("flow-run", str(flow_run.id), flow_run.name),
        related_resource("flow", str(flow_run.flow_id), flow_name),
    ]
    if flow_run.deployment_id is not None:
        related.append(related_resource("deployment", str(flow_run.deployment_id)))
    return related + missing_tags(sorted(flow_run.tags), related)
