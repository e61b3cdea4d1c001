"""Which part measures what, in the order in which they are measured."""

from benchmarks.options import BOUNDS, EXPLAIN, PLANS, READS, RETENTION, SCHEDULES, SDK, SOAK, STARTS
from benchmarks.parts import Part, bounds, reads, retention, schedules, sdk, soak, starts

RUNS: list[tuple[tuple[str, ...], Part]] = [
    ((STARTS,), starts.run),
    ((BOUNDS,), bounds.run),
    ((SDK,), sdk.run),
    ((READS, EXPLAIN, PLANS), reads.run),
    ((SCHEDULES,), schedules.run),
    ((RETENTION,), retention.run),
    ((SOAK,), soak.run),
]
"""By the names that `--workload` takes; some share what they work on."""
