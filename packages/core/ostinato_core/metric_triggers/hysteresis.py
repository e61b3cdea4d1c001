"""When a metric trigger fires and resolves: once what is measured has said so for long enough, unbroken. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

LONGEST_GAP: Final = timedelta(minutes=2)
"""Between two looks; where nobody looked for longer, nobody knows that there was no break."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a trigger stands: whether it has fired and not resolved, and when it was looked at last.

    `contrary_since`: since when all looks have found the contrary; None where the last one did not.
    """

    is_firing: bool = False
    contrary_since: datetime | None = None
    looked_at: datetime | None = None


def looked(standing: Standing, at: datetime, firing_for: timedelta, *, is_breached: bool) -> Standing:
    """Return how a trigger stands after a look. It has fired, or resolved, where `is_firing` differs."""
    if is_breached is standing.is_firing:
        return replace(standing, contrary_since=None, looked_at=at)
    has_broken = standing.looked_at is None or at - standing.looked_at > LONGEST_GAP
    since = standing.contrary_since
    if since is None or has_broken:
        since = at
    if at - since >= firing_for:
        return Standing(is_firing=is_breached, looked_at=at)
    return replace(standing, contrary_since=since, looked_at=at)
