"""The time, always aware and in UTC; tests may drive it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

Clock = Callable[[], datetime]


def _system_time() -> datetime:
    return datetime.now(UTC)


_clock: Clock = _system_time


def utc_now() -> datetime:
    """Return the current time, aware, in UTC."""
    return _clock()


def later(moment: datetime, span: timedelta) -> datetime:
    """Return the time a span after another, or before it where that is negative; the ends of time bound it."""
    try:
        return moment + span
    except OverflowError:
        return _LAST if span > timedelta(0) else _FIRST


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
