"""When a message is to be sent. Pure: arithmetic on wall clocks, which show some times twice a year and some never."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from ostinato_core.scheduling.zones import earlier_of, later_of, wall_clock, zone_of
from ostinato_wire.alerting import Alerting, Digest, DigestEvery, QuietHours, Weekday

_DAY: Final = timedelta(days=1)
_DAYS: Final = tuple(Weekday)
_MOST_TURNS: Final = 16
"""Quiet hours that follow each other without a break: of a week, twice as many as there can be."""


def due_of(alerting: Alerting, now: datetime) -> datetime:
    """Return when a message that comes now is to be sent, at the earliest: now where nothing says otherwise."""
    due = now
    if alerting.group_by is not None:
        due += alerting.group_within
    if alerting.digest is not None:
        due = next_digest(alerting.digest, due)
    return due if alerting.quiet_hours is None else end_of_quiet(alerting.quiet_hours, due)


def end_of_quiet(quiet: QuietHours, moment: datetime) -> datetime:
    """Return the end of the quiet hours around a time, or the time itself outside of them."""
    for _ in range(_MOST_TURNS):
        end = max((end for begin, end in _around(quiet, moment) if begin <= moment < end), default=None)
        if end is None:
            break
        moment = end
    return moment


def next_digest(digest: Digest, after: datetime) -> datetime:
    """Return the first time after `after` at which a digest is sent."""
    return min(moment for moment in _digests(digest, after) if moment > after)


def _around(quiet: QuietHours, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the quiet hours that may hold a time: one that the clock shows twice belongs to them both times."""
    zone = zone_of(quiet.timezone)
    today = wall_clock(moment, zone).date()
    nights = quiet.end <= quiet.start
    for day in (today - _DAY, today):
        if _DAYS[day.weekday()] in quiet.days:
            begin = datetime.combine(day, quiet.start)
            end = datetime.combine(day + _DAY if nights else day, quiet.end)
            yield earlier_of(begin, zone), later_of(end, zone)


def _digests(digest: Digest, after: datetime) -> Iterator[datetime]:
    zone = zone_of(digest.timezone)
    shown = wall_clock(after, zone)
    if digest.every is DigestEvery.HOUR:
        hour = shown.replace(minute=digest.at.minute, second=0, microsecond=0)
        for hours in range(-2, 4):
            yield from (read(hour + timedelta(hours=hours), zone) for read in (earlier_of, later_of))
        return
    for days in range(-1, 9):
        day = shown.date() + days * _DAY
        if digest.every is DigestEvery.DAY or _DAYS[day.weekday()] is digest.weekday:
            yield earlier_of(datetime.combine(day, digest.at), zone)
