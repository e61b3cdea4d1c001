"""A clock that tests drive: it stands still until it is moved."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from ostinato_core.clock import driven_by


class DrivenClock:
    """Shows the time at which it was last set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the time, as `ostinato_core.clock` asks for it."""
        return self.now

    def forward(self, seconds: float) -> None:
        """Move on by so many seconds."""
        self.now += timedelta(seconds=seconds)


@contextmanager
def driven_clock(now: datetime | None = None) -> Generator[DrivenClock]:
    """Drive the time of this process, from `now` (else the real time) on; servers elsewhere do not notice."""
    clock = DrivenClock(now or datetime.now(UTC))
    with driven_by(clock):
        yield clock
