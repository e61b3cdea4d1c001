"""When an attempt that failed is made again. Pure."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

LONGEST_PAUSE: Final = 600.0
"""Seconds from one attempt to the next, at most; a service that asks to be left alone may ask for more."""
LONGEST_REQUEST: Final = 3600.0
"""Seconds for which a service is left alone that asks for it, at most."""
SPREAD: Final = 0.5
"""Part of a pause that is random, so that what failed together is not tried together again."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often to try, and how long to wait: `first` seconds after the first failure, then twice as long each time."""

    attempts: int
    first: float
    chance: Callable[[], float] = random.random

    def pause(self, attempt: int, asked: float | None = None) -> float | None:
        """Return the seconds after which to try again that failed for the `attempt`-th time; None for never.

        `asked`: seconds for which the service wants to be left alone.
        """
        if attempt >= self.attempts:
            return None
        # The exponent is bounded: a float would overflow.
        whole = min(self.first * 2 ** min(attempt - 1, 32), LONGEST_PAUSE)
        pause = whole * (1 - SPREAD * self.chance())
        return pause if asked is None else max(pause, min(asked, LONGEST_REQUEST))
