"""CPU time and memory of a server's processes with all their children, and the wall time of a command."""

import subprocess
import time

import psutil


def cpu_seconds(process_ids: list[int]) -> float:
    """Return the CPU time that the processes and their children, living and dead, have used so far."""
    total = 0.0
    for process in _family(process_ids):
        times = process.cpu_times()
        total += times.user + times.system
    for process_id in process_ids:
        times = psutil.Process(process_id).cpu_times()
        total += times.children_user + times.children_system
    return total


def resident_megabytes(process_ids: list[int]) -> float:
    """Return the resident memory of the processes and their children; shared pages count in each of them."""
    return sum(process.memory_info().rss for process in _family(process_ids)) / 2**20


def seconds_to_run(command: list[str], attempts: int = 7) -> float:
    """Return the shortest wall time of several runs of `command`: the least disturbed one."""
    times: list[float] = []
    for _ in range(attempts):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return min(times)


def _family(process_ids: list[int]) -> list[psutil.Process]:
    found: list[psutil.Process] = []
    for process_id in process_ids:
        parent = psutil.Process(process_id)
        found += [parent, *parent.children(recursive=True)]
    return found
