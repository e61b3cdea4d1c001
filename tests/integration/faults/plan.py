"""How large a fault test is, what its deployments look like, and what becomes of each run: all of it from one seed."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from tests.support.json import Json


@dataclass(frozen=True)
class Size:
    """Times in seconds. `real` of the deployments are run by an unmodified worker."""

    deployments: int
    period: int
    """From one run of a deployment to the next."""
    seconds: int
    """For how long processes are killed."""
    kill_every: tuple[float, float]
    shared_slots: int
    real: int = 0
    real_period: int = 20
    schedulers: int = 3
    apis: int = 2
    drained_within: float = 90.0
    """How long after that the last run may end: what died is noticed, and what waited for its slot has its turn."""
    seed: int = field(default_factory=lambda: int(os.environ.get("OSTINATO_FAULTS_SEED", "1")))


SHORT: Final = Size(deployments=30, period=4, seconds=20, kill_every=(1.0, 3.0), shared_slots=4)
FULL: Final = Size(
    deployments=200, period=10, seconds=120, kill_every=(1.0, 5.0), shared_slots=12, real=2, drained_within=180.0
)


def chosen_size() -> Size:
    """Return the size that the environment asks for: the short form, unless `OSTINATO_FAULTS=full`."""
    return FULL if os.environ.get("OSTINATO_FAULTS") == "full" else SHORT


class Fate(StrEnum):
    """What happens to a run that a worker has taken."""

    WELL = "well"
    """It runs for a moment and ends."""
    LONG = "long"
    """It runs for longer than a silent run would be left alone, and sends its heartbeats."""
    LOST = "lost"
    """What the worker started for it dies before it runs."""
    STALLED = "stalled"
    """It begins only when the worker has lost it: the run was scheduled again meanwhile."""
    SILENT = "silent"
    """Its process dies while it runs."""


_SHARES: Final = {Fate.LOST: 0.04, Fate.STALLED: 0.02, Fate.SILENT: 0.03, Fate.LONG: 0.01}


@dataclass(frozen=True)
class Planned:
    """A deployment, and the times at which it fires."""

    number: int
    name: str
    period: int
    limit: int | None
    shares_limit: bool
    start: datetime

    def schedule(self) -> Json:
        """Return its schedule; each third is of another kind."""
        match self.number % 3:
            case 0:
                return {"interval": self.period, "anchor_date": self.start.isoformat(), "timezone": "UTC"}
            case 1:
                begin = f"DTSTART:{self.start:%Y%m%dT%H%M%S}"
                return {"rrule": f"{begin}\nRRULE:FREQ=SECONDLY;INTERVAL={self.period}", "timezone": "UTC"}
            case _:
                return {"cron": f"* * * * * */{self.period}", "timezone": "UTC"}

    def fires_between(self, begin: datetime, end: datetime) -> Iterator[datetime]:
        """Return the times later than `begin` and not later than `end` at which it fires."""
        # A minute is a multiple of each period: so whatever the kind of the schedule, it keeps to the start's step.
        steps = max(0, (begin - self.start) // timedelta(seconds=self.period))
        time = self.start + timedelta(seconds=self.period) * steps
        while time <= end:
            if time > begin:
                yield time
            time += timedelta(seconds=self.period)


def plan(size: Size, now: datetime) -> list[Planned]:
    """Return the deployments; those of the unmodified worker come last."""
    start = datetime.fromtimestamp(now.timestamp() // 60 * 60, UTC)
    planned: list[Planned] = []
    for number in range(size.deployments):
        period = size.period if number < size.deployments - size.real else size.real_period
        limit = 1 if number % 5 == 0 else None
        planned.append(Planned(number, f"d-{number}", period, limit, number % 5 == 1, start))
    return planned


def fate_of(size: Size, key: str) -> Fate:
    """Return what becomes of the run of that key when it is taken for the first time."""
    drawn = Random(f"{size.seed} {key}").random()
    for fate, share in _SHARES.items():
        drawn -= share
        if drawn < 0:
            return fate
    return Fate.WELL
