"""What was measured, as a table for the terminal and as `results.md`."""

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median

import psutil
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.load import Measurement


@dataclass
class Cell:
    """The rounds of one workload on one system; CPU is in seconds of the server's processes over a whole round."""

    rounds: list[Measurement] = field(default_factory=list[Measurement])
    server_cpu: list[float] = field(default_factory=list[float])
    database_cpu: list[float] = field(default_factory=list[float])

    @property
    def throughput(self) -> float:
        """Operations a second: the median of the rounds."""
        return median(each.operations / each.seconds for each in self.rounds)

    @property
    def failures(self) -> int:
        """Failed operations of all rounds."""
        return sum(each.failures for each in self.rounds)

    def percentile(self, share: float) -> str:
        """Return a latency percentile over all rounds in milliseconds; a dash where operations have no latency."""
        latencies = sorted(latency for each in self.rounds for latency in each.latencies)
        return f"{latencies[int(share * (len(latencies) - 1))] * 1000:.1f}" if latencies else "-"

    def cpu_per_operation(self, cpu: list[float]) -> str:
        """Return milliseconds of CPU an operation."""
        operations = sum(each.operations for each in self.rounds)
        return f"{sum(cpu) / operations * 1000:.2f}" if operations else "-"


HEADER = ["workload", "system", "ops/s", "ratio", "p50 ms", "p95 ms", "p99 ms", "failed", "CPU ms/op", "db CPU ms/op"]

Row = list[str]


def rows(cells: dict[tuple[str, str], Cell], labels: dict[str, str], reference: str) -> list[Row]:
    """Return one row for each workload and system; the ratio is to the reference's throughput."""
    result: list[Row] = []
    for (workload, system), cell in cells.items():
        base = cells.get((workload, reference))
        ratio = f"{cell.throughput / base.throughput:.1f}x" if base and base.throughput else "-"
        latencies = [cell.percentile(share) for share in (0.50, 0.95, 0.99)]
        cpu = [cell.cpu_per_operation(cell.server_cpu), cell.cpu_per_operation(cell.database_cpu)]
        throughput = f"{cell.throughput:,.1f}"
        result.append([labels[workload], system, throughput, ratio, *latencies, str(cell.failures), *cpu])
    return result


def machine() -> str:
    """Describe this machine without naming it."""
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB memory, {system}, Python {platform.python_version()}"


def print_table(table_rows: Iterable[Row], facts: Iterable[tuple[str, str]]) -> None:
    """Print the comparison and the single figures."""
    console = Console(width=160)
    table = Table(*HEADER, box=box.SIMPLE_HEAD, title=f"16 connections; {machine()}")
    for row in table_rows:
        table.add_row(*row)
    console.print(table)
    for name, value in facts:
        console.print(f"  {name}: [bold]{value}[/bold]")


def markdown(table_rows: Iterable[Row], facts: Iterable[tuple[str, str]], notes: Iterable[str]) -> str:
    """Return the same as a Markdown document."""
    lines = ["# Benchmark results", "", f"Made by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {machine()}.", ""]
    lines += [f"- {note}" for note in notes]
    lines += ["", "| " + " | ".join(HEADER) + " |", "|---|---" + "|--:" * (len(HEADER) - 2) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in table_rows]
    lines += ["", "| figure | value |", "|---|--:|", *(f"| {name} | {value} |" for name, value in facts), ""]
    return "\n".join(lines)
