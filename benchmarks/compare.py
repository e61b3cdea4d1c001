"""Every workload on every system, in alternating rounds, each system fresh and alone while it is measured."""

import time
from collections.abc import Sequence

from benchmarks.comparison import Cell, Key
from benchmarks.job import Job
from benchmarks.load import load
from benchmarks.options import Options
from benchmarks.processes import resident_megabytes
from benchmarks.progress import Steps
from benchmarks.report import Moment
from benchmarks.systems import Running, System, started
from benchmarks.workloads import WORKLOADS
from tests.support.postgres import Postgres

CONNECTIONS = 16
AT_REST_AFTER = 5.0
"""Seconds after its start at which a server's memory at rest is read."""


def planned(systems: Sequence[System], options: Options) -> list[tuple[int, System, list[str]]]:
    """Return (round, system, workloads) in the order in which they are measured; systems take turns."""
    plan: list[tuple[int, System, list[str]]] = []
    for number in range(options.rounds):
        for system in systems:
            chosen = [name for name in system.workloads if name in options.workloads]
            names = [name for name in chosen if not number or not WORKLOADS[name].once]
            if names:
                plan.append((number, system, names))
    return plan


def compare(systems: Sequence[System], options: Options, steps: Steps) -> tuple[dict[Key, Cell], dict[str, float]]:
    """Measure everything; return the cells, and the memory at rest in MB by system."""
    cells: dict[Key, Cell] = {}
    at_rest: dict[str, float] = {}
    with Postgres(settings=()) as postgres:
        for number, system, names in planned(systems, options):
            load_average = f"load average {Moment.now().load:.1f}"
            steps.tell(f"round {number + 1} of {options.rounds}: {system.name} ({load_average})")
            steps.begin(f"{system.name} starts")
            with started(system, postgres) as running:
                time.sleep(AT_REST_AFTER)
                at_rest.setdefault(system.name, resident_megabytes(running.server))
                for name in names:
                    steps.begin(f"{system.name}: {WORKLOADS[name].label}")
                    line = measure(running, name, options.seconds, cells.setdefault((name, system), Cell()))
                    steps.done(line)
    return cells, at_rest


def measure(running: Running, workload: str, seconds: float, cell: Cell) -> str:
    """Run one workload once, add what it did to `cell`, and return a line about it."""
    result = load(Job(workload, running.ports, seconds, CONNECTIONS, running.server, running.database))
    cell.rounds.append(result)
    cell.memory.append(resident_megabytes(running.server))
    wrong = f"{result.refused} refused, {result.failures} failed {result.first_failure}"
    busy = f"load generator {result.busy:.0%} of a core"
    return f"    {workload}: {result.throughput:,.1f}/s, {wrong.strip()} ({busy})"
