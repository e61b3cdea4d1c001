"""Filters that name the rows themselves: then a row's own column tells, without another table."""

from uuid import UUID

from ostinato_wire.filters import DeploymentFilter
from ostinato_wire.flow_runs import FlowRunFilter
from ostinato_wire.flows import FlowFilter


def only_ids(wanted: DeploymentFilter | FlowFilter | FlowRunFilter) -> list[UUID] | None:
    """Return the ids of a filter that asks for nothing else, or None."""
    others = (name for name in type(wanted).model_fields if name not in ("id", "operator"))
    if wanted.id is None or wanted.id.not_any_ is not None or any(getattr(wanted, name) is not None for name in others):
        return None
    return wanted.id.any_
