"""What processes tell one another: wake-ups, which carry no data, and messages that nobody needs to read again.

Both may be lost; the database is the truth.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from ostinato_core.coordination.memory import MemoryFanOut, MemoryWakeUps
from ostinato_core.coordination.ports import (
    ACTIONS,
    BULK_JOBS,
    CANCELLED_TASK_RUNS,
    CLEANUP,
    EVENTS,
    MAINTENANCE,
    TASK_RUNS,
    FanOut,
    Feed,
    WakeUp,
    WakeUps,
)
from ostinato_core.settings import ServerSettings

__all__ = [
    "ACTIONS",
    "BULK_JOBS",
    "CANCELLED_TASK_RUNS",
    "CLEANUP",
    "EVENTS",
    "MAINTENANCE",
    "TASK_RUNS",
    "FanOut",
    "Feed",
    "MemoryFanOut",
    "MemoryWakeUps",
    "WakeUp",
    "WakeUps",
    "coordinated",
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


@asynccontextmanager
async def coordinated(settings: ServerSettings) -> AsyncGenerator[None]:
    """Reach the other processes for as long as the block lasts, where the settings name a Redis."""
    if settings.redis_url is None:
        yield
        return
    from ostinato_core.coordination.redis import RedisRelay  # here: one process alone needs no client

    before = wake_ups(), fan_out()
    async with RedisRelay(settings.redis_url.get_secret_value()) as relay:
        use_wake_ups(relay)
        use_fan_out(relay)
        try:
            yield
        finally:
            use_wake_ups(before[0])
            use_fan_out(before[1])
