"""Which part measures what, in the order in which they are measured."""

from benchmarks.options import EXPLAIN, PLANS, READS, RETENTION, SCHEDULES
from benchmarks.parts import Part, reads, retention, schedules

RUNS: list[tuple[tuple[str, ...], Part]] = [
    ((READS, EXPLAIN, PLANS), reads.run),
    ((SCHEDULES,), schedules.run),
    ((RETENTION,), retention.run),
]
"""By the names that `--workload` takes; some share what they work on."""
