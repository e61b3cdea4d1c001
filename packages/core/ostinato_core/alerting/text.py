"""The words of a message that stands for several. Pure."""

from datetime import UTC, datetime
from typing import Final

from ostinato_core.alerting.gathering import Counts, Gathered

LISTED: Final = 20
"""Lines that a message shows; of the rest it tells how many there are."""


def gathered_text(gathered: Gathered | None, subject: str, body: str) -> tuple[str, str]:
    """Return subject and body for all that was gathered, given those of the first message."""
    if gathered is None or gathered.count == 1:
        return subject, body
    shown = [f"- {line}{f' ({count} times)' if count > 1 else ''}" for line, count in _most(gathered)]
    missing = gathered.count - sum(count for _, count in _most(gathered))
    if missing > 0:
        shown.append(f"- and {missing} more")
    parts = [headline(gathered), "\n".join(shown), f"The first of them:\n{body}"]
    return f"{subject} ({gathered.count} times)", "\n\n".join(parts)


def headline(gathered: Gathered) -> str:
    """Return a sentence such as `12 runs (Failed) of deployment 'import' from 2026-03-01 10:00 to 10:05 UTC:`."""
    what = gathered.kinds[0][0] if len(gathered.kinds) == 1 else "events"
    return f"{gathered.count} {what} of {gathered.words} {_span(gathered.first, gathered.last)}:"


def _most(gathered: Gathered) -> Counts:
    """Return the lines that occurred most, the first one first where they are as many."""
    return sorted(gathered.lines, key=lambda line: -line[1])[:LISTED]


def _span(first: datetime, last: datetime) -> str:
    begin, end = first.astimezone(UTC), last.astimezone(UTC)
    until = f"{end:%H:%M}" if begin.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"from {begin:%Y-%m-%d %H:%M} to {until} UTC"
