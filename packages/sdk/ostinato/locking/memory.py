"""Locks among the threads and asyncio tasks of one process."""

from __future__ import annotations

import threading
import time
from typing import Self

from ostinato.locking.polling import PollingLockManager


class MemoryLockManager(PollingLockManager):
    """Keeps locks in memory. There is one for the process: every `MemoryLockManager()` is the same."""

    _instance: MemoryLockManager | None = None
    _guard = threading.Lock()
    _locks: dict[str, tuple[str, float]]

    def __new__(cls) -> Self:
        """Return the manager of this process."""
        with cls._guard:
            if not isinstance(cls._instance, cls):
                cls._instance = super().__new__(cls)
                cls._instance._locks = {}
            return cls._instance

    def try_acquire(self, key: str, holder: str, hold_timeout: float | None) -> bool:
        """Take the lock if it is free or `holder` has it already; whether `holder` has it now."""
        with self._guard:
            if self._holder_of(key) not in (None, holder):
                return False
            until = float("inf") if hold_timeout is None else time.monotonic() + hold_timeout
            self._locks[key] = (holder, until)
            return True

    def release_lock(self, key: str, holder: str) -> None:
        """Give the lock back. Raises ValueError if `holder` does not have it."""
        with self._guard:
            if self._holder_of(key) != holder:
                raise ValueError(f"{holder!r} does not hold the lock of {key!r}.")
            del self._locks[key]

    def holder_of(self, key: str) -> str | None:
        """Return who has the lock; None if it is free."""
        with self._guard:
            return self._holder_of(key)

    def _holder_of(self, key: str) -> str | None:
        holder, until = self._locks.get(key, (None, 0.0))
        return holder if until > time.monotonic() else None
