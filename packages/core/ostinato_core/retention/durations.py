"""Lengths of time as an operator writes them: `90d`, `1d12h`, `forever`."""

import re
from datetime import timedelta
from typing import Final

from pydantic import TypeAdapter, ValidationError

FOREVER: Final = "forever"
_UNITS: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([wdhms])")
_WHOLE: Final = re.compile(rf"(?:{_PART.pattern}\s*)+", re.IGNORECASE)
_ISO: Final = TypeAdapter(timedelta)
_HINT: Final = "write a number with a unit (w, d, h, m, s) as in 90d or 1d12h, or forever"


def parse_duration(value: object) -> timedelta | None:
    """Return a length of time; None (or JSON's null) stands for ever. A plain number is seconds; ISO 8601 will do, too.

    Errors: ValueError, with a hint, for what is none, and for nothing and less than nothing.
    """
    if value is None or isinstance(value, timedelta):
        return value
    text = str(value).strip()
    if text.lower() == FOREVER:
        return None
    try:
        found = _with_units(text) if _WHOLE.fullmatch(text) else _plain(text)
    except (ValidationError, OverflowError):
        raise ValueError(f"{text!r} is no length of time: {_HINT}") from None
    if found <= timedelta(0):
        raise ValueError(f"{text!r} is not longer than nothing: {_HINT}")
    return found


def format_duration(length: timedelta | None) -> str:
    """Return the spelling that `parse_duration` reads, to the second."""
    if length is None:
        return FOREVER
    rest, parts = int(length.total_seconds()), ""
    for unit in "dhms":
        count, rest = divmod(rest, _UNITS[unit])
        parts += f"{count}{unit}" if count else ""
    return parts or "0s"


def _with_units(text: str) -> timedelta:
    parts: list[tuple[str, str]] = _PART.findall(text.lower())
    return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))


def _plain(text: str) -> timedelta:
    try:
        seconds = float(text)
    except ValueError:
        return _ISO.validate_python(text)
    if seconds != seconds:
        raise OverflowError
    return timedelta(seconds=seconds)
