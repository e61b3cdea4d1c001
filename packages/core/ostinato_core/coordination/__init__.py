"""What processes tell one another: wake-ups, which carry no data, and messages that nobody needs to read again.

Both may be lost; the database is the truth.
"""

from ostinato_core.coordination.memory import MemoryFanOut, MemoryWakeUps
from ostinato_core.coordination.ports import CLEANUP, EVENTS, TASK_RUNS, FanOut, Feed, WakeUps

__all__ = [
    "CLEANUP",
    "EVENTS",
    "TASK_RUNS",
    "FanOut",
    "Feed",
    "MemoryFanOut",
    "MemoryWakeUps",
    "WakeUps",
    "fan_out",
    "use_fan_out",
    "use_wake_ups",
    "wake_ups",
]

_wake_ups: list[WakeUps] = [MemoryWakeUps()]
_fan_out: list[FanOut] = [MemoryFanOut()]


def wake_ups() -> WakeUps:
    """Return the wake-ups of this process. An effect after a commit has no other way to reach them."""
    return _wake_ups[0]


def use_wake_ups(implementation: WakeUps) -> None:
    """Use another implementation in this process, before anything waits for a wake-up."""
    _wake_ups[0] = implementation


def fan_out() -> FanOut:
    """Return the fan-out of this process, for effects after a commit."""
    return _fan_out[0]


def use_fan_out(implementation: FanOut) -> None:
    """Use another implementation in this process, before anything listens."""
    _fan_out[0] = implementation
