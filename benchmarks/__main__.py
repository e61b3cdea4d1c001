"""`python -m benchmarks`: every workload on every system, in alternating rounds; prints a table, writes results.md."""

import argparse
import subprocess
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from benchmarks import retention, schedules
from benchmarks.load import Measurement
from benchmarks.processes import cpu_seconds, resident_megabytes, seconds_to_run
from benchmarks.reading import EXPLAIN, READ, measure_reads
from benchmarks.report import HEADER, READ_HEADER, Cell, Table, markdown, print_tables, read_rows, rows
from benchmarks.systems import REFERENCE, Running, System, available, started
from tests.support.postgres import Postgres

RESULTS = Path(__file__).with_name("results.md")
CONNECTIONS = 16
AT_REST_AFTER = 5.0
"""Seconds after its start at which a server's memory at rest is read."""

WORKLOADS = {
    "create": "create a flow run",
    "lifecycle": "lifecycle: create, Running, Completed, read",
    "events": "task run told by /events/in (3 events)",
    "logs": "batch of 200 log lines",
    "poll": "worker poll, 2 000 runs waiting (200 answered)",
    "slots": "slot taken with a lease, and given back",
    "contest": "the same, 200 clients for the 20 slots of one limit",
}
SCHEDULES, RETENTION = "schedules", "retention"
OWN = (READ, EXPLAIN, SCHEDULES, RETENTION)
"""Parts without a comparison: calls on a database that holds many runs, the scheduler, and old lines that go."""
SQLITE_LINES = 100_000


@dataclass(frozen=True)
class Sizes:
    """How much there is of what the parts without a comparison work on."""

    rows: int = 100_000
    schedules: int = 2_000
    hour: float = 40.0
    """Seconds for which the scheduler is watched."""
    lines: int = 1_000_000


FULL = Sizes(rows=1_000_000, schedules=10_000, hour=90.0, lines=10_000_000)

NOTES = [
    "One operation is one row's workload; throughput is the median of the rounds, latencies are over all rounds.",
    "The load generator is one process on the same machine, the same for all, and checks every answer.",
    "Task runs count from the first event sent until `POST /task_runs/count` finds all of them completed; the volley "
    "grows until one takes at least half of a round.",
    "Each round starts each system fresh on an empty database; the systems take turns, and run alone.",
    "ostinato is one process. The reference runs as its scaling guide says: two API workers without services, one "
    "process with the services, Redis messaging (Valkey); both use the same Postgres with its default durability.",
    "Of the 200 clients, each holds its slot for 5 ms, and one that is denied comes again after 50 ms; more holders "
    "than slots count as failed operations.",
    "CPU is the server's processes with their children, and Postgres's, each a whole workload with its warm-up.",
]


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="length of one measurement (default 8)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each system (default 3)")
    parser.add_argument(
        "--workload", choices=[*WORKLOADS, *OWN], action="append", help="only this one; may be repeated"
    )
    parser.add_argument("--rows", type=int, help="flow runs that are there to be read and explained (default 100000)")
    parser.add_argument(
        "--full", action="store_true", help="a million runs, 10 000 schedules and 10 million log lines (an hour or so)"
    )
    parser.add_argument("--system", action="append", help="only systems whose name has this text; may be repeated")
    return parser.parse_args()


def load(port: int, workload: str, seconds: float) -> Measurement:
    """Run the load generator in a process of its own; if it fails, that is a failed operation like any other."""
    command = [sys.executable, "-m", "benchmarks.load", str(port), workload, str(seconds), str(CONNECTIONS)]
    result = subprocess.run(command, check=False, capture_output=True)
    if result.returncode != 0:
        return Measurement(seconds=seconds, failures=1, first_failure=result.stderr.decode().strip().split("\n")[-1])
    return Measurement(**orjson.loads(result.stdout))


def measure(running: Running, workload: str, seconds: float, cell: Cell, database: int | None) -> None:
    """Run one workload once and add what it did to `cell`."""
    server_before = cpu_seconds(running.process_ids)
    database_before = cpu_seconds([database]) if database else 0.0
    result = load(running.port, workload, seconds)
    cell.rounds.append(result)
    cell.server_cpu.append(cpu_seconds(running.process_ids) - server_before)
    cell.database_cpu.append(cpu_seconds([database]) - database_before if database else 0.0)
    rate = result.operations / result.seconds
    busy = f"load generator {result.busy:.0%} of a core"
    print(f"    {workload}: {rate:,.1f}/s, {result.failures} failed {result.first_failure} ({busy})", flush=True)


