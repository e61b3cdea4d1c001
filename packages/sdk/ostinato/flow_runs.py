"""Pausing, suspending and resuming flow runs, and waiting for their end (sdk.md, 21)."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from uuid_utils.compat import uuid4

from ostinato.context import FlowRunContext, TaskRunContext
from ostinato.engine.drivers import adrive
from ostinato.engine.proposals import propose
from ostinato.engine.steps import Plan, Request, Sleep
from ostinato.exceptions import Abort, FlowPauseTimeout, FlowRunWaitTimeout, NotPausedError, Pause
from ostinato.input.run_input import Keyset, RunInput, ask, input_class, keyset_from_base_key, read_answer
from ostinato.states import Paused, State, Suspended
from ostinato.utilities.paired import run
from ostinato_wire.states import OrchestrationResult, SetStateStatus, StateType

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato_wire.flow_runs import FlowRun

__all__ = [
    "apause_flow_run",
    "aresume_flow_run",
    "asuspend_flow_run",
    "pause_flow_run",
    "resume_flow_run",
    "suspend_flow_run",
    "wait_for_flow_run",
]

# Any below: values of users' types.

WAIT_SECONDS = 10800.0
POLL_SECONDS = 10.0
"""How often `wait_for_flow_run` looks by itself, should an event not arrive."""


def pause_flow_run(
    wait_for_input: Any = None,
    timeout: float = 3600,
    poll_interval: float = 10,
    key: str | None = None,
    *,
    _sync: bool = False,
) -> Any:
    """Pause the flow run around this call until someone resumes it; return the input that came with that, if any.

    `wait_for_input` is a RunInput, a pydantic model or any type, whose form people fill in. The process waits and asks
    every `poll_interval` seconds. Raises FlowPauseTimeout after `timeout` seconds, RuntimeError outside of a flow run
    or if the server refuses.
    """
    return run(_pause(wait_for_input, timeout, poll_interval, key), sync=_sync)


async def apause_flow_run(
    wait_for_input: Any = None,
    timeout: float = 3600,  # noqa: ASYNC109 - of the run, on the server
    poll_interval: float = 10,
    key: str | None = None,
) -> Any:
    """Do as `pause_flow_run`, in an event loop."""
    return await adrive(_pause(wait_for_input, timeout, poll_interval, key))


def suspend_flow_run(
    wait_for_input: Any = None,
    flow_run_id: UUID | None = None,
    timeout: float | None = None,
    key: str | None = None,
    *,
    _sync: bool = False,
) -> Any:
    """Suspend a flow run: its process ends, and resuming makes it run again from the start.

    The run is the one around this call unless `flow_run_id` names another. When it runs again, the same call returns
    the input that it was resumed with. The run needs a deployment; results that were stored are not made again. Raises
    RuntimeError in a task run, outside of a flow run, or if the server refuses.
    """
    return run(_suspend(wait_for_input, flow_run_id, timeout, key), sync=_sync)


async def asuspend_flow_run(
    wait_for_input: Any = None,
    flow_run_id: UUID | None = None,
    timeout: float | None = None,  # noqa: ASYNC109 - of the run, on the server
    key: str | None = None,
) -> Any:
    """Do as `suspend_flow_run`, in an event loop."""
    return await adrive(_suspend(wait_for_input, flow_run_id, timeout, key))


def resume_flow_run(flow_run_id: UUID, run_input: dict[str, Any] | None = None, *, _sync: bool = False) -> None:
    """Resume a paused or suspended flow run, with the values that it waits for.

    Raises NotPausedError, FlowPauseTimeout if its time was over, RuntimeError if the server refuses, for example
    because the values do not fit.
    """
    return run(_resume(flow_run_id, run_input), sync=_sync)


async def aresume_flow_run(flow_run_id: UUID, run_input: dict[str, Any] | None = None) -> None:
    """Do as `resume_flow_run`, in an event loop."""
    return await adrive(_resume(flow_run_id, run_input))


def _context(what: str) -> FlowRunContext:
    context = FlowRunContext.get()
    if context is None:
        raise RuntimeError(f"Flow runs can only be {what} from within a flow run.")
    return context


def _question(kind: type[RunInput] | None, how: str, key: str) -> Keyset | None:
    return None if kind is None else keyset_from_base_key(f"{how}-{key}")


def _with_keys(state: State, keys: Keyset | None) -> State:
    if keys is not None:
        state.state_details = state.state_details.model_copy(update={"run_input_keyset": dict(keys)})
    return state


def _pause(wait_for_input: Any, timeout: float, poll_interval: float, key: str | None) -> Plan[Any]:
    context = _context("paused")
    run_id, counted = context.flow_run.id, context.next_pause()
    kind = None if wait_for_input is None else input_class(wait_for_input)
    keys = _question(kind, "paused", key or counted)
    state = yield from _proposed(run_id, _with_keys(Paused(timeout_seconds=timeout, pause_key=key or counted), keys))
    if state.type is not StateType.RUNNING:
        if kind is not None and keys is not None:
            yield from ask(kind, keys, run_id)
        yield from _until_resumed(run_id, timeout, poll_interval)
    if kind is not None and keys is not None:
        return (yield from read_answer(kind, keys, run_id))
    return None


def _proposed(run_id: UUID, state: State) -> Plan[State]:
    """Propose a pause; a run that is paused already, or was resumed from this very pause, is no error."""
    try:
        return (yield from propose(run_id, state))
    except Pause as signal:
        if isinstance(signal.state, State):
            return signal.state
        raise
    except Abort as error:
        raise RuntimeError(f"The flow run cannot be paused: {error}") from error


def _until_resumed(run_id: UUID, timeout: float, poll_interval: float) -> Plan[None]:
    deadline = time.monotonic() + timeout
    pause = min(timeout / 2, poll_interval)
    while True:
        yield Sleep(pause)
        current: FlowRun = yield Request("read_flow_run", {"flow_run_id": run_id})
        if current.state_type is StateType.RUNNING:
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise FlowPauseTimeout(f"The flow run was not resumed within {timeout:g} second(s).")
        pause = min(poll_interval, left)


def _suspend(wait_for_input: Any, flow_run_id: UUID | None, timeout: float | None, key: str | None) -> Plan[Any]:
    current = FlowRunContext.get()
    if flow_run_id is None or (current is not None and current.flow_run.id == flow_run_id):
        context = _context("suspended")
        if TaskRunContext.get() is not None:
            raise RuntimeError("A flow run cannot be suspended from within a task run.")
        own, run_id, counted = True, context.flow_run.id, context.next_pause()
    else:
        own, run_id, counted = False, flow_run_id, str(uuid4())
    kind = None if wait_for_input is None else input_class(wait_for_input)
    keys = _question(kind, "suspended", key or counted)
    proposed = _with_keys(Suspended(timeout_seconds=timeout, pause_key=key or counted), keys)
    state = yield from _proposed(run_id, proposed)
    if state.type is StateType.RUNNING:
        return (yield from read_answer(kind, keys, run_id)) if kind is not None and keys is not None else None
    if kind is not None and keys is not None:
        yield from ask(kind, keys, run_id)
    if own:
        raise Pause("The flow run was suspended.", state=state)
    return None


def _resume(flow_run_id: UUID, run_input: dict[str, Any] | None) -> Plan[None]:
    current: FlowRun = yield Request("read_flow_run", {"flow_run_id": flow_run_id})
    if current.state_type is not StateType.PAUSED:
        raise NotPausedError(f"Flow run {flow_run_id} is {current.state_name}, not paused: it cannot be resumed.")
    answer: OrchestrationResult = yield Request("resume_flow_run", {"flow_run_id": flow_run_id, "run_input": run_input})
    if answer.status is SetStateStatus.ACCEPT:
        return
    if answer.state is not None and answer.state.type is StateType.FAILED:
        raise FlowPauseTimeout("The flow run was not resumed in time and has failed.")
    reason = getattr(answer.details, "reason", None) or "the server told no reason"
    raise RuntimeError(f"The flow run cannot be resumed now: {reason}")


async def wait_for_flow_run(
    flow_run_id: UUID,
    timeout: float | None = WAIT_SECONDS,  # noqa: ASYNC109 - the name of the reference's argument
    poll_interval: float | None = None,
    log_states: bool = False,
) -> FlowRun:
    """Wait until a flow run has ended and return it; `log_states` logs each state that it gets into.

    Its events tell of the end; every `poll_interval` seconds (10) the server is asked as well. Raises
    FlowRunWaitTimeout after `timeout` seconds, ObjectNotFound.
    """
    from ostinato.client import get_client

    changed = asyncio.Event()
    seen: object = None
    async with get_client() as client:
        watcher = asyncio.create_task(_watch(flow_run_id, changed))
        try:
            async with asyncio.timeout(timeout):
                while True:
                    changed.clear()
                    current = await client.read_flow_run(flow_run_id)
                    if log_states and current.state is not None and current.state.id != seen:
                        seen = current.state.id
                        _log(current)
                    if current.state is not None and current.state.is_final():
                        return current
                    await _until_set(changed, POLL_SECONDS if poll_interval is None else poll_interval)
        except TimeoutError as error:
            raise FlowRunWaitTimeout(f"Flow run {flow_run_id} did not end within {timeout} second(s).") from error
        finally:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)


async def _until_set(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


async def _watch(flow_run_id: UUID, changed: asyncio.Event) -> None:
    """Set `changed` whenever an event of the run comes in; end where events cannot be listened to."""
    from ostinato.client.sockets import TRANSPORT_ERRORS
    from ostinato.events import get_events_subscriber
    from ostinato_wire.events import EventFilter, EventNameFilter, EventResourceFilter

    wanted = EventFilter(
        event=EventNameFilter(prefix=["prefect.flow-run."]),
        resource=EventResourceFilter(id=[f"prefect.flow-run.{flow_run_id}"]),
    )
    try:
        async with get_events_subscriber(wanted) as events:
            async for _ in events:
                changed.set()
    except TRANSPORT_ERRORS:
        return


def _log(current: FlowRun) -> None:
    from ostinato.logging import get_logger

    get_logger("waiting").info("Flow run %r is in state %r", current.name, current.state_name)
