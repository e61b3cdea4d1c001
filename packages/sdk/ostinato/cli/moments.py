"""Times in words, as people type them: `in 5 minutes`, `2h 30m`, `tomorrow at 9am`, `friday 17:30`, ISO 8601."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

_UNITS: Final = {
    "s": "seconds", "sec": "seconds", "secs": "seconds", "second": "seconds", "seconds": "seconds",
    "m": "minutes", "min": "minutes", "mins": "minutes", "minute": "minutes", "minutes": "minutes",
    "h": "hours", "hr": "hours", "hrs": "hours", "hour": "hours", "hours": "hours",
    "d": "days", "day": "days", "days": "days",
    "w": "weeks", "week": "weeks", "weeks": "weeks",
}  # fmt: skip
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS: Final = {"a": "1", "an": "1", "one": "1", "half": "0.5"}

_AMOUNT: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?|half|one|an|a)\s*([a-z]+)\s*,?\s*(?:and\s+)?")
_CLOCK: Final = re.compile(r"([0-9]{1,2})(?::([0-9]{2})(?::([0-9]{2}))?)?\s*(am|pm)?")
_NAMED: Final = {"noon": time(12), "midnight": time(0)}

LONGEST: Final = timedelta(days=36_500)
"""No longer span is taken: a time so far away is a slip of the fingers, or none at all."""

DURATIONS = "5 minutes, 1 hour 30 minutes, 2h, 90s"
MOMENTS = "17:30, 5:30pm, tomorrow at 9am, friday noon, 2030-01-31 17:30, 2030-01-31T17:30:00+01:00"
"""Examples, for messages."""


def duration(text: str) -> timedelta:
    """Return a span of time; a bare number is seconds. Raises ValueError for any other text."""
    rest = text.strip().lower().removeprefix("in ").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", rest):
        rest += " s"
    # `half an hour` is half of it, not half and one.
    rest = re.sub(r"^half an? ", "half ", rest)
    span = timedelta(0)
    position = 0
    try:
        while position < len(rest):
            found = _AMOUNT.match(rest, position)
            if found is None or found[2] not in _UNITS:
                raise ValueError
            span += timedelta(**{_UNITS[found[2]]: float(_NUMBERS.get(found[1], found[1]))})
            position = found.end()
    except (ValueError, OverflowError):
        position = 0
    if not position or span > LONGEST:
        raise ValueError(f"{text!r} is no span of time. Give one as: {DURATIONS}.")
    return span


def moment(text: str, now: datetime | None = None) -> datetime:
    """Return a time of UTC; one without a date is the next one. Raises ValueError for any other text."""
    now = now or datetime.now(UTC)
    words = text.strip().removeprefix("at ").strip()
    if words.lower() == "now":
        return now
    found = _iso(words)
    if found is None and words.lower().startswith("in "):
        return now + duration(words)
    found = found or _day_and_clock(words.lower(), now)
    if found is None:
        raise ValueError(f"{text!r} is no time. Give one of UTC as: {MOMENTS}.")
    return found


def _iso(words: str) -> datetime | None:
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", words):
        return None
    try:
        found = datetime.fromisoformat(words)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day_and_clock(words: str, now: datetime) -> datetime | None:
    """Return a time such as `friday at 5pm`; a day alone is its first moment."""
    first, _, rest = words.partition(" ")
    day = _day(first.rstrip(","), now)
    if day is None:
        clock = _clock(words)
        if clock is None:
            return None
        found = datetime.combine(now.date(), clock, UTC)
        return found if found > now else found + timedelta(days=1)
    rest = rest.strip().removeprefix("at ").strip()
    clock = _clock(rest) if rest else time(0)
    if clock is None:
        return None
    found = datetime.combine(day, clock, UTC)
    return found + timedelta(weeks=1) if first.rstrip(",") in _DAYS and found <= now else found


def _day(word: str, now: datetime) -> date | None:
    if word in _DAYS:
        return now.date() + timedelta(days=(_DAYS.index(word) - now.weekday()) % 7)
    ahead = {"today": 0, "tomorrow": 1}.get(word)
    if ahead is not None:
        return now.date() + timedelta(days=ahead)
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def _clock(words: str) -> time | None:
    if words in _NAMED:
        return _NAMED[words]
    found = _CLOCK.fullmatch(words)
    if found is None or (found[2] is None and found[4] is None):
        return None
    hour = int(found[1])
    if found[4] is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[4] == "pm" else 0)
    try:
        return time(hour, int(found[2] or 0), int(found[3] or 0))
    except ValueError:
        return None