def compare(
    systems: list[System], workloads: list[str], seconds: float, rounds: int
) -> tuple[dict[tuple[str, str], Cell], dict[str, float]]:
    """Measure everything; return the cells by (workload, system) and the memory at rest in MB by system."""
    cells = {(workload, system.name): Cell() for workload in workloads for system in systems}
    at_rest: dict[str, float] = {}
    with Postgres(settings=()) as postgres:
        for number in range(rounds):
            for system in systems:
                print(f"round {number + 1}: {system.name}", flush=True)
                with started(system, postgres) as running:
                    time.sleep(AT_REST_AFTER)
                    at_rest.setdefault(system.name, resident_megabytes(running.process_ids))
                    database = postgres.pid if system.on_postgres else None
                    for workload in workloads:
                        measure(running, workload, seconds, cells[workload, system.name], database)
    return cells, at_rest


def compare_reads(
    systems: list[System], count: int, seconds: float, parts: Collection[str]
) -> dict[tuple[str, str], Measurement]:
    """Measure lists, counts, sums and explanations on `count` flow runs; return what was measured by (call, system).

    The reference is left out: its tables are its own, and through its API so many runs would take hours.
    """
    found: dict[tuple[str, str], Measurement] = {}
    with Postgres(settings=()) as postgres:
        for system in systems:
            if not system.is_reference:
                print(f"reading: {system.name}", flush=True)
                for call, measured in measure_reads(system, postgres, count, seconds, parts).items():
                    found[call, system.name] = measured
    return found


def client_times() -> list[tuple[str, str]]:
    """Measure how long the client takes to be there: its import and its help, beside an empty program."""
    python = sys.executable
    commands = {
        "`python -c pass`": [python, "-c", "pass"],
        "`import ostinato`": [python, "-c", "import ostinato"],
        "`ostinato --help`": [str(Path(python).with_name("ostinato")), "--help"],
    }
    return [(name, f"{seconds_to_run(command):.3f} s") for name, command in commands.items()]


def own_tables(systems: list[System], parts: Collection[str], sizes: Sizes, seconds: float) -> tuple[list[Table], bool]:
    """Measure the parts without a comparison; return their tables, and whether all went well."""
    tables: list[Table] = []
    well = True
    if READ in parts or EXPLAIN in parts:
        readings = compare_reads(systems, sizes.rows, seconds / 8, parts)
        tables.append(Table(READ_HEADER, read_rows(readings), f"With {sizes.rows:,} flow runs"))
        well = not any(measured.failures for measured in readings.values())
    if SCHEDULES in parts:
        results = schedules.compare(sizes.schedules, sizes.hour)
        title = f"The scheduler with {sizes.schedules:,} schedules, for {sizes.hour:.0f} s around a full hour"
        tables.append(Table(schedules.HEADER, [schedules.row(*each) for each in results.items()], title))
        well = well and all(map(schedules.is_good, results.values()))
    if RETENTION in parts:
        figures = retention.compare(sizes.lines, SQLITE_LINES)
        title = "Log lines that are too old: a day of them on Postgres"
        tables.append(Table(retention.HEADER, [retention.row(*each) for each in figures.items()], title))
    return tables, well


def main() -> int:
    """Measure, print, write; the exit status is 1 if an operation of this project failed."""
    wanted = arguments()
    names: list[str] = wanted.system or [""]
    systems = [system for system in available() if any(name in system.name for name in names)]
    workloads = [name for name in WORKLOADS if not wanted.workload or name in wanted.workload]
    parts = [name for name in OWN if not wanted.workload or name in wanted.workload]
    sizes = FULL if wanted.full else Sizes()
    sizes = replace(sizes, rows=wanted.rows or sizes.rows)
    times = client_times()
    cells, at_rest = compare(systems, workloads, wanted.seconds, wanted.rounds) if workloads else ({}, {})
    tables, well = own_tables(systems, parts, sizes, wanted.seconds)
    table = rows(cells, WORKLOADS, REFERENCE.name)
    figures = times + [(f"resident at rest, {name}", f"{megabytes:.0f} MB") for name, megabytes in at_rest.items()]
    tables = [*([Table(HEADER, table)] if table else []), *tables]
    print_tables(tables, figures)
    if systems == available() and not wanted.workload:
        length = f"{wanted.rounds} round(s) of {wanted.seconds:.0f} s for each workload and system."
        RESULTS.write_text(markdown(tables, figures, [length, *NOTES]))
        print(f"Written to benchmarks/{RESULTS.name}")
    ours = [cell.failures for (_, name), cell in cells.items() if name != REFERENCE.name]
    return int(any(ours) or not well)


if __name__ == "__main__":
    sys.exit(main())
