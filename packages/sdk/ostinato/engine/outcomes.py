"""How a run ends: the state that a return value or an exception stands for (sdk.md, 5.4 and 7)."""

from __future__ import annotations

import contextlib
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ostinato.engine import termination
from ostinato.engine.links import is_trackable
from ostinato.engine.task_run import NO_DETAILS, changed, new_state
from ostinato.engine.visiting import ATOMS
from ostinato.exceptions import TerminationSignal, UserCodeTimeout
from ostinato.futures import OstinatoFuture, resolve_futures_to_states
from ostinato.states import InMemoryResult, State, StateGroup, is_state_iterable
from ostinato_wire.states import StateDetails, StateType

if TYPE_CHECKING:
    from uuid import UUID

Kind = Literal["Flow", "Task"]

_ENGINE = Path(__file__).parent


def details_of(kind: Kind, run_id: UUID) -> StateDetails:
    """Return the details of a final state of the run."""
    if kind == "Flow":
        return changed(NO_DETAILS, flow_run_id=run_id)
    return changed(NO_DETAILS, task_run_id=run_id)


def return_value_to_state(value: Any, details: StateDetails) -> State:  # Any: what a user's function returned
    """Return the final state that `value` stands for; `details` name the run.

    Futures are waited for. A state made by hand is taken as it is; states of runs are summed up; else COMPLETED.
    """
    if type(value) in ATOMS:
        return _completed(value, details)
    if isinstance(value, types.GeneratorType):
        value = list(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - items of a user's generator
    single = isinstance(value, (State, OstinatoFuture))
    value = resolve_futures_to_states(value)
    if isinstance(value, State):
        if single and not _belongs_to_a_run(value):
            return _by_hand(value, details)
        return _sum_up([value], value, details)
    if is_state_iterable(value):
        return _sum_up(list(value), value, details)
    return _completed(value, details)


def _completed(value: object, details: StateDetails) -> State:
    if not is_trackable(value):
        details = changed(details, untrackable_result=True)
    return new_state(StateType.COMPLETED, data=InMemoryResult(value), details=details)


def _belongs_to_a_run(state: State) -> bool:
    return bool(state.state_details.flow_run_id or state.state_details.task_run_id)


def _by_hand(state: State, details: StateDetails) -> State:
    data = InMemoryResult(state.data) if state.is_completed() and type(state.data) is not InMemoryResult else state.data
    run_ids = {"flow_run_id": details.flow_run_id, "task_run_id": details.task_run_id}
    return state.model_copy(update={"data": data, "state_details": state.state_details.model_copy(update=run_ids)})


def _sum_up(states: list[State], value: object, details: StateDetails) -> State:
    group = StateGroup(states)
    if group.all_completed():
        type_, message = StateType.COMPLETED, "All states completed."
    elif group.cancelled:
        type_, message = StateType.CANCELLED, f"{group.cancelled}/{group.total} states cancelled."
    elif group.paused:
        type_, message = StateType.PAUSED, f"{group.paused}/{group.total} states paused."
    elif group.failed:
        type_, message = StateType.FAILED, f"{group.failed}/{group.total} states failed."
    else:
        type_, message = StateType.FAILED, f"{group.not_final}/{group.total} states are not final."
    data = InMemoryResult(value) if type_ is StateType.COMPLETED else value
    return new_state(type_, message=message, data=data, details=details)


def exception_to_failed_state(error: Exception, kind: Kind, details: StateDetails, timeout: float | None) -> State:
    """Return the FAILED state of a run whose function raised `error`; `timeout` is the run's limit in seconds."""
    details = changed(details, retriable=False)
    _drop_engine_frames(error)
    name = None
    if isinstance(error, UserCodeTimeout) and timeout is not None:
        name, message = "TimedOut", f"{kind} run exceeded timeout of {float(timeout)} second(s)"
    elif isinstance(error, TimeoutError):
        name, message = "TimedOut", f"{kind} run failed due to timeout: {error!r}"
    else:
        colon = ":" if kind == "Flow" else ""
        message = f"{kind} run encountered an exception{colon} {type(error).__name__}: {error}"
    return new_state(StateType.FAILED, name, message, data=error, details=details)


def _is_internal(file: str) -> bool:
    return file == contextlib.__file__ or Path(file).parent == _ENGINE


def _drop_engine_frames(error: BaseException) -> None:
    """Begin the traceback at the user's code: the engine's frames above it help nobody."""
    trace = error.__traceback__
    while trace is not None and _is_internal(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    if trace is not None:
        error.__traceback__ = trace


def exception_to_crashed_state(error: BaseException, details: StateDetails) -> State:
    """Return the CRASHED state of a run that `error` ended from outside of its function's own doing."""
    return new_state(StateType.CRASHED, message=_crash_message(error), data=error, details=details)


def _crash_message(error: BaseException) -> str:
    import asyncio

    match error:
        case asyncio.CancelledError() | TerminationSignal() if termination.reason() is not None:
            return str(termination.reason())
        case asyncio.CancelledError() if termination.received():
            return "Execution was aborted by a termination signal."
        case asyncio.CancelledError():
            return "Execution was cancelled by the runtime environment."
        case KeyboardInterrupt():
            return "Execution was aborted by an interrupt signal."
        case TerminationSignal():
            return "Execution was aborted by a termination signal."
        case SystemExit():
            return "Execution was aborted by Python system exit call."
        case _:
            return _request_failure(error) or (
                f"Execution was interrupted by an unexpected exception: {type(error).__name__}: {error}"
            )


def _request_failure(error: BaseException) -> str | None:
    if "httpx" not in sys.modules:  # then the error cannot be one of its own
        return None
    import httpx

    if not isinstance(error, (httpx.TimeoutException, httpx.ConnectError)):
        return None
    from ostinato.client.errors import without_credentials

    try:
        address = without_credentials(error.request.url)
    except RuntimeError:  # the error was raised without a request
        address = "the API"
    return f"Request to {address} failed: {error!r}."
