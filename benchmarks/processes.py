"""CPU time and memory of a server's processes with all their children, and the wall time of a command."""

import subprocess
import time
from collections.abc import Iterable, Iterator

import psutil


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
