"""Resuming a paused flow run: its input is filled in, checked and stored in the transaction that lets it go on."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import orjson
from pydantic import ValidationError

from ostinato_core.flow_runs.errors import FlowRunInputNotFound, FlowRunNotFound
from ostinato_core.flow_runs.facts import facts_of, find_with_surroundings
from ostinato_core.flow_runs.inputs import create_input, read_input_value
from ostinato_core.flow_runs.transitions import move_flow_run
from ostinato_core.orchestration.resume import propose_resume
from ostinato_core.orchestration.rule import Abort
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import ANONYMOUS, Proposer, Transition
from ostinato_core.parameters.errors import HydrationError, InvalidSchema, ParametersInvalid
from ostinato_core.parameters.validation import validate_parameters
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction
from ostinato_core.variables.references import hydrated
from ostinato_wire.base import Json
from ostinato_wire.flow_runs import FlowRunInputCreate
from ostinato_wire.states import SetStateStatus


class _InputRefused(Exception):
    """The input of a run is not what it asked for; the run stays paused."""


async def resume_flow_run(
    tx: Transaction,
    run_id: UUID,
    run_input: Mapping[str, Json],
    *,
    proposer: Proposer = ANONYMOUS,
) -> tuple[JsonDict, bool]:
    """Let a paused run go on; return the wire's `OrchestrationResult` and whether a state was written.

    An input is looked at only where the pause asked for one. Errors: FlowRunNotFound; FlowRunInputExists where the
    pause was answered before; LostRace.
    """
    row = await find_with_surroundings(tx, run_id)
    if row is None:
        raise FlowRunNotFound
    facts = facts_of(row)
    proposed = propose_resume(facts.state, tx.now)
    if isinstance(proposed, Abort):
        return {"state": None, "status": proposed.status.value, "details": proposed.details()}, False
    keys = _keyset(facts.state)
    try:
        given = await _checked_input(tx, run_id, keys, run_input) if keys else None
    except _InputRefused as refusal:
        return _refused(facts.state, str(refusal)), False
    # Who resumes a run is not its own process: the worker that a flow belongs to says nothing of this run's attempt.
    bystander = replace(proposer, worker_name=None) if proposer.worker_name else proposer
    transition = Transition(facts, proposed, tx.now, bystander)
    result, written = await move_flow_run(tx, row, transition)
    if given is not None and result["status"] == SetStateStatus.ACCEPT.value:
        await create_input(tx, run_id, given)
    return result, written


def _keyset(state: RunState | None) -> Mapping[str, str]:
    return (state and state.details.get("run_input_keyset")) or {}


async def _checked_input(
    tx: Transaction, run_id: UUID, keys: Mapping[str, str], run_input: Mapping[str, Json]
) -> FlowRunInputCreate | None:
    """Return the input as it is to be stored, None for an empty one. Errors: _InputRefused."""
    try:
        filled = await hydrated(tx, dict(run_input))
    except HydrationError as error:
        raise _InputRefused(f"Error hydrating run input: {error.message}") from error
    schema = await _schema(tx, run_id, keys)
    try:
        validate_parameters(filled, schema)
    except ParametersInvalid as error:
        raise _InputRefused(f"Reason: {error.message}") from error
    except InvalidSchema as error:
        raise _InputRefused(f"Invalid schema: {error.why}") from error
    return _response(keys, filled) if filled else None


async def _schema(tx: Transaction, run_id: UUID, keys: Mapping[str, str]) -> Json:
    try:
        return orjson.loads(await read_input_value(tx, run_id, keys.get("schema", "")))
    except FlowRunInputNotFound as error:
        raise _InputRefused("Run input schema not found.") from error
    except orjson.JSONDecodeError as error:
        raise _InputRefused("Run input schema is not valid JSON.") from error


def _response(keys: Mapping[str, str], filled: Json) -> FlowRunInputCreate:
    try:
        return FlowRunInputCreate(key=keys.get("response", ""), value=_text(filled))
    except ValidationError as error:
        raise _InputRefused(
            "The paused state names no usable key for the response: run_input_keyset.response must be made of "
            "lower-case letters, digits and dashes."
        ) from error


def _text(filled: Json) -> str:
    try:
        return orjson.dumps(filled).decode()
    except orjson.JSONEncodeError as error:  # e.g. a number of more than 64 bits, which JSON text may hold
        raise _InputRefused(f"Error hydrating run input: it cannot be stored as JSON: {error}") from error


def _refused(current: RunState | None, reason: str) -> JsonDict:
    return {
        "state": current.to_wire() if current else None,
        "status": SetStateStatus.REJECT.value,
        "details": {"type": "abort_details", "reason": reason},
    }
