"""The command line of `make bench`, and how much there is of what each part works on."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.workloads import WORKLOADS

READS, EXPLAIN, PLANS, SCHEDULES, RETENTION = "reads", "explain", "plans", "schedules", "retention"
SDK, STARTS, SOAK, BOUNDS = "sdk", "starts", "soak", "bounds"
PARTS = {
    STARTS: "import, command line, cold start, memory at rest",
    BOUNDS: "what Postgres itself can write: the server's statements without the server",
    SDK: "the SDKs: tasks submitted and called, against their own server and the same one",
    READS: "lists, counts and histories on many runs",
    PLANS: "whether those use an index",
    EXPLAIN: "why a run does not start, on many runs",
    SCHEDULES: "the scheduler with many schedules",
    RETENTION: "old log lines that go",
    SOAK: "memory under load",
}
"""What is measured beside the workloads, by the name that `--workload` takes."""


@dataclass(frozen=True)
class Options:
    """What to measure; times in seconds."""

    workloads: list[str]
    parts: list[str]
    systems: list[str]
    """Texts of which one must be in a system's name."""
    seconds: float = 3.0
    rounds: int = 2
    rows: int = 100_000
    schedules: int = 2_000
    hour: float = 30.0
    """For how long the scheduler is watched."""
    lines: int = 1_000_000
    soak: float = 60.0
    json: Path | None = None
    is_full: bool = False
    is_whole: bool = True
    """Whether everything is measured, so that results.md may be written."""


FULL = {"seconds": 10.0, "rounds": 3, "rows": 1_000_000, "schedules": 10_000, "hour": 90.0, "lines": 10_000_000,
        "soak": 3600.0, "is_full": True}  # fmt: skip


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Parse the command line."""
    names = "\n".join(f"  {name:12} {text}" for name, text in _all_names().items())
    parser = argparse.ArgumentParser(
        prog="make bench",
        description="Measure this server and the reference side by side, in alternating rounds (about 25 minutes).",
        epilog=f'Names for --workload:\n{names}\n\nFor example: make bench ARGS="--workload create --seconds 3"',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", type=float, help="length of one measurement (default 3; 10 with --full)")
    parser.add_argument("--rounds", type=int, help="rounds of each system (default 2; 3 with --full)")
    parser.add_argument(
        "--workload", choices=list(_all_names()), metavar="NAME", action="append", help="only this; may be repeated"
    )
    parser.add_argument(
        "--system", metavar="TEXT", action="append", help="only systems whose name has this text; may be repeated"
    )
    parser.add_argument("--rows", type=int, help="flow runs that are read (default 100 000; a million with --full)")
    parser.add_argument("--soak", type=float, help="seconds of load under which memory is watched (default 60)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there, too")
    parser.add_argument(
        "--full",
        action="store_true",
        help="a million flow runs with 10 million task runs, 10 000 schedules, 10 million log lines, an hour of load "
        "(about two and a half hours)",
    )
    given = parser.parse_args(arguments)
    chosen: list[str] = given.workload or list(_all_names())
    options = Options(
        workloads=[name for name in WORKLOADS if name in chosen],
        parts=[name for name in PARTS if name in chosen],
        systems=given.system or [""],
        json=given.json,
        is_whole=not given.workload and not given.system,
    )
    sizes: dict[str, object] = dict(FULL) if given.full else {}
    for name in ("seconds", "rounds", "rows", "soak"):
        if (value := getattr(given, name)) is not None:
            sizes[name] = value
    return replace(options, **sizes)


def _all_names() -> dict[str, str]:
    return {name: workload.label for name, workload in WORKLOADS.items()} | PARTS
