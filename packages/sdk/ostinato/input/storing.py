"""Inputs of flow runs by key, as JSON values: make, read, find and delete them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pydantic_core

from ostinato.context import FlowRunContext
from ostinato.engine.steps import Plan, Request
from ostinato.utilities.paired import awaiting, blocking
from ostinato_wire.flow_runs import FlowRunInput

if TYPE_CHECKING:
    from uuid import UUID

# Any below: JSON values.


def run_or_current(flow_run_id: UUID | None) -> UUID:
    """Return the id, or that of the flow run around this call. Raises RuntimeError if there is neither."""
    if flow_run_id is not None:
        return flow_run_id
    context = FlowRunContext.get()
    if context is None:
        raise RuntimeError("Give `flow_run_id`, or call this inside a flow run.")
    return context.flow_run.id


def _create_flow_run_input(
    key: str, value: Any, flow_run_id: UUID | None = None, sender: str | None = None
) -> Plan[None]:
    """Store a JSON value as an input of a run (default: the one around this call). Raises ObjectAlreadyExists."""
    arguments = {
        "flow_run_id": run_or_current(flow_run_id),
        "key": key,
        "value": pydantic_core.to_json(value).decode(),
        "sender": sender,
    }
    yield Request("create_flow_run_input", arguments)


def _read_flow_run_input(key: str, flow_run_id: UUID | None = None) -> Plan[Any]:
    """Return the value of an input. Raises ObjectNotFound."""
    text: str = yield Request("read_flow_run_input", {"flow_run_id": run_or_current(flow_run_id), "key": key})
    return json.loads(text)


def _filter_flow_run_input(
    key_prefix: str, limit: int = 1, exclude_keys: Iterable[str] | None = None, flow_run_id: UUID | None = None
) -> Plan[list[FlowRunInput]]:
    """Return inputs whose key begins with `key_prefix`, oldest first."""
    arguments = {
        "flow_run_id": run_or_current(flow_run_id),
        "key_prefix": key_prefix,
        "limit": limit,
        "exclude_keys": sorted(exclude_keys or ()),
    }
    return (yield Request("filter_flow_run_input", arguments))


def _delete_flow_run_input(key: str, flow_run_id: UUID | None = None) -> Plan[None]:
    """Delete an input. Raises ObjectNotFound."""
    yield Request("delete_flow_run_input", {"flow_run_id": run_or_current(flow_run_id), "key": key})


create_flow_run_input = blocking(_create_flow_run_input)
acreate_flow_run_input = awaiting(_create_flow_run_input)
read_flow_run_input = blocking(_read_flow_run_input)
aread_flow_run_input = awaiting(_read_flow_run_input)
filter_flow_run_input = blocking(_filter_flow_run_input)
afilter_flow_run_input = awaiting(_filter_flow_run_input)
delete_flow_run_input = blocking(_delete_flow_run_input)
adelete_flow_run_input = awaiting(_delete_flow_run_input)

create = _create_flow_run_input
"""The plan of `create_flow_run_input`, for other plans."""
read = _read_flow_run_input
"""The plan of `read_flow_run_input`, for other plans."""
find = _filter_flow_run_input
"""The plan of `filter_flow_run_input`, for other plans."""
