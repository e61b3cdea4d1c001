"""How long it takes until the client and the server are there, and what a server holds at rest."""

import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from benchmarks.comparison import mark, times
from benchmarks.parts import Asked, Findings
from benchmarks.processes import resident_megabytes, seconds_to_run
from benchmarks.report import Table
from tests.support.server import READY_WITHIN, REFERENCE_VENV, ReferenceServer, Server

ATTEMPTS, ATTEMPTS_OF_REFERENCE = 3, 1
AT_REST_AFTER = 10.0
"""Seconds after its start at which a server is at rest."""
HEADER = ["figure", "target", "ostinato", "reference", "ratio"]
IMPORT, HELP = "`from ... import flow, task`", "command line: `--help`"
FIRST, AGAIN, MEMORY = "server's first start until healthy", "server's further start until healthy", "server at rest"
TARGETS = {IMPORT: 0.2, HELP: 0.3, FIRST: 2.0, MEMORY: 120.0}
"""Seconds; MB."""

Figures = dict[str, float]


@dataclass(frozen=True)
class Side:
    """The programs of one project; its server is one process on SQLite, as `server start` runs it."""

    python: Path
    module: str
    server: type[Server]


OURS = Side(Path(sys.executable), "ostinato", Server)
REFERENCE = Side(REFERENCE_VENV / "bin" / "python", "prefect", ReferenceServer)


def run(asked: Asked, findings: Findings) -> None:
    """Measure commands and servers, the reference's where it is installed."""
    asked.tell("starts")
    ours = measure(OURS, ATTEMPTS)
    has_reference = REFERENCE.python.exists() and any(system.is_reference for system in asked.systems)
    reference = measure(REFERENCE, ATTEMPTS_OF_REFERENCE) if has_reference else {}
    findings.add(Table("To be there", HEADER, rows(ours, reference)))


def measure(side: Side, attempts: int) -> Figures:
    """Return the least disturbed of some attempts for each figure."""
    found = {
        "`python -c pass`": seconds_to_run([str(side.python), "-c", "pass"]),
        IMPORT: seconds_to_run([str(side.python), "-c", f"from {side.module} import flow, task"]),
        HELP: seconds_to_run([str(side.python.with_name(side.module)), "--help"]),
    }
    for _ in range(attempts):
        for figure, value in start_twice(side).items():
            found[figure] = min(value, found.get(figure, value))
    return found


def start_twice(side: Side) -> Figures:
    """Start a server in an empty home, and once more."""
    with tempfile.TemporaryDirectory(prefix="ostinato-benchmark-") as home:
        server = side.server(Path(home), f"sqlite+aiosqlite:///{home}/benchmark.db")
        first, memory = seconds_until_healthy(server, rest=True)
        again, _ = seconds_until_healthy(server)
    return {FIRST: first, AGAIN: again, MEMORY: memory}


def seconds_until_healthy(server: Server, *, rest: bool = False) -> tuple[float, float]:
    """Start a server and stop it; return the seconds until it was healthy, and its MB, after a `rest` or at once."""
    began = time.perf_counter()
    with server.log.open("ab") as log:
        process = subprocess.Popen(server.command(), stdout=log, stderr=log, env=server.environment(), cwd=server.home)
    try:
        while not is_healthy(server):
            if process.poll() is not None or time.perf_counter() - began > READY_WITHIN:
                raise RuntimeError(f"The server did not start:\n{server.log_tail()}")
            time.sleep(0.005)
        took = time.perf_counter() - began
        if rest:
            time.sleep(AT_REST_AFTER)
        return took, resident_megabytes([process.pid])
    finally:
        process.terminate()
        process.wait()


def is_healthy(server: Server) -> bool:
    """Whether the server says that it is healthy."""
    try:
        with urllib.request.urlopen(f"{server.api_url}/health", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def rows(ours: Figures, reference: Figures) -> list[list[str]]:
    """Return one row for each figure."""
    result: list[list[str]] = []
    for figure, value in ours.items():
        unit = "MB" if figure == MEMORY else "s"
        target = TARGETS.get(figure)
        text = "" if target is None else mark(f"< {target:g} {unit}", value < target)
        other = reference.get(figure)
        shown = [f"{each:.0f} MB" if unit == "MB" else f"{each:.3f} s" for each in (value, *([other] if other else []))]
        result.append([figure, text, shown[0], shown[1] if other else "-", times(other / value if other else None)])
    return result
