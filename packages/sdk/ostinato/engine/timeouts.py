"""Time limits on users' functions that are called in this thread: by an alarm in the main thread, else by a timer."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ostinato.exceptions import UserCodeTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import FrameType


class _Interrupted(BaseException):
    """Raised in a thread that is interrupted; users' `except Exception` must not swallow it."""


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


class Interrupt:
    """Raises an exception in the thread that made it, when another calls `fire`, unless it was closed before."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._closed = False
        self.fired = False

    def fire(self) -> None:
        """Interrupt the thread at its next bytecode; a blocking call goes on until it returns."""
        with self._lock:
            if not self._closed and not self.fired:
                self.fired = True
                _raise_in(self._thread, _Interrupted)

    def close(self) -> None:
        """Interrupt no more."""
        with self._lock:
            self._closed = True

    def take_back(self) -> None:
        """Forget an exception that was not raised yet."""
        _raise_in(self._thread, None)


def _raise_in(thread: int, kind: type[BaseException] | None) -> None:
    """Raise `kind` in `thread` at its next bytecode; None takes back what was not raised yet."""
    import ctypes  # late: few runs exceed a limit

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(kind) if kind else None)


@contextmanager
def interruptible(error: Callable[[], BaseException]) -> Generator[Interrupt]:
    """Yield the interrupt of a block in this thread; a block that it interrupted raises what `error` returns."""
    interrupt = Interrupt()
    try:
        yield interrupt
        interrupt.close()
    except _Interrupted as signal_:
        interrupt.close()
        if not interrupt.fired:
            raise  # that of an enclosing block
        raise error().with_traceback(signal_.__traceback__) from None
    except BaseException:
        interrupt.close()
        if interrupt.fired:
            interrupt.take_back()
            raise error() from None
        raise
    if interrupt.fired:
        interrupt.take_back()
        raise error()


@contextmanager
def _thread_limit(seconds: float) -> Generator[None]:
    """Limit a thread that is not the main one. A blocking call is not interrupted: the limit bites when it returns."""
    with interruptible(lambda: _error(seconds)) as interrupt:
        timer = threading.Timer(seconds, interrupt.fire)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def can_interrupt_blocking_calls() -> bool:
    """Whether a time limit in this thread can interrupt a blocking call; else it takes effect when the call returns."""
    return threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")


def limit(seconds: float):
    """Return a context manager that raises `UserCodeTimeout` in this thread after `seconds`."""
    return _alarm(seconds) if can_interrupt_blocking_calls() else _thread_limit(seconds)
