"""Proposing states of a flow run: the server accepts, asks to wait, puts another state in their place, or aborts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostinato.engine.steps import Plan, Request, Sleep
from ostinato.exceptions import Abort, Pause
from ostinato.states import State, stored_result
from ostinato_wire.states import OrchestrationResult, SetStateStatus, StateCreate, StateType, StateWaitDetails

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato_wire.states import State as WireState


def pending() -> StateCreate:
    """Return the state that every run begins with."""
    return StateCreate(type=StateType.PENDING)


def without_result(state: State) -> StateCreate:
    """Return `state` as it may leave the process: results stay here, the server learns where a stored one is."""
    return StateCreate(
        type=state.type,
        name=state.name,
        message=state.message,
        state_details=state.state_details,
        data=stored_result(state.data),
    )


def _is_repeated(proposed: State, current: WireState) -> bool:
    """Whether the server refuses a final state because it has it: the first answer was lost and the client repeats."""
    members = (proposed.type, proposed.name, proposed.message)
    return proposed.is_final() and members == (current.type, current.name, current.message)


def propose(
    flow_run_id: UUID,
    state: State,
    *,
    force: bool = False,
    heartbeat: float | None = None,
    transition_id: UUID | None = None,
) -> Plan[State]:
    """Propose `state` until the server decides; return the state that the run then has.

    `heartbeat`, `transition_id`: see the client's `set_flow_run_state`. An accepted state keeps its result.
    Raises Abort if the server says so, Pause if it paused the run instead.
    """
    arguments: dict[str, object] = {"flow_run_id": flow_run_id, "state": without_result(state), "force": force}
    if heartbeat is not None:
        arguments["heartbeat"] = heartbeat
    if transition_id is not None:
        arguments["transition_id"] = transition_id
    while True:
        answer: OrchestrationResult = yield Request("set_flow_run_state", arguments)
        if isinstance(answer.details, StateWaitDetails):
            yield Sleep(answer.details.delay_seconds)
            continue
        if answer.status is SetStateStatus.ABORT:
            raise Abort(getattr(answer.details, "reason", None) or "The server aborted the run.")
        if answer.state is None:
            raise Abort("The server refused the state and told none in its place.")
        if answer.status is SetStateStatus.ACCEPT or _is_repeated(state, answer.state):
            return State.from_wire(answer.state, data=state.data)
        if answer.state.type is StateType.PAUSED:
            raise Pause("The server paused the run.", state=State.from_wire(answer.state))
        return State.from_wire(answer.state, data=state.data if answer.state.type is state.type else None)
