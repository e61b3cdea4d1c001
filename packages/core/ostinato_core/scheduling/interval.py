"""Dates of an interval schedule: anchor + k x interval, for whole numbers k of either sign.

Whole days of the interval are added to the wall clock, so that a daily schedule keeps its hour when clocks change; the
rest is added to elapsed time, so that an hourly one never leaves out an hour.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ostinato_core.scheduling.zones import later_of, wall_clock, zone_of
from ostinato_wire.schedules import IntervalSchedule

_DAY = timedelta(days=1)
_CLOCK_CHANGES = timedelta(days=2)
"""By how much the sum of wall clock days and of elapsed days can differ, at most, and more."""


def interval_dates(schedule: IntervalSchedule, start: datetime) -> Iterator[datetime]:
    """Yield the dates at or after `start`, in order, in UTC, up to the end of the calendar."""
    zone = zone_of(schedule.timezone)
    anchor = schedule.anchor_date
    if schedule.interval < _DAY:
        yield from _elapsed(anchor, schedule.interval, start)
        return
    days, rest = divmod(schedule.interval, _DAY)
    shown = wall_clock(anchor, zone)
    number = (start - anchor - _CLOCK_CHANGES) // schedule.interval
    latest: datetime | None = None
    while True:
        try:
            wall = shown + number * days * _DAY
            date = (anchor if wall == shown else later_of(wall, zone)) + number * rest
        except OverflowError:
            if number < 0:
                number += 1
                continue
            return
        number += 1
        if date >= start and (latest is None or date > latest):
            latest = date
            yield date


def _elapsed(anchor: datetime, interval: timedelta, start: datetime) -> Iterator[datetime]:
    number = -((anchor - start) // interval)
    while True:
        try:
            date = anchor + number * interval
        except OverflowError:
            return
        yield date
        number += 1
