"""How a cause is put: the members that it has on the wire, and times as people say them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from ostinato_core.states.rows import JsonDict
from ostinato_wire.explanations import CauseCode, Severity

_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def cause(
    code: CauseCode,
    severity: Severity,
    message: str,
    *,
    since: datetime | None = None,
    remedy: str | None = None,
    **details: Any,  # Any: JSON values, ids and times
) -> JsonDict:
    """Return a cause as the API answers it; `message` is one sentence."""
    return {
        "code": code.value,
        "severity": severity.value,
        "message": message,
        "since": since,
        "details": details,
        "remedy": remedy,
    }


def how_long(span: timedelta) -> str:
    """Return a span of time by its two greatest units: `2 h 5 min`; `0 s` where it is negative."""
    seconds = max(0, int(span.total_seconds()))
    parts = list(_parts(seconds))[:2]
    return " ".join(parts) or "0 s"


def _parts(seconds: int) -> Iterator[str]:
    begun = False
    for size, unit in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            yield f"{count} {unit}"
            begun = True
        elif begun:
            return


def at(moment: datetime) -> str:
    """Return a time to the second: `2026-05-17 12:00:00 UTC`."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def counted(count: int, noun: str) -> str:
    """Return a number with its noun: `1 run`, `2 runs`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
