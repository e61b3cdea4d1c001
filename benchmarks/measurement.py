"""What one workload did on one system in one round, and the arithmetic of latencies."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Measurement:
    """`operations` finished in `seconds`; `latencies` are seconds, one an operation where operations have one.

    `refused` counts requests that the server turned away (429, 503, a connection that ended), `failures` wrong answers.
    CPU is in seconds of the server's processes and of the database's while the operations ran. `busy` is the share of
    a core that the load generator itself used: near 1 it measures itself, not the server.
    """

    operations: int = 0
    seconds: float = 0.0
    failures: int = 0
    refused: int = 0
    first_failure: str = ""
    busy: float = 0.0
    server_cpu: float = 0.0
    database_cpu: float = 0.0
    latencies: list[float] = field(default_factory=list[float])

    @property
    def throughput(self) -> float:
        """Operations a second."""
        return self.operations / self.seconds if self.seconds else 0.0

    def refuse(self, why: str) -> None:
        """Count a request that was turned away."""
        self.refused += 1
        self.first_failure = self.first_failure or why

    def fail(self, why: str, count: int = 1) -> None:
        """Count what is wrong."""
        self.failures += count
        self.first_failure = self.first_failure or why


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least `share` of them do not exceed; None where there are none."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)] if ordered else None


def milliseconds(values: Sequence[float], share: float) -> str:
    """Return a percentile of seconds in milliseconds as text; a dash where there are none."""
    found = percentile(values, share)
    return "-" if found is None else f"{found * 1000:.1f}"
