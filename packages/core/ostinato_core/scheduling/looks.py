"""A look at a schedule: for which dates runs are made now, and when it has to be looked at again.

A schedule is looked at when it has too few runs ahead, which follows from the dates that it has runs for already. So
the work is in proportion to the runs, and a schedule that asks for nothing costs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ostinato_core.scheduling.dates import dates_between, dates_to_schedule
from ostinato_wire.schedules import Schedule

SLACK: Final = 0.1
"""By which part of `min_time` runs are made further ahead where a schedule is looked at often."""
SPREAD: Final = timedelta(seconds=30)
"""Over how long looks are spread that would all fall on the full hour, at most."""
SOONEST: Final = timedelta(seconds=1)
"""From one look at a schedule to the next, at least."""
PEEK: Final = timedelta(days=3660)
"""How far beyond the horizon a date is looked for: a schedule without one is over."""
_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Ahead:
    """How far ahead runs are made: `min_runs` and for `min_time`; not more than `max_runs`, nor beyond `max_time`."""

    min_runs: int = 3
    min_time: timedelta = timedelta(hours=1)
    max_runs: int = 100
    max_time: timedelta = timedelta(days=100)


@dataclass(frozen=True, slots=True)
class Look:
    """What a look found: dates to make runs for, in order; the last date with a run; when to look again, if ever."""

    dates: Sequence[datetime]
    made_until: datetime | None
    next_look: datetime | None


def look(
    schedule: Schedule,
    now: datetime,
    ahead: Ahead,
    *,
    made_until: datetime | None = None,
    most: int | None = None,
    place: float = 0.0,
) -> Look:
    """Look at a schedule that has runs for all its dates up to `made_until`, if that is known.

    `most` is how many runs it may have ahead, by its own account; `place`, from 0 to 1, is its place among those that
    would be looked at at the same time.
    """
    if made_until is not None and most is None and now + ahead.min_time * (1 - SLACK) <= made_until:
        found = _further(schedule, now, ahead, made_until, place)
        if found is not None:
            return found
    most = ahead.max_runs if most is None else min(most, ahead.max_runs)
    least = min(ahead.min_runs, most)
    dates = dates_to_schedule(
        schedule, now, now + ahead.max_time, min_time=ahead.min_time, min_runs=least, max_runs=most
    )
    new = [date for date in dates if made_until is None or date > made_until]
    last = max(filter(None, (made_until, dates[-1] if dates else None)), default=None)
    if len(dates) >= least and dates and dates[-1] - now >= ahead.min_time:
        short = min(dates[-least], dates[-1] - ahead.min_time)
        return Look(new, last, _spread(short, dates[-1], now, place))
    if len(dates) >= most:
        # More are asked for than there may be: look again when half of them are past.
        return Look(new, last, _spread(dates[(most - 1) // 2], dates[-1], now, place))
    beyond = next(dates_between(schedule, now + ahead.max_time + _TICK, now + PEEK), None)
    return Look(new, last, None if beyond is None else max(beyond - ahead.max_time, now + SOONEST))


def latest_between(schedule: Schedule, after: datetime, until: datetime) -> datetime | None:
    """Return the last date later than `after` and not later than `until`, without going through all of them."""
    for back in (timedelta(minutes=2), timedelta(hours=2), timedelta(days=2), timedelta(days=60), until - after):
        start = max(after + _TICK, until - back)
        latest = None
        for latest in dates_between(schedule, start, until):  # noqa: B007 - the last one is what is looked for
            pass
        if latest is not None or start == after + _TICK:
            return latest
    return None


def next_after(schedule: Schedule, time: datetime, ahead: Ahead) -> datetime | None:
    """Return the first date later than a time, as far as runs are made ahead; None where there is none."""
    return next(dates_between(schedule, time + _TICK, time + ahead.max_time), None)


def _further(schedule: Schedule, now: datetime, ahead: Ahead, made_until: datetime, place: float) -> Look | None:
    """Go on from the last date, if what follows tells enough: most dates of a dense schedule are not gone through."""
    enough = now + ahead.min_time * (1 + SLACK)
    new = dates_to_schedule(
        schedule,
        made_until + _TICK,
        now + ahead.max_time,
        min_time=enough - made_until,
        min_runs=ahead.min_runs,
        max_runs=ahead.max_runs,
    )
    if len(new) < ahead.min_runs or new[-1] < enough:
        return None
    return Look(new, new[-1], _spread(new[-1] - ahead.min_time, new[-1], now, place))


def _spread(short: datetime, last: datetime, now: datetime, place: float) -> datetime:
    """Return a time from when there are too few runs ahead, but long before the last of them is due."""
    return max(short + _TICK + place * min(SPREAD, max(last - short, timedelta(0)) / 2), now + SOONEST)
