"""Flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Unpack

from ostinato.client.operation import decode, encode, facts
from ostinato.client.plans.filters import Filters, body_of
from ostinato.client.steps import Plan, Request
from ostinato_wire.flows import Flow, FlowCreate, FlowSort

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID


class Named(Protocol):
    """Anything with the name of a flow."""

    @property
    def name(self) -> str:
        """The flow's name."""
        ...


def create_flow(flow: Named) -> Plan[UUID]:
    """Make the flow of this name if there is none; return its id."""
    return create_flow_from_name(flow.name)


def create_flow_from_name(flow_name: str, tags: Iterable[str] = ()) -> Plan[UUID]:
    """Make the flow of this name if there is none; return its id. `tags` are those of a new flow."""
    body = FlowCreate(name=flow_name, tags=list(tags))
    response = yield Request("POST", "/flows/", encode(body.model_dump(exclude_none=True)))
    return decode(response, Flow).id


def read_flow(flow_id: UUID) -> Plan[Flow]:
    """Return a flow. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/flows/{flow_id}")
    return decode(response, Flow)


def read_flow_by_name(flow_name: str) -> Plan[Flow]:
    """Return the flow of this name. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/flows/name/{flow_name}")
    return decode(response, Flow)


def read_flows(
    *, sort: FlowSort | None = None, limit: int | None = None, offset: int = 0, **filters: Unpack[Filters]
) -> Plan[list[Flow]]:
    """Return flows that meet all filters."""
    body = body_of(filters, sort=sort, limit=limit, offset=offset)
    response = yield Request("POST", "/flows/filter", encode(body))
    return decode(response, list[Flow])


def count_flows(**filters: Unpack[Filters]) -> Plan[int]:
    """Return how many flows meet all filters."""
    response = yield Request("POST", "/flows/count", encode(body_of(filters)))
    return decode(response, int)


def delete_flow(flow_id: UUID) -> Plan[None]:
    """Delete a flow and its runs. Raises ObjectNotFound."""
    with facts():
        yield Request("DELETE", f"/flows/{flow_id}")
