"""Which part measures what, in the order in which they are measured."""

from benchmarks.options import EXPLAIN, PLANS, READS, RETENTION, SCHEDULES, SDK, SOAK, STARTS
from benchmarks.parts import Part, reads, retention, schedules, sdk, soak, starts

RUNS: list[tuple[tuple[str, ...], Part]] = [
    ((STARTS,), starts.run),
    ((SDK,), sdk.run),
    ((READS, EXPLAIN, PLANS), reads.run),
    ((SCHEDULES,), schedules.run),
    ((RETENTION,), retention.run),
    ((SOAK,), soak.run),
]
"""By the names that `--workload` takes; some share what they work on."""
