"""What the workers know themselves of what they ran: against it the server's word is held."""

from dataclasses import dataclass, field
from time import monotonic

from tests.integration.faults.plan import Fate
from tests.support.json import Json


@dataclass
class Began:
    """One start of a run; times are those of `time.monotonic`."""

    run_id: str
    deployment_id: str
    worker: str
    at: float
    until: float | None = None
    """When it was about to say that it has ended, or died."""
    died: bool = False


@dataclass
class Journal:
    """Written by all workers."""

    starts: list[Began] = field(default_factory=list[Began])
    fates: dict[str, Fate] = field(default_factory=dict[str, Fate])
    """Of each run that was taken."""
    not_ended: list[str] = field(default_factory=list[str])
    """Runs whose end the server did not accept."""
    failures: list[str] = field(default_factory=list[str])
    """What a client would not have got over."""
    calm: bool = False
    """Whether nothing more is to go wrong."""
    paused: bool = False
    """Whether the schedules are paused."""

    def began(self, run: Json, worker: str) -> Began:
        """Write down that a run runs."""
        start = Began(run["id"], run["deployment_id"], worker, monotonic())
        self.starts.append(start)
        return start

    def ends(self, start: Began) -> None:
        """Write down that a run is about to end."""
        start.until = monotonic()

    def died(self, start: Began) -> None:
        """Write down that the process of a run is gone."""
        start.until, start.died = monotonic(), True

    def starts_by_run(self) -> dict[str, list[Began]]:
        """Return the starts of each run."""
        found: dict[str, list[Began]] = {}
        for start in self.starts:
            found.setdefault(start.run_id, []).append(start)
        return found

    def most_at_once(self, deployment_ids: set[str]) -> int:
        """Return how many runs of the deployments ran at the same moment, at most."""
        changes: list[tuple[float, int]] = []
        for start in self.starts:
            if start.deployment_id in deployment_ids:
                changes += [(start.at, 1), (start.until or start.at, -1)]
        most = now = 0
        for _, change in sorted(changes):
            now += change
            most = max(most, now)
        return most
