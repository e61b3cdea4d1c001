"""The order in which background parts end when the process does: what still sends first, the temporary server last."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from enum import IntEnum
from threading import Lock


class Phase(IntEnum):
    """When something is ended; lower first."""

    REPLAY = 0
    EVENTS = 1  # which may have to tell something in logs
    LOGS = 2
    JOURNALS = 3
    SERVER = 4


_lock = Lock()
_callbacks: dict[Phase, list[Callable[[], None]]] = {}


def at_exit(phase: Phase, callback: Callable[[], None]) -> None:
    """Call `callback`, which must not raise, when the interpreter ends, in the order of phases."""
    with _lock:
        if not _callbacks:
            atexit.register(_run)
        _callbacks.setdefault(phase, []).append(callback)


def _run() -> None:
    _call_all([callback for phase in sorted(_callbacks) for callback in _callbacks[phase]])


def _call_all(callbacks: list[Callable[[], None]]) -> None:
    """Call all, also if Ctrl-C interrupts one: a temporary server must not outlive its process."""
    if not callbacks:
        return
    try:
        callbacks[0]()
    finally:
        _call_all(callbacks[1:])
