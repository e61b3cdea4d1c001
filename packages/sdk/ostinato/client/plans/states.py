"""States of runs: proposing them and reading their history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uuid_utils.compat import uuid7

from ostinato.client.operation import decode, encode, facts
from ostinato.client.steps import Plan, Request
from ostinato.states import State
from ostinato_wire.states import OrchestrationResult, StateCreate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

PROPOSED = frozenset({"type", "name", "message", "data", "state_details"})
"""Members of a state that a client may send; id and timestamp are the server's."""


HEARTBEAT_HEADER = "X-Ostinato-Heartbeat"
"""Tells a server that a run which is killed before its first heartbeat is heard is dead, too."""


def state_body(state: StateCreate, **details: object) -> Mapping[str, object]:
    """Return the JSON object of a proposed state, `details` filled into its state details.

    `state.data` is sent as it is: the caller must have replaced a run's result by its metadata or None.
    """
    body = state.model_dump(mode="json", include=set(PROPOSED))
    return body | {"state_details": {**body["state_details"], **details}}


def set_flow_run_state(
    flow_run_id: UUID,
    state: StateCreate,
    force: bool = False,
    cascade: bool = False,
    heartbeat: float | None = None,
    transition_id: UUID | None = None,
) -> Plan[OrchestrationResult]:
    """Propose a state; each call is a new transition, unless it repeats `transition_id`. Raises ObjectNotFound.

    With `cascade` a cancellation is one of its sub-flow runs, too; servers that do not know it leave them alone.
    `heartbeat`: seconds between the heartbeats that the process will send of the run, the first one at once.
    """
    proposed = state_body(state, flow_run_id=flow_run_id, transition_id=transition_id or uuid7())
    with facts():
        response = yield Request(
            "POST",
            f"/flow_runs/{flow_run_id}/set_state",
            encode({"state": proposed, "force": force}),
            query={"cascade": "true"} if cascade else None,
            headers={} if heartbeat is None else {HEARTBEAT_HEADER: f"{heartbeat:g}"},
        )
    return decode(response, OrchestrationResult)


def set_task_run_state(task_run_id: UUID, state: StateCreate, force: bool = False) -> Plan[OrchestrationResult]:
    """Propose a state of a task run that the server moves. Raises ObjectNotFound."""
    proposed = state_body(state, task_run_id=task_run_id, transition_id=uuid7())
    with facts():
        response = yield Request(
            "POST", f"/task_runs/{task_run_id}/set_state", encode({"state": proposed, "force": force})
        )
    return decode(response, OrchestrationResult)


def read_flow_run_state(flow_run_state_id: UUID) -> Plan[State]:
    """Return a state of a flow run. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/flow_run_states/{flow_run_state_id}")
    return decode(response, State)


def read_flow_run_states(flow_run_id: UUID) -> Plan[list[State]]:
    """Return the states of a flow run, oldest first."""
    response = yield Request("GET", "/flow_run_states/", query={"flow_run_id": str(flow_run_id)})
    return decode(response, list[State])


def read_task_run_states(task_run_id: UUID) -> Plan[list[State]]:
    """Return the states of a task run, oldest first."""
    response = yield Request("GET", "/task_run_states/", query={"task_run_id": str(task_run_id)})
    return decode(response, list[State])
