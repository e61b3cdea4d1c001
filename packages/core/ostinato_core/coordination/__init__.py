"""What processes tell one another: wake-ups. They carry no data and may be lost; the database is the truth."""

from ostinato_core.coordination.memory import MemoryWakeUps
from ostinato_core.coordination.ports import EVENTS, TASK_RUNS, WakeUps

__all__ = ["EVENTS", "TASK_RUNS", "MemoryWakeUps", "WakeUps", "use_wake_ups", "wake_ups"]

_installed: list[WakeUps] = [MemoryWakeUps()]


def wake_ups() -> WakeUps:
    """Return the wake-ups of this process. An effect after a commit has no other way to reach them."""
    return _installed[0]


def use_wake_ups(implementation: WakeUps) -> None:
    """Use another implementation in this process, before anything waits for a wake-up."""
    _installed[0] = implementation
