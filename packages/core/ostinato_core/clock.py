"""The time, always aware and in UTC; tests may drive it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def _system_time() -> datetime:
    return datetime.now(UTC)


_clock: Clock = _system_time


def utc_now() -> datetime:
    """Return the current time, aware, in UTC."""
    return _clock()


@contextmanager
def driven_by(clock: Clock) -> Generator[None]:
    """Let a clock say what the time is, in this whole process, for as long as the block lasts."""
    global _clock
    before = _clock
    _clock = clock
    try:
        yield
    finally:
        _clock = before
