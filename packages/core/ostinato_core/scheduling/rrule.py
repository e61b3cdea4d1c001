"""Dates of an iCalendar recurrence (RFC 5545), whose digits are the wall clock of the schedule's time zone."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from dateutil.rrule import rrulestr

from ostinato_core.scheduling.errors import InvalidSchedule
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
_SKIPPED: Final = 200_000
"""Dates before the start that are gone through, at most."""


def settled_rrule(schedule: RRuleSchedule, now: datetime) -> RRuleSchedule:
    """Return a schedule whose rule says when it begins. Errors: InvalidSchedule."""
    rule = schedule.rrule
    _parse(rule, None)
    if _DTSTART.search(_plain(rule)) is not None:
        return schedule
    begins = _EPOCH
    if _frequency(rule) in ("SECONDLY", "MINUTELY") and not _COUNT.search(rule):
        begins = _same_phase(rule, _EPOCH, wall_clock(now, zone_of(schedule.timezone)))
    settled = f"DTSTART:{begins:{_FORMAT}}\n{rule}"
    _parse(settled, None)
    return schedule.model_copy(update={"rrule": settled})


def rrule_dates(schedule: RRuleSchedule, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the dates from `start` to `end`, both included, in order, in UTC."""
    zone = zone_of(schedule.timezone)
    # A day more on either side: clocks may change between the wall clock's times and these.
    first = wall_clock(start, zone) - timedelta(days=1)
    last = wall_clock(end, zone) + timedelta(days=1)
    latest: datetime | None = None
    for number, shown in enumerate(_parse(_within(schedule.rrule, first, last), _EPOCH)):
        if shown > last or (shown < first and number > _SKIPPED):
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


def _parse(rule: str, begins: datetime | None) -> Iterator[datetime]:
    try:
        return iter(rrulestr(_plain(rule), dtstart=begins or _EPOCH))
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:
        raise InvalidSchedule(f"Invalid RRule {rule!r}: {error}") from error
