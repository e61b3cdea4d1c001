"""The dates of any schedule, and what a schedule becomes before it is stored."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Final

from ostinato_core.scheduling.cron import check_cron, cron_dates
from ostinato_core.scheduling.interval import interval_dates
from ostinato_core.scheduling.rrule import rrule_dates, settled_rrule
from ostinato_wire.schedules import CronSchedule, IntervalSchedule, RRuleSchedule, Schedule

MOST_DATES: Final = 1000
"""Dates that one look at a schedule yields, at most."""


def settled(schedule: Schedule, now: datetime) -> Schedule:
    """Return a schedule that means the same whenever it is looked at. Errors: InvalidSchedule."""
    match schedule:
        case IntervalSchedule():
            return schedule if schedule.timezone else schedule.model_copy(update={"timezone": "UTC"})
        case CronSchedule():
            check_cron(schedule.cron)
            return schedule
        case RRuleSchedule():
            return settled_rrule(schedule, now)


def dates_between(schedule: Schedule, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the dates of a schedule from `start` to `end`, both included, in UTC, without doubles."""
    match schedule:
        case IntervalSchedule():
            dates = interval_dates(schedule, start)
        case CronSchedule():
            dates = cron_dates(schedule, start)
        case RRuleSchedule():
            dates = rrule_dates(schedule, start, end)
    return islice(takewhile(lambda date: date <= end, dates), MOST_DATES)


def dates_to_schedule(
    schedule: Schedule, start: datetime, end: datetime, *, min_time: timedelta, min_runs: int, max_runs: int
) -> list[datetime]:
    """Return the next dates: at most `max_runs`, until there are `min_runs` and they reach `min_time` from `start`."""
    chosen: list[datetime] = []
    for date in dates_between(schedule, start, end):
        if len(chosen) >= max_runs:
            break
        chosen.append(date)
        if len(chosen) >= min_runs and date - start >= min_time:
            break
    return chosen
