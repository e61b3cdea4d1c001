"""`python -m benchmarks`: every workload on every system, in alternating rounds; prints tables, writes results.md."""

from dataclasses import asdict
from pathlib import Path

import orjson

from benchmarks import comparison
from benchmarks.compare import CONNECTIONS, compare, planned
from benchmarks.options import Options, parse
from benchmarks.parts import Asked, Findings
from benchmarks.parts.registry import RUNS
from benchmarks.processes import compile_sources, run_to_its_end
from benchmarks.progress import Steps
from benchmarks.report import Moment, Table, circumstances, machine, markdown, print_tables, wide_console
from benchmarks.systems import API_PROCESSES, available

RESULTS = Path(__file__).with_name("results.md")

NOTES = [
    "One operation is one row's workload; throughput is the median of the rounds, latencies are over all rounds. The "
    "ratio is to the reference's throughput, ∞ where that finished nothing in its time.",
    "The project's sources are compiled before, as they are where they are installed.",
    "The load generator is one process on the same machine, the same for all, and checks every answer.",
    "Refused are requests that were turned away (429, 503, a connection that ended); failed are wrong answers.",
    "Each round starts each system fresh on an empty database; the systems take turns, and run alone.",
    f"On Postgres both run {API_PROCESSES} API processes, each on a port of its own, over which the load generator "
    "spreads its connections, their background services apart, and Redis (Valkey); both use the same Postgres with its "
    "default durability. On SQLite each is one process as `server start` runs it.",
    "The latency of task runs is that of a volley, from the first event sent until `POST /task_runs/count` finds all "
    "of them completed; a volley is cut off after 60 s. That of steady events runs from the moment at which each "
    "was due to be sent until a subscriber of `/events/out` has it; a second of sending goes before, without which the "
    "last percent would be the first firings of a new process.",
    "Of the 200 clients, each holds its slot for 5 ms, and one that is denied comes again after 50 ms; more holders "
    "than slots count as failed operations.",
    "CPU is that of the server's processes with their children and Redis, and of Postgres, while the operations ran; "
    "MB is the server's resident memory afterwards, pages that processes share counted in each.",
]


def main() -> int:
    """Measure, print, write; the exit status is 1 if an answer of this project was wrong."""
    options = parse()
    compile_sources()
    systems = [each for each in available() if any(text in each.name for text in options.systems)]
    console, began, findings = wide_console(), Moment.now(), Findings()
    parts = [part for names, part in RUNS if set(names) & set(options.parts)]
    planned_steps = sum(len(names) for _, _, names in planned(systems, options))
    with Steps(console, planned_steps + len(parts)) as steps:
        cells, at_rest = compare(systems, options, steps) if planned_steps else ({}, {})
        if cells:
            title = f"{CONNECTIONS} connections, {options.rounds} rounds of {options.seconds:g} s"
            findings.add(Table(title, comparison.HEADER, comparison.rows(cells)), is_right=comparison.is_right(cells))
        for part in parts:
            steps.begin(part.__module__.rsplit(".", 1)[1])
            part(Asked(options, systems, steps.tell), findings)
            steps.done()
    made = circumstances(began, Moment.now())
    print_tables(console, findings.tables)
    console.print(made, highlight=False)
    write(options, findings, made, {"workloads": list(comparison.as_json(cells)), "at_rest": at_rest})
    return int(not findings.is_right)


def write(options: Options, findings: Findings, made: str, figures: dict[str, object]) -> None:
    """Write results.md where everything was measured, and the file for machines where one is asked for."""
    if options.is_whole:
        RESULTS.write_text(markdown(findings.tables, made, NOTES))
        print(f"Written to benchmarks/{RESULTS.name}")
    if options.json:
        whole = {"machine": machine(), "made": made, "options": asdict(options), **figures}
        whole["tables"] = [asdict(table) for table in findings.tables]
        options.json.write_bytes(orjson.dumps(whole, option=orjson.OPT_INDENT_2, default=str))
        print(f"Written to {options.json}")


if __name__ == "__main__":
    run_to_its_end(main)
