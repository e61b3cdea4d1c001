"""The port through which writers wake the readers of what they wrote."""

from contextlib import AbstractContextManager
from typing import Final, Protocol

EVENTS: Final = "events"
"""Topic: rows were added to the log of events."""
TASK_RUNS: Final = "task-runs"
"""Topic: background task runs were put in a queue."""


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
