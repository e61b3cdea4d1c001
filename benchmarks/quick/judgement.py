"""Which workloads have become slow: CPU time beside that of the calibration, now and when figures were stored.

Both are CPU times, measured in turns: what makes one take longer (a slower or a busier machine) does so to the other,
and their ratio stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LIMIT = 0.5
"""Share of the stored speed below which a workload has become slow."""

Speeds = Mapping[str, float]
"""Operations in the CPU time of one calibration, by workload and system."""


@dataclass(frozen=True)
class Verdict:
    """One workload's speed beside the stored one, None where there is none."""

    name: str
    speed: float
    stored: float | None

    @property
    def share(self) -> float | None:
        """The speed as a share of the stored one; above 1 it became faster."""
        return self.speed / self.stored if self.stored else None

    @property
    def is_good(self) -> bool:
        """Whether the workload is known, and has not become slow."""
        return self.share is not None and self.share >= LIMIT


def speed(costs: Sequence[float], calibrations: Sequence[float]) -> float:
    """Return operations in the CPU time of one calibration, from CPU seconds an operation and a calibration.

    The least of each counts: other load makes a measurement worse, never better.
    """
    return min(calibrations) / min(costs)


def judge(speeds: Speeds, stored: Speeds) -> list[Verdict]:
    """Return a verdict for each workload that was measured, and for each that was stored and is not there any more."""
    gone = [Verdict(name, 0.0, stored[name]) for name in stored if name not in speeds]
    return [Verdict(name, each, stored.get(name)) for name, each in speeds.items()] + gone
