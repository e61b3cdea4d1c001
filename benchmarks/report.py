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
from rich.table import Table as RichTable

from benchmarks.load import Measurement


def percentile(latencies: list[float], share: float) -> str:
    """Return a percentile of seconds in milliseconds; a dash where there are none."""
    ordered = sorted(latencies)
    return f"{ordered[int(share * (len(ordered) - 1))] * 1000:.1f}" if ordered else "-"


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
        return percentile([latency for each in self.rounds for latency in each.latencies], share)

    def cpu_per_operation(self, cpu: list[float]) -> str:
        """Return milliseconds of CPU an operation."""
        operations = sum(each.operations for each in self.rounds)
        return f"{sum(cpu) / operations * 1000:.2f}" if operations else "-"


HEADER = ["workload", "system", "ops/s", "ratio", "p50 ms", "p95 ms", "p99 ms", "failed", "CPU ms/op", "db CPU ms/op"]
READ_HEADER = ["call", "system", "p50 ms", "p95 ms", "p99 ms", "answers", "failed"]
SHARES = (0.50, 0.95, 0.99)

Row = list[str]


@dataclass(frozen=True)
class Table:
    """One comparison."""

    header: list[str]
    rows: list[Row]
    title: str = ""


def rows(cells: dict[tuple[str, str], Cell], labels: dict[str, str], reference: str) -> list[Row]:
    """Return one row for each workload and system; the ratio is to the reference's throughput."""
    result: list[Row] = []
    for (workload, system), cell in cells.items():
        base = cells.get((workload, reference))
        ratio = f"{cell.throughput / base.throughput:.1f}x" if base and base.throughput else "-"
        latencies = [cell.percentile(share) for share in SHARES]
        cpu = [cell.cpu_per_operation(cell.server_cpu), cell.cpu_per_operation(cell.database_cpu)]
        throughput = f"{cell.throughput:,.1f}"
        result.append([labels[workload], system, throughput, ratio, *latencies, str(cell.failures), *cpu])
    return result


def read_rows(readings: dict[tuple[str, str], Measurement]) -> list[Row]:
    """Return one row for each call that reads and each system, the systems of a call together."""
    calls = list(dict.fromkeys(call for call, _ in readings))
    result: list[Row] = []
    for (call, system), measured in sorted(readings.items(), key=lambda item: calls.index(item[0][0])):
        latencies = [percentile(measured.latencies, share) for share in SHARES]
        result.append([call, system, *latencies, str(measured.operations), str(measured.failures)])
    return result


def machine() -> str:
    """Describe this machine without naming it."""
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB memory, {system}, Python {platform.python_version()}"


def print_tables(tables: Iterable[Table], facts: Iterable[tuple[str, str]]) -> None:
    """Print the comparisons and the single figures."""
    console = Console(width=160)
    for table in tables:
        title = table.title or f"16 connections; {machine()}"
        shown = RichTable(*table.header, box=box.SIMPLE_HEAD, title=title)
        for row in table.rows:
            shown.add_row(*row)
        console.print(shown)
    for name, value in facts:
        console.print(f"  {name}: [bold]{value}[/bold]")


def markdown(tables: Iterable[Table], facts: Iterable[tuple[str, str]], notes: Iterable[str]) -> str:
    """Return the same as a Markdown document."""
    lines = ["# Benchmark results", "", f"Made by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {machine()}.", ""]
    lines += [f"- {note}" for note in notes]
    for table in tables:
        lines += ["", f"## {table.title}"] if table.title else []
        lines += ["", "| " + " | ".join(table.header) + " |", "|---|---" + "|--:" * (len(table.header) - 2) + "|"]
        lines += ["| " + " | ".join(row) + " |" for row in table.rows]
    lines += ["", "| figure | value |", "|---|--:|", *(f"| {name} | {value} |" for name, value in facts), ""]
    return "\n".join(lines)
