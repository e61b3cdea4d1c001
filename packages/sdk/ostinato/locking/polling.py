"""Lock managers that look again and again whether a lock is free: one plan for threads and for event loops."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable

from ostinato.engine.drivers import adrive, drive
from ostinato.engine.steps import Offload, Plan, Sleep

SHORTEST = 0.001
LONGEST = 0.1
"""Seconds between two looks; they double from the shortest to the longest."""


class PollingLockManager(ABC):
    """A lock manager that needs only to try and to look."""

    is_remote = False
    """Whether to try and to look takes long: then a thread does so where an event loop runs."""

    @abstractmethod
    def try_acquire(self, key: str, holder: str, hold_timeout: float | None) -> bool:
        """Take the lock if it is free or `holder` has it already; whether `holder` has it now. Never waits."""

    @abstractmethod
    def release_lock(self, key: str, holder: str) -> None:
        """Give the lock back. Raises ValueError if `holder` does not have it."""

    @abstractmethod
    def holder_of(self, key: str) -> str | None:
        """Return who has the lock; None if it is free."""

    def acquire_lock(
        self, key: str, holder: str, acquire_timeout: float | None = None, hold_timeout: float | None = None
    ) -> bool:
        """Wait for the lock of `key`; whether `holder` has it now. It is free again after `hold_timeout`."""
        return drive(self._until(lambda: self.try_acquire(key, holder, hold_timeout), acquire_timeout))

    async def aacquire_lock(
        self, key: str, holder: str, acquire_timeout: float | None = None, hold_timeout: float | None = None
    ) -> bool:
        """As `acquire_lock`; the event loop goes on meanwhile."""
        return await adrive(self._until(lambda: self.try_acquire(key, holder, hold_timeout), acquire_timeout))

    def is_locked(self, key: str) -> bool:
        """Whether somebody has the lock."""
        return self.holder_of(key) is not None

    def is_lock_holder(self, key: str, holder: str) -> bool:
        """Whether `holder` has the lock."""
        return self.holder_of(key) == holder

    def wait_for_lock(self, key: str, timeout: float | None = None) -> bool:
        """Wait until nobody has the lock; whether that is so now."""
        return drive(self._until(lambda: not self.is_locked(key), timeout))

    async def await_for_lock(self, key: str, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - the name is the protocol's
        """As `wait_for_lock`; the event loop goes on meanwhile."""
        return await adrive(self._until(lambda: not self.is_locked(key), timeout))

    def _until(self, condition: Callable[[], bool], timeout: float | None) -> Plan[bool]:
        deadline = None if timeout is None else time.monotonic() + timeout
        pause = SHORTEST
        while True:
            if (yield Offload(condition)) if self.is_remote else condition():
                return True
            left = pause if deadline is None else deadline - time.monotonic()
            if left <= 0:
                return False
            yield Sleep(min(pause, left))
            pause = min(2 * pause, LONGEST)
