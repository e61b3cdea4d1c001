"""Cancelling one run of a task worker: what it does is interrupted, wherever it is."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx

from ostinato.client.errors import OstinatoHTTPStatusError
from ostinato.engine.drivers import SyncEffects
from ostinato.engine.steps import Call, Either, NextItem, Sleep, Step, Wait
from ostinato.engine.timeouts import interruptible
from ostinato.runner.cancellations import MOST_AT_ONCE, POLL_SECONDS, jittered
from ostinato_wire.filters import AnyId, StateFilter, StateTypeFilter
from ostinato_wire.states import StateType
from ostinato_wire.task_runs import TaskRunFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from ostinato.client.orchestration import OstinatoClient

# Any below: outcomes of users' functions.

logger = logging.getLogger("ostinato.task_worker")


class RunCancelled(BaseException):
    """The run is to be cancelled; users' `except Exception` must not swallow it."""


class Cancellation:
    """Whether one run is to be cancelled; interrupts once what the run does then. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requested = threading.Event()
        self._interrupt: Callable[[], None] | None = None
        self._is_delivered = False

    @property
    def is_requested(self) -> bool:
        """Whether the run is to be cancelled."""
        return self._requested.is_set()

    @property
    def is_delivered(self) -> bool:
        """Whether the run has been interrupted; what it does from then on is its end, which is left alone."""
        return self._is_delivered

    def request(self) -> None:
        """Cancel the run: interrupt what it does now, or else what it does next."""
        with self._lock:
            self._requested.set()
            self._deliver()

    def wait(self, seconds: float) -> None:
        """Wait in this thread, until the run is to be cancelled at the latest."""
        self._requested.wait(seconds)

    @contextmanager
    def interrupting(self, interrupt: Callable[[], None]) -> Generator[None]:
        """Call `interrupt` once if the run is to be cancelled before the block ends."""
        with self._lock:
            self._interrupt = interrupt
            if self._requested.is_set():
                self._deliver()
        try:
            yield
        finally:
            with self._lock:
                self._interrupt = None

    def _deliver(self) -> None:
        if self._interrupt is not None and not self._is_delivered:
            self._is_delivered = True
            self._interrupt()


class CancellableEffects(SyncEffects):
    """Carries out steps in this thread. What is a user's, or waits, is interrupted if the run is cancelled.

    A call of C code that blocks goes on until it returns.
    """

    def __init__(self, cancellation: Cancellation) -> None:
        super().__init__()
        self._cancellation = cancellation

    def perform(self, step: Step) -> Any:
        if self._cancellation.is_delivered or not isinstance(step, Call | NextItem | Wait | Either | Sleep):
            return super().perform(step)
        with interruptible(RunCancelled) as interrupt, self._cancellation.interrupting(interrupt.fire):
            if isinstance(step, Sleep):
                return self._cancellation.wait(step.seconds)
            return super().perform(step)


@contextmanager
def cancellable_task(cancellation: Cancellation) -> Generator[None]:
    """Cancel the asyncio task that is in the block if the run is cancelled."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None  # async code runs in one
    with cancellation.interrupting(lambda: _cancel_soon(loop, task)):
        yield


def _cancel_soon(loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> None:
    loop.call_soon_threadsafe(task.cancel)


async def ask_for_cancellations(
    client: OstinatoClient, own: Callable[[], list[UUID]], cancel: Callable[[UUID], None]
) -> None:
    """Ask the server again and again which of the own runs are to be cancelled, until this is cancelled.

    For servers that do not tell their workers.
    """
    cancelling = StateFilter(type=StateTypeFilter(any_=[StateType.CANCELLING]))
    while True:
        await asyncio.sleep(jittered(POLL_SECONDS))
        ids = own()[:MOST_AT_ONCE]
        if not ids:
            continue
        try:
            wanted = TaskRunFilter(id=AnyId(any_=ids), state=cancelling)
            found = await client.read_task_runs(task_run_filter=wanted, limit=MOST_AT_ONCE)
        except (httpx.HTTPError, OstinatoHTTPStatusError) as error:
            logger.debug("The server does not tell which runs are to be cancelled: %s", error)
            continue
        for run in found:
            cancel(run.id)
