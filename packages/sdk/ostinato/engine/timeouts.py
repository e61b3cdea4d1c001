"""Time limits on users' functions that are called in this thread: by an alarm in the main thread, else by a timer."""

from __future__ import annotations

import ctypes
import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ostinato.exceptions import UserCodeTimeout

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType


class _Expired(BaseException):
    """Raised in a worker thread by its timer; users' `except Exception` must not swallow it."""


def _error(seconds: float) -> UserCodeTimeout:
    return UserCodeTimeout(f"The function ran longer than {seconds} second(s).")


@contextmanager
def _alarm(seconds: float) -> Generator[None]:
    """Limit the main thread by SIGALRM, which interrupts blocking calls too. An enclosing limit stays in force."""

    def expire(_signal: int, _frame: FrameType | None) -> None:
        raise _error(seconds)

    began = time.monotonic()
    former_handler = signal.signal(signal.SIGALRM, expire)
    former_delay, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    if 0 < former_delay < seconds:  # the enclosing limit comes first: leave it to its owner
        signal.signal(signal.SIGALRM, former_handler)
        signal.setitimer(signal.ITIMER_REAL, former_delay)
        yield
        return
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former_handler)
        if former_delay:
            remaining = former_delay - (time.monotonic() - began)
            signal.setitimer(signal.ITIMER_REAL, max(remaining, 1e-6))


class _ThreadLimit:
    """Raises `_Expired` in one thread after a while, unless it was closed before."""

    def __init__(self, seconds: float) -> None:
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._closed = False
        self.fired = False
        self._timer = threading.Timer(seconds, self._fire)
        self._timer.daemon = True
        self._timer.start()

    def _fire(self) -> None:
        with self._lock:
            if not self._closed:
                self.fired = True
                _raise_in(self._thread, _Expired)

    def close(self) -> None:
        self._timer.cancel()
        with self._lock:
            self._closed = True


def _raise_in(thread: int, kind: type[BaseException] | None) -> None:
    """Raise `kind` in `thread` at its next bytecode; None takes back what was not raised yet."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(kind) if kind else None)


@contextmanager
def _thread_limit(seconds: float) -> Generator[None]:
    """Limit a thread that is not the main one. A blocking call is not interrupted: the limit bites when it returns."""
    limit = _ThreadLimit(seconds)
    try:
        yield
        limit.close()
    except _Expired as expired:
        limit.close()
        raise _error(seconds).with_traceback(expired.__traceback__) from None
    except BaseException:
        limit.close()
        if limit.fired:
            _raise_in(limit._thread, None)  # pyright: ignore[reportPrivateUsage] - same file
            raise _error(seconds) from None
        raise
    if limit.fired:
        _raise_in(limit._thread, None)  # pyright: ignore[reportPrivateUsage] - same file
        raise _error(seconds)


def can_interrupt_blocking_calls() -> bool:
    """Whether a time limit in this thread can interrupt a blocking call; else it takes effect when the call returns."""
    return threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")


def limit(seconds: float):
    """Return a context manager that raises `UserCodeTimeout` in this thread after `seconds`."""
    return _alarm(seconds) if can_interrupt_blocking_calls() else _thread_limit(seconds)
