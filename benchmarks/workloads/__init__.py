"""The workloads that the load generator knows, one a file; each is run in the same way on every system."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from benchmarks.job import Job
from benchmarks.measurement import Measurement
from benchmarks.workloads import (
    contest,
    create,
    events,
    lifecycle,
    listing,
    logs,
    poll,
    slots,
    soak,
    sustained,
    triggers,
    writers,
)


@dataclass(frozen=True)
class Target:
    """What a workload should reach: a ratio to the reference's throughput, a p99 in seconds, or both."""

    ratio: float | None = None
    p99: float | None = None

    @property
    def text(self) -> str:
        """The target in a few characters."""
        parts = [f"{self.ratio:g}x"] if self.ratio else []
        return ", ".join(parts + ([f"p99 < {self.p99:g} s"] if self.p99 else []))


@dataclass(frozen=True)
class Workload:
    """One row of the table: `run` is done by the load generator; `once` where one round of it is long enough."""

    label: str
    run: Callable[[Job], Coroutine[None, None, Measurement]]
    target: Target
    once: bool = False


WORKLOADS = {
    "create": Workload("create a flow run", create.run, Target(20)),
    "lifecycle": Workload("lifecycle: create, Running, Completed, read", lifecycle.run, Target(20)),
    "events": Workload("task run told by /events/in (3 events), 1 000 at once", events.run, Target(50)),
    "sustained": Workload("1 000 events/s until seen through /events/out", sustained.run, Target(p99=0.5)),
    "triggers": Workload("500 events/s for 200 automations until one has fired", triggers.run, Target(p99=0.05)),
    "logs": Workload("batch of 200 log lines", logs.run, Target(10)),
    "list": Workload("flow_runs/filter, 200 rows", listing.run, Target()),
    "poll": Workload("worker poll, 2 000 runs waiting (up to 200 answered)", poll.run, Target(20)),
    "workers": Workload("the same, 50 workers polling", poll.run_workers, Target(20)),
    "slots": Workload("slot taken with a lease, and given back", slots.run, Target(20)),
    "contest": Workload("the same, 200 clients for the 20 slots of one limit", contest.run, Target(20)),
    "events-100k": Workload("task run told by /events/in, 100 000 at once", events.run_many, Target(50), once=True),
    "writers-16": Workload("any write, 16 writers on SQLite", writers.run_16, Target(p99=1.0)),
    "writers-64": Workload("any write, 64 writers on SQLite", writers.run_64, Target(p99=1.0)),
}
"""By the name that `--workload` takes, in the order in which they run."""

ON_SQLITE = ("writers-16", "writers-64")
"""Those that are about SQLite; the reference runs them on SQLite too."""

SOAK = "soak"
LOADS = {name: workload.run for name, workload in WORKLOADS.items()} | {SOAK: soak.run}
"""What the load generator can do: the rows of the table, and the load under which memory is watched."""
