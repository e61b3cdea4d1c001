"""Threads for submitted tasks: as many as there are that wait for something, rather than one for each task."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
LEAST_PATIENCE, MOST_PATIENCE = 0.0002, 0.003
"""Seconds that a new thread waits for those before it to end a call; less once that was in vain, more if not."""


class Threads:
    """Calls functions in at most `most` threads, in the order in which they come.

    Starting a thread takes longer than a short call, so calls wait in one queue. A thread that takes one while others
    wait sees to it that another thread comes, unless one is on its way. If that one is new, it first waits as long as
    those before it end calls: many threads that all have something to do slow one another down by as much again. So
    calls that block have each its thread soon, and short ones share a few.
    """

    def __init__(self, most: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(most, thread_name_prefix=name)
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()  # Any: calls return what they like
        self._is_one_coming = False
        self._closed = threading.Event()
        self._at_work = self._most_at_work = 0
        self._ended = self._ended_when_all_blocked = 0
        self._patience = MOST_PATIENCE

    def submit(self, function: Callable[[], T]) -> Future[T]:
        """Have `function` called, and return its future. Errors: RuntimeError once this is closed."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed.is_set():
                raise RuntimeError("These threads take no more calls: they have been closed.")
            self._waiting.append((future, function))
            is_needed, self._is_one_coming = not self._is_one_coming, True
        if is_needed:
            self._pool.submit(self._work)
        return future

    def close(self, *, wait: bool) -> None:
        """Cancel the calls that have not begun; with `wait` return when those that have are through."""
        with self._lock:
            self._closed.set()
            dropped, self._waiting = self._waiting, deque()
        for future, _ in dropped:
            future.cancel()
        self._pool.shutdown(wait=wait, cancel_futures=True)

    def _work(self) -> None:
        """Call what waits until nothing does."""
        if self._is_new():
            self._let_others_get_on()
        comes = True
        while True:
            with self._lock:
                if comes:
                    comes = self._is_one_coming = False
                if not self._waiting:
                    self._at_work -= 1
                    return
                future, function = self._waiting.popleft()
                is_needed = bool(self._waiting) and not self._is_one_coming
                self._is_one_coming |= is_needed
            if is_needed:
                with suppress(RuntimeError):  # the pool was closed meanwhile, and nothing waits any more
                    self._pool.submit(self._work)
            _call(future, function)
            self._ended += 1  # without the lock: it tells whether calls end, not how many
            del future, function  # an idle thread keeps nobody's results

    def _is_new(self) -> bool:
        """Count the thread that begins to work; return whether there were never as many."""
        with self._lock:
            self._at_work += 1
            is_new = self._at_work > self._most_at_work
            self._most_at_work = max(self._at_work, self._most_at_work)
        return is_new

    def _let_others_get_on(self) -> None:
        """Return when no call ends for a while, or none has since this last returned. For one thread at a time."""
        while self._waiting and self._ended != self._ended_when_all_blocked:
            self._ended_when_all_blocked = self._ended
            self._closed.wait(self._patience)
            is_in_vain = self._ended == self._ended_when_all_blocked
            wanted = self._patience * (0.5 if is_in_vain else 1.2)
            self._patience = min(max(wanted, LEAST_PATIENCE), MOST_PATIENCE)


def _call(future: Future[T], function: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function()
    except BaseException as error:  # noqa: BLE001 - whoever asks the future is told
        future.set_exception(error)
    else:
        future.set_result(result)
