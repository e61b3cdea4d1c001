"""The rounds of each workload on each system, side by side: throughput, latencies, CPU, ratios, targets."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median

from benchmarks.measurement import Measurement, percentile
from benchmarks.systems import System
from benchmarks.workloads import WORKLOADS, Target

SHARES = (0.50, 0.95, 0.99)


@dataclass
class Cell:
    """The rounds of one workload on one system; `memory` is the server's resident MB after each."""

    rounds: list[Measurement] = field(default_factory=list[Measurement])
    memory: list[float] = field(default_factory=list[float])

    @property
    def throughput(self) -> float:
        """Operations a second: the median of the rounds."""
        return median(each.throughput for each in self.rounds)

    @property
    def failures(self) -> int:
        """Wrong answers of all rounds."""
        return sum(each.failures for each in self.rounds)

    @property
    def refused(self) -> int:
        """Requests of all rounds that were turned away."""
        return sum(each.refused for each in self.rounds)

    @property
    def first_failure(self) -> str:
        """What was wrong first, or turned away; empty where nothing was."""
        return next((each.first_failure for each in self.rounds if each.first_failure), "")

    @property
    def server_cpu(self) -> float | None:
        """Seconds of the server's CPU an operation; None where nothing was done."""
        return self._per_operation(sum(each.server_cpu for each in self.rounds))

    @property
    def database_cpu(self) -> float | None:
        """Seconds of the database's CPU an operation; None where nothing was done."""
        return self._per_operation(sum(each.database_cpu for each in self.rounds))

    def percentile(self, share: float) -> float | None:
        """Return a latency percentile over all rounds in seconds; None where operations have no latency."""
        return percentile([latency for each in self.rounds for latency in each.latencies], share)

    def _per_operation(self, seconds: float) -> float | None:
        operations = sum(each.operations for each in self.rounds)
        return seconds / operations if operations else None


Key = tuple[str, System]
"""A workload's name, and where it was measured."""
Cells = Mapping[Key, Cell]


def ratio(cells: Cells, key: Key) -> float | None:
    """Return the throughput beside that of the reference; infinite where only the reference finished nothing.

    None where the reference was not measured, or neither finished anything.
    """
    workload, _ = key
    own = cells[key].throughput
    bases = [cell.throughput for (name, system), cell in cells.items() if name == workload and system.is_reference]
    if not bases or not (own or bases[0]):
        return None
    return own / bases[0] if bases[0] else math.inf


def meets(target: Target, cell: Cell, to_reference: float | None) -> bool | None:
    """Whether the workload reaches its target, without refusals and wrong answers; None where that cannot be told."""
    if cell.failures or cell.refused:
        return False
    checks: list[bool] = []
    if target.p99 is not None:
        slowest = cell.percentile(0.99)
        checks.append(slowest is not None and slowest < target.p99)
    if target.ratio is not None and to_reference is not None:
        checks.append(to_reference >= target.ratio)
    return all(checks) if checks else None


def is_right(cells: Cells) -> bool:
    """Whether no answer of this project was wrong."""
    return not any(cell.failures for (_, system), cell in cells.items() if not system.is_reference)


HEADER = [
    "workload", "system", "ops/s", "ratio", "target", "p50 ms", "p95 ms", "p99 ms", "refused", "failed",
    "CPU ms/op", "db CPU ms/op", "MB",
]  # fmt: skip


def rows(cells: Cells) -> list[list[str]]:
    """Return one row of `HEADER` for each workload and system, the systems of a workload together."""
    order = list(WORKLOADS)
    return [_row(cells, key) for key in sorted(cells, key=lambda key: order.index(key[0]))]


def _row(cells: Cells, key: Key) -> list[str]:
    system, cell, workload = key[1], cells[key], WORKLOADS[key[0]]
    to_reference = ratio(cells, key)
    target = ""
    if not system.is_reference:
        target = mark(workload.target.text, meets(workload.target, cell, to_reference))
    return [
        workload.label,
        system.name,
        f"{cell.throughput:,.1f}",
        times(to_reference),
        target,
        *(thousandths(cell.percentile(share), 1) for share in SHARES),
        f"{cell.refused:,}",
        f"{cell.failures:,}",
        thousandths(cell.server_cpu),
        thousandths(cell.database_cpu) if system.on_postgres else "",
        f"{max(cell.memory, default=0):,.0f}",
    ]


def mark(text: str, is_met: bool | None) -> str:
    """Return a target's text with a mark that says whether it is met; without one where that cannot be told."""
    return text if is_met is None else f"{text} {'✓' if is_met else '✗'}"


def times(factor: float | None) -> str:
    """Return a ratio as text; a dash for None."""
    if factor is None:
        return "-"
    return "∞" if math.isinf(factor) else f"{factor:.1f}x"


def thousandths(seconds: float | None, digits: int = 2) -> str:
    """Return seconds as milliseconds; a dash for None."""
    return "-" if seconds is None else f"{seconds * 1000:.{digits}f}"


def as_json(cells: Cells) -> Iterable[dict[str, object]]:
    """Yield one object for each workload and system; times in seconds, memory in MB."""
    for (workload, system), cell in cells.items():
        to_reference = ratio(cells, (workload, system))
        yield {
            "workload": workload, "system": system.name, "operations_per_second": cell.throughput,
            "ratio": to_reference, "target": WORKLOADS[workload].target.text,
            "is_met": None if system.is_reference else meets(WORKLOADS[workload].target, cell, to_reference),
            "refused": cell.refused, "failed": cell.failures, "first_failure": cell.first_failure,
            "server_cpu": cell.server_cpu, "database_cpu": cell.database_cpu, "memory": max(cell.memory, default=None),
            **{f"p{share * 100:.0f}": cell.percentile(share) for share in SHARES},
            "rounds": [each.throughput for each in cell.rounds],
            "generator_busy": max((each.busy for each in cell.rounds), default=None),
        }  # fmt: skip
