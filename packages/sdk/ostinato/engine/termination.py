"""SIGTERM during a run in this process: the run ends as CRASHED, then the signal does what it would have done."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

from ostinato.exceptions import TerminationSignal

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from types import FrameType

DRAIN_SECONDS = 5.0
"""How long logs and events each may take to be delivered before the process ends."""

CANCEL = "cancel"
RESCHEDULE = "reschedule"
RELINQUISH = "relinquish"
INTENTS = frozenset({CANCEL, RESCHEDULE, RELINQUISH})
"""What the supervisor of this process may want when it sends SIGTERM; without a word the run is to end as crashed."""

_active: TerminationGuard | None = None
_intent: str | None = None
_reason: str | None = None


class TerminationGuard:
    """Turns SIGTERM into `TerminationSignal` while the outermost flow of the main thread runs.

    In an event loop the flow's asyncio task is cancelled instead; `received` tells that cancellation from others.
    """

    def __init__(self) -> None:
        self.received = False
        self.ends_process = True
        self._process = os.getpid()
        self._former: Callable[[int, FrameType | None], object] | int | None = None
        self._cancel: tuple[asyncio.AbstractEventLoop, asyncio.Task[object]] | None = None

    @classmethod
    def install(cls, task: tuple[asyncio.AbstractEventLoop, asyncio.Task[object]] | None) -> TerminationGuard | None:
        """Install a guard where there can be one; `task` is the flow's loop and asyncio task, if it has them."""
        global _active, _intent, _reason
        if _active is not None or threading.current_thread() is not threading.main_thread():
            return None
        guard = cls()
        _intent = _reason = None
        guard._cancel = task
        guard._former = signal.signal(signal.SIGTERM, guard._handle)
        _active = guard
        return guard

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self._process != os.getpid():  # a forked child, which runs no flow of its own: it ends as it would have
            signal.signal(signal.SIGTERM, self._former_handler())
            os.kill(os.getpid(), number)
            return
        if self.received:
            return
        self.received = True
        _take_intent()
        if self._cancel is None:
            raise TerminationSignal(number)
        loop, task = self._cancel
        loop.call_soon_threadsafe(task.cancel)

    def _former_handler(self) -> Callable[[int, FrameType | None], object] | int:
        return self._former if self._former is not None else signal.SIG_DFL

    def remove(self) -> None:
        """Put the former handler back; if the signal came, send it again after what waits to be sent has been."""
        global _active
        _active = None
        signal.signal(signal.SIGTERM, self._former_handler())
        if self.received and self.ends_process and _intent is None:
            _deliver_what_waits()
            os.kill(os.getpid(), signal.SIGTERM)


_read_intent: Callable[[], str | None] | None = None


def listen(read: Callable[[], str | None]) -> None:
    """Ask `read` what the supervisor wants whenever SIGTERM comes; it must not block."""
    global _read_intent
    _read_intent = read


def _take_intent() -> None:
    global _intent
    if _read_intent is not None:
        _intent = _read_intent()


def intent() -> str | None:
    """Return what the supervisor wants of this process; None if nothing, or nobody, told it."""
    return _intent


def reason() -> str | None:
    """Return why this process ends its run by itself."""
    return _reason


def end_run(why: str) -> bool:
    """End the outermost flow of this process as crashed, for the reason given; whether there was one to end."""
    global _reason
    if _active is None or _active.received:
        return False
    _reason = why
    _active.ends_process = False
    os.kill(os.getpid(), signal.SIGTERM)
    return True


def received() -> bool:
    """Whether the process was told to end while the outermost flow runs."""
    return _active is not None and _active.received


def _deliver_what_waits() -> None:
    """The signal usually ends the process at once, without the orderly end that delivers logs and events."""
    from ostinato.events.worker import drain_all as drain_events
    from ostinato.logging.shipping import drain_all as drain_logs

    drain_events(DRAIN_SECONDS)
    drain_logs(DRAIN_SECONDS)
