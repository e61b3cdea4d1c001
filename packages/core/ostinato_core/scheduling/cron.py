"""Dates of a cron schedule, on the wall clock of its time zone."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from croniter import CroniterError, croniter

from ostinato_core.scheduling.errors import InvalidSchedule
from ostinato_core.scheduling.zones import earlier_of, wall_clock, zone_of
from ostinato_wire.schedules import CronSchedule

_SECOND: Final = timedelta(seconds=1)
_RANDOM: Final = re.compile(r"(?<![A-Za-z])[RH](?![A-Za-z])", re.IGNORECASE)
"""Fields whose value is made up, each time or for each expression: no schedule could be relied on."""


def check_cron(expression: str) -> None:
    """Check an expression of 5 or 6 fields (the sixth: seconds), or one such as `@daily`. Errors: InvalidSchedule."""
    if _RANDOM.search(expression):
        raise InvalidSchedule(f"Invalid cron expression {expression!r}: random and hashed fields are not supported.")
    if not expression.startswith("@") and len(expression.split()) not in (5, 6):
        raise InvalidSchedule(f"Invalid cron expression {expression!r}: it must have 5 or 6 fields.")
    try:
        croniter(expression, datetime(2026, 1, 1))  # noqa: DTZ001 - a wall clock
    except (CroniterError, ValueError, KeyError, OverflowError) as error:
        raise InvalidSchedule(f"Invalid cron expression {expression!r}: {error}") from error


def cron_dates(schedule: CronSchedule, start: datetime) -> Iterator[datetime]:
    """Yield the dates at or after `start`, in order, in UTC; none where the expression names no day that exists."""
    zone = zone_of(schedule.timezone)
    # A clock that is set back shows a time that is after the one of `start` and yet belongs to an earlier date.
    times = croniter(schedule.cron, wall_clock(start, zone).replace(microsecond=0) - _SECOND, day_or=schedule.day_or)
    latest: datetime | None = None
    while True:
        try:
            shown: datetime = times.get_next(datetime)
            date = earlier_of(shown, zone)
        except (CroniterError, OverflowError, ValueError):
            return
        if date >= start and (latest is None or date > latest):
            latest = date
            yield date
