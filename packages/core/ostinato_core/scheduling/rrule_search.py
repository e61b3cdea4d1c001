"""Bounds for going through a recurrence: dateutil looks for a date that never comes as far as the year 9999.

Whatever it does to get on, it adds the rule's interval, or leaps over several of them. So the interval counts.
"""

import contextlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Self, cast

from dateutil.rrule import DAILY, HOURLY, MINUTELY, MONTHLY, SECONDLY, WEEKLY, YEARLY, rrule, rruleset

MOST_TIME: Final = 0.5
"""Seconds of its thread that one search may take."""
_LOOK_EVERY: Final = 64
"""Steps from one look at the time to the next."""
_SHORTEST: Final = {
    YEARLY: timedelta(days=365),
    MONTHLY: timedelta(days=28),
    WEEKLY: timedelta(weeks=1),
    DAILY: timedelta(days=1),
    HOURLY: timedelta(hours=1),
    MINUTELY: timedelta(minutes=1),
    SECONDLY: timedelta(seconds=1),
}


class TooMuchWork(ValueError):
    """The dates of a recurrence cannot be found in the time that there is for it."""

    def __init__(self) -> None:
        super().__init__(
            "finding its dates takes too long. Use a larger FREQ, such as FREQ=DAILY with BYHOUR, BYMINUTE and "
            "BYSECOND, or FREQ=YEARLY with BYMONTH and BYMONTHDAY; end it by UNTIL rather than by a large COUNT"
        )


class _Passed(Exception):
    """The time up to which dates are looked for lies behind."""


@dataclass(slots=True)
class Search:
    """One search for dates up to `last`, by the wall clock of the rules, and the work that it takes."""

    last: datetime
    steps: int = 0
    _began: float = field(default_factory=time.thread_time)

    def step(self) -> None:
        """Note that the search goes on. Errors: TooMuchWork where it has taken too long."""
        self.steps += 1
        if self.steps % _LOOK_EVERY == 0 and time.thread_time() - self._began > MOST_TIME:
            raise TooMuchWork


class _Interval(int):
    """An interval that counts how many periods a rule has left behind, and ends what has gone far enough."""

    search: Search
    left: int

    @classmethod
    def of(cls, number: int, search: Search, left: int) -> Self:
        """Return an interval that takes a rule at most `left` periods on."""
        made = cls(number)
        made.search, made.left = search, left
        return made

    def __radd__(self, other: int) -> int:
        self._count(1)
        return other + int(self)

    def __mul__(self, other: int) -> int:
        # Of weeks: seven days at a time.
        self._count(1)
        return int(self) * other

    def __rmul__(self, other: int) -> int:
        # To the end of a day that does not match.
        self._count(other)
        return other * int(self)

    def _count(self, periods: int) -> None:
        self.left -= periods
        if self.left < 0:
            raise _Passed
        self.search.step()


def bounded(found: rrule | rruleset, search: Search) -> Iterable[datetime]:
    """Return the dates of a recurrence, up to the time of the search at least.

    Errors while they are gone through: TooMuchWork; ValueError for rules that turn out to have no dates. Errors at
    once: ValueError for an interval of nothing.
    """
    if isinstance(found, rrule):
        return _Bounded(found, search)
    parts = cast("Any", found)  # Any: a set does not show what it is made of
    copy = rruleset()
    for rule in parts._rrule:
        copy.rrule(cast("rrule", _Bounded(rule, search)))  # a set asks its rules for their dates, and nothing else
    for rule in parts._exrule:
        copy.exrule(cast("rrule", _Bounded(rule, search)))  # as above
    for date in parts._rdate:
        copy.rdate(date)
    for date in parts._exdate:
        copy.exdate(date)
    return copy


class _Bounded:
    """The dates of one rule, ending soon after the time of the search."""

    def __init__(self, rule: rrule, search: Search) -> None:
        shown = cast("Any", rule)  # Any: a rule has no other way to say how it goes
        number: int = shown._interval
        if number < 1:
            raise ValueError("its INTERVAL must be 1 or more")
        # The first period and one that is cut off by the beginning of a week count, too.
        left = max((search.last - shown._dtstart) // (_SHORTEST[shown._freq] * number), 0) + 2
        self._search = search
        self._rule = rule.replace(interval=_Interval.of(number, search, left))

    def __iter__(self) -> Iterator[datetime]:
        with contextlib.suppress(_Passed):
            for date in self._rule:
                self._search.step()
                yield date
