"""`python -m benchmarks.quick`: a few workloads beside the calibration; the exit status is 1 where one is slow."""

import argparse
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.job import Job
from benchmarks.load import load
from benchmarks.processes import run_to_its_end
from benchmarks.quick.judgement import LIMIT, Verdict, judge, speed
from benchmarks.report import Moment, circumstances, machine, wide_console
from benchmarks.systems import OSTINATO_POSTGRES, OSTINATO_SQLITE, Running, started
from tests.support.postgres import FAST_AND_UNSAFE, Postgres

STORED = Path(__file__).with_name("stored.json")
WORKLOADS = ("create", "lifecycle", "events", "logs", "list", "poll", "slots")
SYSTEMS = (OSTINATO_SQLITE, OSTINATO_POSTGRES)
SECONDS = 1.0
ROUNDS, MORE_ROUNDS = 3, 3
"""Rounds of all workloads, and of those that seem slow after them."""
NO_ROUND_AFTER = 120.0
"""Seconds after which no further round begins: on a busy machine there are fewer, and it still takes three minutes."""

Costs = dict[tuple[str, str], list[float]]
"""CPU seconds an operation in each round, of server and database, by system and workload."""


@dataclass
class Measured:
    """What was measured so far: the costs of workloads, and of the calibration."""

    costs: Costs = field(default_factory=dict[tuple[str, str], list[float]])
    calibrations: list[float] = field(default_factory=list[float])
    wrong: list[str] = field(default_factory=list[str])

    def speeds(self) -> dict[str, float]:
        """Return operations in the CPU time of one calibration, by workload and system."""
        return {f"{name} on {system}": speed(each, self.calibrations) for (system, name), each in self.costs.items()}


def measure(running: Mapping[str, Running], chosen: list[tuple[str, str]], measured: Measured) -> None:
    """Run one round of the chosen (system, workload), with a calibration before each system's part."""
    before = ""
    for system, name in chosen:
        if system != before:
            measured.calibrations.append(calibration())
            before = system
        there = running[system]
        result = load(Job(name, there.ports, SECONDS, server=there.api, database=there.database))
        if result.failures:
            measured.wrong.append(f"{name} on {system}: {result.first_failure}")
        elif result.operations:  # on a busy machine requests may be refused: what was done counts, or a further round
            cost = (result.server_cpu + result.database_cpu) / result.operations
            measured.costs.setdefault((system, name), []).append(cost)


def calibration() -> float:
    """Return the CPU seconds that the calibration takes now, in a process of its own."""
    answer = subprocess.run([sys.executable, "-m", "benchmarks.quick.calibration"], check=True, capture_output=True)
    return sum(orjson.loads(answer.stdout).values())


def measure_all(stored: Mapping[str, float], console: Console) -> Measured:
    """Measure everything, and what seems slow some times more."""
    measured, began = Measured(), time.monotonic()
    with ExitStack() as stack, console.status("the servers start") as status:
        postgres = stack.enter_context(Postgres(settings=FAST_AND_UNSAFE))
        running = {system.name: stack.enter_context(started(system, postgres)) for system in SYSTEMS}
        chosen = [(system, name) for system in running for name in WORKLOADS]
        for number in range(ROUNDS + MORE_ROUNDS):
            if number >= ROUNDS:
                slow = {each.name for each in judge(measured.speeds(), stored) if not each.is_good}
                chosen = [(system, name) for system, name in chosen if f"{name} on {system}" in slow]
            if not chosen or (number >= ROUNDS and not stored) or (number and late(began)):
                break
            status.update(f"round {number + 1}: {len(chosen)} workloads")
            measure(running, chosen, measured)
    return measured


def late(began: float) -> bool:
    """Whether there is no time for a further round."""
    return time.monotonic() - began > NO_ROUND_AFTER


def print_verdicts(console: Console, verdicts: list[Verdict]) -> None:
    """Print a table."""
    table = Table(box=box.SIMPLE_HEAD, title="Operations in the CPU time of one calibration", title_justify="left")
    for name in ("workload", "now", "stored", "now / stored", f"at least {LIMIT:g}"):
        table.add_column(name, justify="left" if name == "workload" else "right")
    for each in verdicts:
        stored = f"{each.stored:,.1f}" if each.stored else "-"
        share = f"{each.share:.2f}" if each.share is not None else "-"
        mark = "[green]✓" if each.is_good else "[bold red]✗"
        table.add_row(each.name, f"{each.speed:,.1f}", stored, share, mark)
    console.print(table)


def main() -> int:
    """Measure, print, and store where that is asked for."""
    parser = argparse.ArgumentParser(prog="make bench-quick", description=__doc__)
    parser.add_argument("--store", action="store_true", help="store what is measured, as what later runs are held to")
    is_storing: bool = parser.parse_args().store
    console, began = wide_console(), Moment.now()
    stored: dict[str, float] = {}
    if not is_storing and STORED.exists():
        stored = orjson.loads(STORED.read_bytes())["speeds"]
    measured = measure_all(stored, console)
    verdicts = judge(measured.speeds(), measured.speeds() if is_storing else stored)
    print_verdicts(console, verdicts)
    console.print(circumstances(began, Moment.now()), highlight=False)
    for each in measured.wrong:
        console.print(f"[bold red]wrong:[/] {each}", highlight=False)
    if is_storing:
        speeds = {name: round(each, 2) for name, each in measured.speeds().items()}
        STORED.write_bytes(orjson.dumps({"machine": machine(), "speeds": speeds}, option=orjson.OPT_INDENT_2) + b"\n")
        console.print(f"Stored in benchmarks/quick/{STORED.name}.")
    slow = [each.name for each in verdicts if not each.is_good]
    if slow:
        console.print(
            f"Slow: {', '.join(slow)}. Each costs more than {1 / LIMIT:g} times the CPU that it did when figures were "
            "stored. Where that is meant to be, store them anew: make bench-quick ARGS=--store"
        )
    return int(bool(slow or measured.wrong))


if __name__ == "__main__":
    run_to_its_end(main)
