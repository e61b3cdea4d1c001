"""The ports through which writers wake the readers of what they wrote, and pass on what is not to be read again."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, Protocol

EVENTS: Final = "events"
"""Topic: rows were added to the log of events."""
TASK_RUNS: Final = "task-runs"
"""Topic: background task runs were put in a queue."""
CANCELLED_TASK_RUNS: Final = "cancelled-task-runs"
"""Topic: task runs are to be cancelled that a task worker may hold."""

CLEANUP: Final = "worker-cleanup"
"""Topic: something is to be cleaned up by a worker, or a worker has room for more."""
ACTIONS: Final = "actions"
"""Topic: actions of automations are to be done."""
BULK_JOBS: Final = "bulk-jobs"
"""Topic: many flow runs are to be changed."""
MAINTENANCE: Final = "maintenance"
"""Topic: maintenance began or ended."""


class WakeUp(Protocol):
    """One who waits for a topic."""

    async def wait(self, seconds: float) -> bool:
        """Return True once woken since the last wait, False after `seconds` without it."""
        ...


class WakeUps(Protocol):
    """Wakes those who wait for a topic, at once and without waiting itself. A wake-up may be lost."""

    def notify(self, topic: str) -> None:
        """Wake all who wait for the topic."""
        ...

    def listen(self, topic: str) -> AbstractContextManager[WakeUp]:
        """Listen to the topic while the context is open."""
        ...


class RateLimits(Protocol):
    """Counts the requests of clients."""

    async def take(self, who: str) -> float:
        """Take one request of a client; return the seconds after which to ask again, 0 where there was one."""
        ...


class Feed(Protocol):
    """What one listener of a topic gets."""

    async def next(self) -> bytes:
        """Return the next message; waits for it. Messages that came while too many waited are lost."""
        ...

    @property
    def lost(self) -> int:
        """How many messages were lost so far, because this listener read too slowly."""
        ...


class FanOut(Protocol):
    """Passes messages on to all who listen to a topic at that moment, without waiting itself. They may be lost."""

    def publish(self, topic: str, make: Callable[[], bytes]) -> None:
        """Pass a message on; `make` is only called where somebody may listen."""
        ...

    def follow(self, topic: str, most: int) -> AbstractContextManager[Feed]:
        """Listen to the topic while the context is open; at most `most` messages wait."""
        ...
