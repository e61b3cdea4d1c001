"""When a request is sent again, and how long to wait before: pure arithmetic."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

RETRIED_STATUSES = frozenset({408, 429, 502, 503})
CONNECT_DELAYS = (0.0, 0.5, 1.0)
"""Seconds before each further try of a connection that is refused: a server that is just starting is not missed."""
LONGEST_RETRY_AFTER = 3600.0
"""Seconds; a longer `Retry-After` is taken for an error of the server."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how soon requests are sent again."""

    max_retries: int = 5
    jitter_factor: float = 0.2
    extra_codes: frozenset[int] = frozenset()
    draw: Callable[[], float] = random.random

    def is_retried(self, status: int) -> bool:
        """Whether an answer with this status may be followed by a better one."""
        return status in RETRIED_STATUSES or status in self.extra_codes

    def delay(self, retry: int, response: httpx.Response | None) -> float:
        """Seconds before retry number `retry` (from 1): `Retry-After` if given, else 2, 4, 8 ..., with jitter.

        The jitter lengthens a `Retry-After` by up to its factor, and moves other waits by up to it either way.
        """
        asked = retry_after(response) if response is not None else None
        if asked is not None:
            return asked * (1 + self.jitter_factor * self.draw())
        return 2.0**retry * (1 + self.jitter_factor * (2 * self.draw() - 1))


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds of the header `Retry-After`, given as a number or a date; None if absent or not readable."""
    text = response.headers.get("Retry-After")
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        if at.tzinfo is None:
            at = at.replace(tzinfo=UTC)
        seconds = (at - datetime.now(UTC)).total_seconds()
    if seconds != seconds:
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def is_maintenance(response: httpx.Response) -> bool:
    """Whether the server announces maintenance: such answers are retried without limit."""
    return response.headers.get("Prefect-Maintenance", "").lower() == "true"
