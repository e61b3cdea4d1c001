"""What a lock manager must be able to do. Any class with these methods can be one."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class LockManager(Protocol):
    """Gives each key to one holder at a time. Holders are texts; times are in seconds, None for no limit."""

    def acquire_lock(
        self, key: str, holder: str, acquire_timeout: float | None = None, hold_timeout: float | None = None
    ) -> bool:
        """Wait for the lock of `key`; whether `holder` has it now. It is free again after `hold_timeout`.

        A holder that has the lock already gets it at once.
        """
        ...

    async def aacquire_lock(
        self, key: str, holder: str, acquire_timeout: float | None = None, hold_timeout: float | None = None
    ) -> bool:
        """As `acquire_lock`; the event loop goes on meanwhile."""
        ...

    def release_lock(self, key: str, holder: str) -> None:
        """Give the lock back. Raises ValueError if `holder` does not have it."""
        ...

    def is_locked(self, key: str) -> bool:
        """Whether somebody has the lock."""
        ...

    def is_lock_holder(self, key: str, holder: str) -> bool:
        """Whether `holder` has the lock."""
        ...

    def wait_for_lock(self, key: str, timeout: float | None = None) -> bool:
        """Wait until nobody has the lock; whether that is so now."""
        ...

    async def await_for_lock(self, key: str, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - the name is the protocol's
        """As `wait_for_lock`; the event loop goes on meanwhile."""
        ...
