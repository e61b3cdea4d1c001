"""Waiting for runs of other processes: one thread a process and server listens to the ends of all that are waited for.

Ends are heard of as events. What makes no event (a state that the server set) or was missed is found by asking, for
all runs in one request.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from contextvars import copy_context
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpx

from ostinato.client import get_client
from ostinato.client.errors import OstinatoHTTPStatusError
from ostinato.client.lookup import api_url
from ostinato.client.sockets import TRANSPORT_ERRORS, SocketAuthenticationFailed
from ostinato.events.clients import get_events_subscriber
from ostinato.states import State
from ostinato.utilities.waiting import set_within
from ostinato_wire.events import EventFilter, EventNameFilter
from ostinato_wire.filters import AnyId
from ostinato_wire.states import TERMINAL_STATES, StateType
from ostinato_wire.task_runs import TaskRunFilter

if TYPE_CHECKING:
    from ostinato.client.orchestration import OstinatoClient
    from ostinato.events import ReceivedEvent

logger = logging.getLogger("ostinato.tasks")

PREFIX = "prefect.task-run."
ENDS = ("Completed", "Failed", "Crashed", "Cancelled", "Cached", "TimedOut", "RolledBack", "NotReady")
"""Names of final states that have a stock name; runs that end in others are found by asking."""
ASK_SECONDS = 5.0
IDLE_SECONDS = 10.0
"""How long the socket stays open when nothing is waited for."""
MOST_AT_ONCE = 200

Callback = Callable[[State], None]


class TaskRunWaiter:
    """Calls back when task runs become final, whoever runs them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[UUID, dict[UUID, Callback]] = {}
        self._new: set[UUID] = set()
        self._loop = asyncio.new_event_loop()
        self._wake = asyncio.Event()
        context = copy_context()  # the thread has the settings of who starts it
        Thread(target=lambda: context.run(self._run), name="ostinato-waiter", daemon=True).start()

    @classmethod
    def instance(cls) -> TaskRunWaiter:
        """Return this process's waiter for the server in force."""
        with _lock:
            key = (os.getpid(), api_url())
            if key not in _waiters:
                _waiters[key] = cls()
            return _waiters[key]

    def add(self, task_run_id: UUID, callback: Callback) -> UUID:
        """Call `callback` once, in the waiter's thread, with the final state of a run; return a token for `discard`."""
        token = uuid4()
        with self._lock:
            self._waiting.setdefault(task_run_id, {})[token] = callback
            self._new.add(task_run_id)
        self._loop.call_soon_threadsafe(self._wake.set)
        return token

    def discard(self, task_run_id: UUID, token: UUID) -> None:
        """Do not call any more."""
        with self._lock:
            callbacks = self._waiting.get(task_run_id, {})
            callbacks.pop(token, None)
            if not callbacks:
                self._waiting.pop(task_run_id, None)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        while True:
            await self._wake.wait()
            listening = asyncio.create_task(self._listen())
            try:
                async with get_client() as client:
                    await self._ask_while_waited_for(client)
            except (httpx.HTTPError, OSError) as error:
                logger.debug("The server does not answer (%s); it is asked again.", error)
                await asyncio.sleep(1)
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)

    async def _ask_while_waited_for(self, client: OstinatoClient) -> None:
        is_idle = False
        while True:
            with self._lock:
                wanted = self._new or set(self._waiting)
                self._new = set()
            if is_idle and not wanted:
                return
            is_idle = not wanted
            await self._ask(client, [run_id for run_id in wanted if run_id in self._waiting])
            await set_within(self._wake, IDLE_SECONDS if is_idle else ASK_SECONDS)
            self._wake.clear()

    async def _ask(self, client: OstinatoClient, run_ids: list[UUID]) -> None:
        for start in range(0, len(run_ids), MOST_AT_ONCE):
            chosen = TaskRunFilter(id=AnyId(any_=run_ids[start : start + MOST_AT_ONCE]))
            try:
                found = await client.read_task_runs(task_run_filter=chosen, limit=MOST_AT_ONCE)
            except (httpx.HTTPError, OstinatoHTTPStatusError) as error:
                logger.debug("The server does not tell how runs are (%s); it is asked again.", error)
                return
            for run in found:
                if run.state is not None and run.state.type in TERMINAL_STATES:
                    self._tell(run.id, State.from_wire(run.state, run.state.data))

    async def _listen(self) -> None:
        wanted = EventFilter(event=EventNameFilter(name=[f"{PREFIX}{name}" for name in ENDS]))
        while True:
            try:
                async with get_events_subscriber(wanted, reconnect_on_clean_close=True) as events:
                    async for event in events:
                        self._take(event)
            except (*TRANSPORT_ERRORS, SocketAuthenticationFailed) as error:
                logger.debug("No events of task runs (%s); the server is asked instead.", error)
            await asyncio.sleep(ASK_SECONDS)

    def _take(self, event: ReceivedEvent) -> None:
        try:
            run_id = UUID(event.resource.id.removeprefix(PREFIX))
        except ValueError:
            return
        state = _state_in(event) if run_id in self._waiting else None
        if state is not None:
            self._tell(run_id, state)

    def _tell(self, run_id: UUID, state: State) -> None:
        with self._lock:
            callbacks = self._waiting.pop(run_id, {})
        for callback in callbacks.values():
            try:
                callback(state)
            except Exception:  # a user's function
                logger.exception("A callback of task run '%s' raised an error.", run_id)


def _state_in(event: ReceivedEvent) -> State | None:
    """Return the state that the event tells of, if it is final."""
    told: dict[str, Any] = event.payload.get("validated_state") or {}  # Any: JSON
    try:
        state = State.model_validate({**told, "id": event.id, "timestamp": event.occurred})
    except ValueError:
        return None
    return state if StateType(state.type) in TERMINAL_STATES else None


_lock = Lock()
_waiters: dict[tuple[int, str], TaskRunWaiter] = {}
