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

_active: TerminationGuard | None = None


class TerminationGuard:
    """Turns SIGTERM into `TerminationSignal` while the outermost flow of the main thread runs.

    In an event loop the flow's asyncio task is cancelled instead; `received` tells that cancellation from others.
    """

    def __init__(self) -> None:
        self.received = False
        self._process = os.getpid()
        self._former: Callable[[int, FrameType | None], object] | int | None = None
        self._cancel: tuple[asyncio.AbstractEventLoop, asyncio.Task[object]] | None = None

    @classmethod
    def install(cls, task: tuple[asyncio.AbstractEventLoop, asyncio.Task[object]] | None) -> TerminationGuard | None:
        """Install a guard where there can be one; `task` is the flow's loop and asyncio task, if it has them."""
        global _active
        if _active is not None or threading.current_thread() is not threading.main_thread():
            return None
        guard = cls()
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
        if self.received:
            _deliver_what_waits()
            os.kill(os.getpid(), signal.SIGTERM)


def received() -> bool:
    """Whether the process was told to end while the outermost flow runs."""
    return _active is not None and _active.received


def _deliver_what_waits() -> None:
    """The signal usually ends the process at once, without the orderly end that delivers logs and events."""
    from ostinato.events.worker import drain_all as drain_events
    from ostinato.logging.shipping import drain_all as drain_logs

    drain_logs(DRAIN_SECONDS)
    drain_events(DRAIN_SECONDS)
