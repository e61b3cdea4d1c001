"""CPU time and memory of processes with all their children, the wall time of a command, and an orderly end."""

import compileall
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NoReturn

import psutil

ROOT = Path(__file__).parent.parent
STOPPED = 130
"""The exit status of a program that was stopped by Ctrl-C or SIGTERM."""


def cpu_seconds(process_ids: Iterable[int]) -> float:
    """Return the CPU time that the processes and their children, living and dead, have used so far."""
    total = 0.0
    for process in _family(process_ids):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue  # its time is its parent's now
        total += times.user + times.system + times.children_user + times.children_system
    return total


def resident_megabytes(process_ids: Iterable[int]) -> float:
    """Return the resident memory of the processes and their children; shared pages count in each of them."""
    total = 0
    for process in _family(process_ids):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 2**20


def compile_sources() -> None:
    """Compile the project's sources as an installation is: a checkout may be told to write no bytecode."""
    for folder in ("packages", "services"):
        compileall.compile_dir(ROOT / folder, quiet=1)


def seconds_to_run(command: list[str], attempts: int = 7, environment: dict[str, str] | None = None) -> float:
    """Return the shortest wall time of several runs of `command`: the least disturbed one."""
    times: list[float] = []
    for _ in range(attempts):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=environment)
        times.append(time.perf_counter() - start)
    return min(times)


def _family(process_ids: Iterable[int]) -> Iterator[psutil.Process]:
    for process_id in process_ids:
        parent = psutil.Process(process_id)
        yield parent
        yield from parent.children(recursive=True)


def run_to_its_end(main: Callable[[], int]) -> NoReturn:
    """Run a program that starts servers, and exit with its status; where it is stopped, they are stopped, too."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        status = main()
    except KeyboardInterrupt:
        status = STOPPED
    sys.exit(status)
