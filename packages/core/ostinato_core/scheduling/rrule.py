"""Dates of an iCalendar recurrence (RFC 5545), whose digits are the wall clock of the schedule's time zone."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from dateutil.rrule import rrule, rruleset, rrulestr

from ostinato_core.scheduling.errors import InvalidSchedule
from ostinato_core.scheduling.rrule_search import Search, bounded
from ostinato_core.scheduling.zones import earlier_of, wall_clock, zone_of
from ostinato_wire.schedules import RRuleSchedule

_DTSTART: Final = re.compile(r"^DTSTART[^:\n]*:([0-9T]+)Z?[ \t]*$", re.IGNORECASE | re.MULTILINE)
_ZONES: Final = re.compile(r"^((?:DTSTART|RDATE|EXDATE)[^:\n]*?);TZID=[^:;\n]+", re.IGNORECASE | re.MULTILINE)
_UTC: Final = re.compile(r"(\d{8}T\d{6})Z", re.IGNORECASE)
_FREQUENCY: Final = re.compile(r"FREQ=(\w+)", re.IGNORECASE)
_INTERVAL: Final = re.compile(r"INTERVAL=(\d+)", re.IGNORECASE)
_ENDS: Final = re.compile(r"\b(COUNT|UNTIL)=", re.IGNORECASE)
_COUNT: Final = re.compile(r"\bCOUNT=", re.IGNORECASE)
_RULE: Final = re.compile(r"^((?:RRULE:)?[^:\n]*FREQ=[^\n]*?)\s*$", re.IGNORECASE | re.MULTILINE)
_FORMAT: Final = "%Y%m%dT%H%M%S"
_EPOCH: Final = datetime(2020, 1, 1)  # noqa: DTZ001 - a wall clock
"""Where a rule begins that does not say so."""
_UNITS: Final = {
    "WEEKLY": timedelta(weeks=1),
    "DAILY": timedelta(days=1),
    "HOURLY": timedelta(hours=1),
    "MINUTELY": timedelta(minutes=1),
    "SECONDLY": timedelta(seconds=1),
}
"""Periods that all take the same time on a wall clock, so that a rule may as well begin any number of them later."""
_TRIED: Final = timedelta(days=3660)
"""How far a new rule is followed to its first date: one that takes too much work is refused then, not later."""


def settled_rrule(schedule: RRuleSchedule, now: datetime) -> RRuleSchedule:
    """Return a schedule whose rule says when it begins. Errors: InvalidSchedule, also where it is too much work."""
    found = _with_beginning(schedule, now)
    for _ in rrule_dates(found, now, now + _TRIED):
        break
    return found


def _with_beginning(schedule: RRuleSchedule, now: datetime) -> RRuleSchedule:
    rule = schedule.rrule
    _parse(rule)
    if _DTSTART.search(_plain(rule)) is not None:
        return schedule
    begins = _EPOCH
    if _frequency(rule) in ("SECONDLY", "MINUTELY") and not _COUNT.search(rule):
        begins = _same_phase(rule, _EPOCH, wall_clock(now, zone_of(schedule.timezone)))
    settled = f"DTSTART:{begins:{_FORMAT}}\n{rule}"
    _parse(settled)
    return schedule.model_copy(update={"rrule": settled})


def rrule_dates(schedule: RRuleSchedule, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the dates from `start` to `end`, both included, in order, in UTC.

    A rule without dates there ends, however long ago it began. Errors: InvalidSchedule where it takes too much work.
    """
    zone = zone_of(schedule.timezone)
    # A day more on either side: clocks may change between the wall clock's times and these.
    first = wall_clock(start, zone) - timedelta(days=1)
    last = wall_clock(end, zone) + timedelta(days=1)
    latest: datetime | None = None
    for shown in _followed(schedule.rrule, first, last):
        if shown > last:
            return
        if shown < first:
            continue
        date = earlier_of(shown, zone)
        if start <= date <= end and (latest is None or date > latest):
            latest = date
            yield date


def earliest_phase(rule: str) -> str:
    """Return a rule that begins as early as it can with the same dates from its own beginning on, in the same phase."""
    plain = _plain(rule)
    found = _DTSTART.search(plain)
    if found is None or _COUNT.search(plain) or len(_RULE.findall(plain)) != 1:
        return plain
    return plain.replace(found[0], f"DTSTART:{_same_phase(plain, _written(found[1]), _EPOCH, both=True):{_FORMAT}}", 1)


def without_beginning(rule: str) -> str:
    """Return a rule without its DTSTART."""
    return _DTSTART.sub("", _plain(rule)).strip()


def _within(rule: str, first: datetime, last: datetime) -> str:
    """Return a rule with the same dates between two times that neither begins long before nor goes on for ever."""
    plain = _plain(rule)
    if len(_RULE.findall(plain)) != 1 or "EXRULE" in plain.upper():
        return plain
    begins = _DTSTART.search(plain)
    if begins is not None and not _COUNT.search(plain):
        shifted = _same_phase(plain, _written(begins[1]), first)
        plain = plain.replace(begins[0], f"DTSTART:{shifted:{_FORMAT}}", 1)
    if _ENDS.search(plain):
        return plain
    return _RULE.sub(rf"\1;UNTIL={last:{_FORMAT}}", plain, count=1)


def _written(digits: str) -> datetime:
    text = digits if "T" in digits else f"{digits}T000000"
    return datetime.strptime(text, _FORMAT)  # noqa: DTZ007 - a wall clock


def _same_phase(rule: str, begins: datetime, before: datetime, *, both: bool = False) -> datetime:
    """Return the last beginning of a period that is not after `before`, or `begins` where it cannot be moved.

    It is moved to a later time, or with `both` to an earlier one, too.
    """
    unit = _UNITS.get(_frequency(rule))
    found = _INTERVAL.search(rule)
    number = int(found[1]) if found else 1
    if unit is None or number < 1 or number > 10**6 or (begins > before and not both):
        return begins
    period = unit * number
    return begins + (before - begins) // period * period


def _frequency(rule: str) -> str:
    found = _FREQUENCY.search(rule)
    return found[1].upper() if found else ""


def _plain(rule: str) -> str:
    """Return a rule without zones: its digits are taken as they are."""
    return _UTC.sub(r"\1", _ZONES.sub(r"\1", rule))


def _followed(rule: str, first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield all dates up to `last`, and perhaps some later ones; from `first` on where the rule can be begun there."""
    try:
        yield from bounded(_parse(_within(rule, first, last)), Search(last))
    except (ValueError, OverflowError) as error:
        # Some combinations that have no dates are found out only here.
        raise InvalidSchedule(f"Invalid RRule {rule!r}: {error}") from error


def _parse(rule: str) -> rrule | rruleset:
    try:
        return rrulestr(_plain(rule), dtstart=_EPOCH)
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError, ArithmeticError) as error:
        raise InvalidSchedule(f"Invalid RRule {rule!r}: {error}") from error
