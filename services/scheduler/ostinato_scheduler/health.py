"""When loops are not well: stuck ones, failing ones, and a scheduler that lags behind. Pure."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from ostinato_scheduler.loop import Record

PATIENCE: Final = timedelta(seconds=60)
"""A tick may take so long, or `PERIODS` times the period of its loop where that is longer."""
PERIODS: Final = 5
FAILURES: Final = 3
"""A loop whose last ticks failed, so many in a row, does not do its work."""
FEW_FAILURES: Final = 2
"""The same of a loop that comes seldom, and that has been failing for long by then."""
SELDOM: Final = timedelta(minutes=10)
"""Loops whose period is so long come seldom."""
MOST_LAG: Final = 60.0
"""Seconds by which runs may be made later than they should have been."""
SCHEDULER: Final = "scheduler"
"""The setting of the loop that makes runs of schedules."""


def stuck(records: Sequence[Record], now: float) -> Iterator[tuple[str, str]]:
    """Return the names of loops that will not go on by themselves, and why; `now` is of `time.monotonic`."""
    for record in records:
        if record.task is not None and record.task.done():
            yield record.loop.name, "it has ended"
        elif record.began is not None and now - record.began > patience(record).total_seconds():
            yield record.loop.name, f"its tick has taken {now - record.began:.0f} s"


def not_ready(records: Sequence[Record]) -> Iterator[tuple[str, str]]:
    """Return the names of loops that do not do what they should, and why."""
    for record in records:
        if record.failed_in_a_row >= (FEW_FAILURES if record.every >= SELDOM else FAILURES):
            yield record.loop.name, f"its last {record.failed_in_a_row} ticks failed"
        elif record.loop.setting == SCHEDULER and record.lag > MOST_LAG:
            yield record.loop.name, f"it lags {record.lag:.0f} s behind"


def patience(record: Record) -> timedelta:
    """Return how long a tick of a loop may take."""
    return max(PATIENCE, PERIODS * record.every)
