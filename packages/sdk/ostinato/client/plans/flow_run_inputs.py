"""Inputs of flow runs: small texts by key, by which people and other runs talk to a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostinato.client.operation import decode, encode, facts
from ostinato.client.steps import Plan, Request
from ostinato_wire.flow_runs import FlowRunInput, FlowRunInputCreate, FlowRunInputFilter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID


def create_flow_run_input(flow_run_id: UUID, key: str, value: str, sender: str | None = None) -> Plan[None]:
    """Store an input; `value` is text, usually JSON. Raises ObjectAlreadyExists."""
    body = FlowRunInputCreate(key=key, value=value, sender=sender)
    with facts():
        yield Request("POST", f"/flow_runs/{flow_run_id}/input", encode(body))


def filter_flow_run_input(
    flow_run_id: UUID, key_prefix: str, limit: int, exclude_keys: Iterable[str] = ()
) -> Plan[list[FlowRunInput]]:
    """Return inputs whose key starts with `key_prefix`, oldest first."""
    body = FlowRunInputFilter(prefix=key_prefix, limit=limit, exclude_keys=list(exclude_keys))
    response = yield Request("POST", f"/flow_runs/{flow_run_id}/input/filter", encode(body))
    return decode(response, list[FlowRunInput])


def read_flow_run_input(flow_run_id: UUID, key: str) -> Plan[str]:
    """Return the text of an input. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/flow_runs/{flow_run_id}/input/{key}")
    return response.text


def delete_flow_run_input(flow_run_id: UUID, key: str) -> Plan[None]:
    """Delete an input. Raises ObjectNotFound."""
    with facts():
        yield Request("DELETE", f"/flow_runs/{flow_run_id}/input/{key}")
