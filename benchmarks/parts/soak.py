"""Whether a server's memory stays flat under load: sampled while everything is asked of it at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import linear_regression

from benchmarks.comparison import mark
from benchmarks.job import Job
from benchmarks.load import load
from benchmarks.measurement import Measurement
from benchmarks.parts import Asked, Findings
from benchmarks.processes import resident_megabytes
from benchmarks.report import Table
from benchmarks.systems import Running, started
from benchmarks.workloads import SOAK
from tests.support.postgres import Postgres

SAMPLES = 120
AT_REST_AFTER = 5.0
RESTS = 5.0
"""Seconds after the load in which a server may give memory back."""
FLAT = 0.001
"""Growth in the second half of the load, as a share of the memory at rest, for each minute of it."""
LONG_ENOUGH = 600.0
"""Seconds of load from which on growth tells more than that caches and pools fill."""
HEADER = ["system", "target", "minutes", "requests/s", "at rest MB", "most MB", "afterwards MB", "growth MB/minute",
          "refused", "failed"]  # fmt: skip


@dataclass
class Watched:
    """Memory in MB: at rest, and (seconds, MB) during the load; and what the load did."""

    at_rest: float
    afterwards: float = 0.0
    samples: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    load: Measurement = field(default_factory=Measurement)

    @property
    def growth(self) -> float:
        """MB a minute in the second half of the load, when caches and pools are full."""
        return growth(self.samples[len(self.samples) // 2 :])

    @property
    def is_flat(self) -> bool | None:
        """Whether it grows by less than `FLAT`, and all was right; None where the load was too short to tell."""
        if self.load.failures or self.load.refused:
            return False
        return self.growth < FLAT * self.at_rest if self.load.seconds >= LONG_ENOUGH else None


def growth(samples: list[tuple[float, float]]) -> float:
    """Return the MB a minute by which (seconds, MB) grow: the slope of the line that fits them best."""
    if len(samples) < 2:
        return 0.0
    seconds, megabytes = zip(*samples, strict=True)
    return linear_regression(seconds, megabytes).slope * 60


def run(asked: Asked, findings: Findings) -> None:
    """Watch this project's systems, one after the other."""
    found: dict[str, Watched] = {}
    with Postgres(settings=()) as postgres:
        for system in asked.systems:
            if not system.is_reference:
                asked.tell(f"memory under load for {asked.options.soak:.0f} s: {system.name}")
                with started(system, postgres) as running:
                    found[system.name] = watch(running, asked.options.soak)
    is_right = not any(each.load.failures for each in found.values())
    rows = [_row(name, each) for name, each in found.items()]
    findings.add(Table("Memory under load", HEADER, rows, named=1), is_right=is_right)


def watch(running: Running, seconds: float) -> Watched:
    """Load a server for `seconds` and look at its memory meanwhile."""
    time.sleep(AT_REST_AFTER)
    watched = Watched(resident_megabytes(running.server))
    began = time.perf_counter()
    with ThreadPoolExecutor(1) as thread:
        job = Job(SOAK, running.ports, seconds, server=running.server, database=running.database)
        loading = thread.submit(load, job)
        while not loading.done():
            watched.samples.append((time.perf_counter() - began, resident_megabytes(running.server)))
            time.sleep(max(seconds / SAMPLES, 0.1))
        watched.load = loading.result()
    time.sleep(RESTS)
    watched.afterwards = resident_megabytes(running.server)
    return watched


def _row(name: str, watched: Watched) -> list[str]:
    load = watched.load
    return [
        name,
        mark(f"growth < {FLAT:.1%} a minute", watched.is_flat),
        f"{load.seconds / 60:.1f}",
        f"{load.throughput:,.0f}",
        f"{watched.at_rest:.0f}",
        f"{max((megabytes for _, megabytes in watched.samples), default=0.0):.0f}",
        f"{watched.afterwards:.0f}",
        f"{watched.growth:+.2f}",
        f"{load.refused:,}",
        f"{load.failures:,} {load.first_failure}".strip(),
    ]
