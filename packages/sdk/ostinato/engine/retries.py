"""When a failed task run starts again: delays, their jitter, and what the server is told of the policy."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

MAXIMUM_DELAYS = 50

Delay: TypeAlias = float | Sequence[float] | Callable[[int], Sequence[float]] | None
"""Seconds before a retry: one number for all, one each (the last repeats), or a function of the number of retries."""


def exponential_backoff(backoff_factor: float) -> Callable[[int], list[float]]:
    """Return a `retry_delay_seconds` of `backoff_factor`·2^i seconds before retry i (the first is 0)."""

    def delays(retries: int) -> list[float]:
        return [backoff_factor * 2**i for i in range(min(retries, MAXIMUM_DELAYS))]

    return delays


@dataclass(slots=True, frozen=True)
class RetryPolicy:
    """How often and when a task run starts again. Delays are in seconds."""

    retries: int
    delays: tuple[float, ...]
    jitter_factor: float | None

    @classmethod
    def of(cls, retries: int, delay: Delay, jitter_factor: float | None) -> RetryPolicy:
        """Check the keywords of a task and return its policy. Raises ValueError for values that cannot be."""
        if retries < 0:
            raise ValueError(f"`retries` must not be negative, got {retries}.")
        if jitter_factor is not None and jitter_factor < 0:
            raise ValueError(f"`retry_jitter_factor` must not be negative, got {jitter_factor}.")
        if callable(delay):
            delay = delay(retries)
        delays = (float(delay or 0),) if delay is None or isinstance(delay, (int, float)) else tuple(map(float, delay))
        if len(delays) > MAXIMUM_DELAYS:
            raise ValueError(f"`retry_delay_seconds` may have {MAXIMUM_DELAYS} delays at most, got {len(delays)}.")
        if any(one < 0 for one in delays):
            raise ValueError("`retry_delay_seconds` must not be negative.")
        return cls(retries, delays, jitter_factor)

    def delay_before(self, retry: int, draw: Callable[[float, float], float] = random.uniform) -> float:
        """Return the seconds before retry number `retry` (the first is 1), jittered by ±`jitter_factor` of them."""
        if not self.delays:
            return 0.0
        delay = self.delays[min(retry, len(self.delays)) - 1]
        if not delay or not self.jitter_factor:
            return delay
        return max(0.0, draw(delay * (1 - self.jitter_factor), delay * (1 + self.jitter_factor)))

    def on_the_wire(self) -> dict[str, Any]:  # Any: JSON
        """Return the policy as a task run's `empirical_policy`."""
        delay = self.delays[0] if len(self.delays) == 1 else list(self.delays)
        return {
            "max_retries": 0,
            "retry_delay_seconds": 0.0,
            "retries": self.retries,
            "retry_delay": delay,
            "retry_jitter_factor": self.jitter_factor,
        }
