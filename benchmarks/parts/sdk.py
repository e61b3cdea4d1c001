"""The SDKs: the same flow of tasks that do nothing, by each SDK, against its own server and against the other's."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from uuid import uuid4

import orjson

from benchmarks.comparison import mark, thousandths, times
from benchmarks.job import count
from benchmarks.parts import Asked, Findings
from benchmarks.processes import cpu_seconds
from benchmarks.report import Table
from benchmarks.systems import OSTINATO_POSTGRES, REFERENCE, Running, System, started
from benchmarks.wire import HttpConnection
from tests.support.postgres import Postgres
from tests.support.server import REFERENCE_VENV

PROGRAM = Path(__file__).with_name("sdk_program.py")
SDKS = {"ostinato": Path(sys.executable), "prefect": REFERENCE_VENV / "bin" / "python"}
"""By the name of the module, the interpreter that has it."""
OWN = {"ostinato": OSTINATO_POSTGRES, "prefect": REFERENCE}
TASKS, MANY_TASKS = 1_000, 10_000
RATIO, LONGEST = 10.0, 20.0
"""Targets: beside the reference SDK on its own server, and the seconds that `MANY_TASKS` may take."""
READABLE_WITHIN = 180.0
"""Seconds after the program's end in which a server must know of all task runs; before, nothing else is measured."""
HEADER = ["flow", "SDK", "server", "target", "s", "tasks/s", "ratio", "ratio, same server", "SDK CPU ms/task",
          "server CPU ms/task", "MB", "readable after s", "failed"]  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A flow of `tasks` tasks that are submitted or called."""

    way: str
    tasks: int

    @property
    def label(self) -> str:
        """What it is called in the table."""
        return f"{self.tasks:,} tasks {'submitted' if self.way == 'submit' else 'called'}"


@dataclass
class Result:
    """The rounds of one case with one SDK on one server; seconds, MB."""

    seconds: list[float] = field(default_factory=list[float])
    cpu: list[float] = field(default_factory=list[float])
    server_cpu: list[float] = field(default_factory=list[float])
    memory: list[float] = field(default_factory=list[float])
    readable: list[float] = field(default_factory=list[float])
    failures: list[str] = field(default_factory=list[str])


Key = tuple[Case, str, System]
Results = dict[Key, Result]


def run(asked: Asked, findings: Findings) -> None:
    """Measure every case in alternating rounds."""
    results: Results = {}
    servers = [system for system in asked.systems if system in OWN.values()]
    with Postgres(settings=()) as postgres:
        for number in range(asked.options.rounds):
            for system in servers:
                with started(system, postgres) as running:
                    for case, sdk in cases(system, is_full=asked.options.is_full, is_first=not number):
                        result = results.setdefault((case, sdk, system), Result())
                        measure(running, case, sdk, result)
                        told = f"{case.label} by {sdk} on {system.name}"
                        asked.tell(f"    {told}: {(result.seconds or [0.0])[-1]:.1f} s {''.join(result.failures)}")
    is_right = not any(each.failures for (_, _, system), each in results.items() if not system.is_reference)
    findings.add(Table("The SDKs", HEADER, rows(results), named=4), is_right=is_right)


def cases(system: System, *, is_full: bool, is_first: bool) -> Iterator[tuple[Case, str]]:
    """Yield what is measured on a server; what takes long but once, and with the reference only in full."""
    for sdk, python in SDKS.items():
        if not python.exists() or (sdk == "ostinato" and system.is_reference and not is_full):
            continue
        yield Case("submit", TASKS), sdk
        yield Case("call", TASKS), sdk
        if is_first and OWN[sdk] == system and (sdk == "ostinato" or is_full):
            yield Case("call", MANY_TASKS), sdk


def measure(running: Running, case: Case, sdk: str, result: Result) -> None:
    """Run the program once, and wait until the server has all of it."""
    name = f"benchmark-{uuid4()}"
    used = cpu_seconds(running.server + running.database)
    with tempfile.TemporaryDirectory(prefix="ostinato-benchmark-") as home:
        command = [str(SDKS[sdk]), str(PROGRAM), sdk, case.way, str(case.tasks), name]
        environment = client_environment(sdk, home, running.api_url)
        done = subprocess.run(command, env=environment, cwd=home, capture_output=True, check=False, timeout=900)
    ended = time.perf_counter()
    if done.returncode:
        result.failures.append(done.stderr.decode().strip().split("\n")[-1])
        return
    told = orjson.loads(done.stdout.strip().split(b"\n")[-1])
    there = asyncio.run(completed(running.ports[0], name, case.tasks))
    if there != case.tasks:
        result.failures.append(f"{there} of {case.tasks} task runs can be read")
    result.readable.append(time.perf_counter() - ended)
    result.server_cpu.append(cpu_seconds(running.server + running.database) - used)
    result.seconds.append(told["seconds"])
    result.cpu.append(told["cpu"])
    result.memory.append(told["memory"])


def client_environment(sdk: str, home: str, api_url: str) -> dict[str, str]:
    """Return an environment in which the SDK has no settings but the server's address."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("OSTINATO_", "PREFECT_"))}
    prefix = sdk.upper()
    return own | {f"{prefix}_API_URL": api_url, f"{prefix}_HOME": home, "DO_NOT_TRACK": "1"}


async def completed(port: int, flow_name: str, tasks: int) -> int:
    """Wait until `tasks` task runs of the flow are completed; return how many there are at last."""
    body = orjson.dumps(
        {"flows": {"name": {"any_": [flow_name]}}, "task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    )
    http, end = await HttpConnection.open(port), time.perf_counter() + READABLE_WITHIN
    while True:
        there = await count(http, "task_runs", body)
        if there >= tasks or time.perf_counter() > end:
            break
        await asyncio.sleep(0.05)
    http.close()
    return there


def rows(results: Results) -> list[list[str]]:
    """Return one row for each case, SDK and server, those of a case together."""
    order = list(dict.fromkeys(case for case, _, _ in results))
    return [_row(results, key) for key in sorted(results, key=lambda key: order.index(key[0])) if results[key].seconds]


def _row(results: Results, key: Key) -> list[str]:
    (case, sdk, system), result = key, results[key]
    seconds = median(result.seconds)
    own = ratio(results, key, OWN["prefect"])
    is_own = sdk == "ostinato" and system == OWN[sdk]
    target, is_met = f"{RATIO:g}x", None if own is None else own >= RATIO
    if case.tasks == MANY_TASKS:
        target, is_met = f"< {LONGEST:g} s", seconds < LONGEST
    return [
        case.label,
        sdk,
        system.name,
        mark(target, is_met) if is_own else "",
        f"{seconds:.2f}",
        f"{case.tasks / seconds:,.0f}",
        *(times(each) for each in (own, ratio(results, key, system))),
        thousandths(median(result.cpu) / case.tasks),
        thousandths(median(result.server_cpu) / case.tasks),
        f"{max(result.memory):.0f}",
        f"{median(result.readable):.2f}",
        str(len(result.failures)),
    ]


def ratio(results: Results, key: Key, system: System) -> float | None:
    """Return how many times faster it was than the reference SDK on `system`; None where that was not measured."""
    base = results.get((key[0], "prefect", system))
    return median(base.seconds) / median(results[key].seconds) if base and base.seconds else None
