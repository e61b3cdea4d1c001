"""The arithmetic of slots, pure: what is in use, whether more fit, and when to come again."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ostinato_core.orchestration.jitter import clamped_poisson_interval

TAG_PREFIX = "tag:"
"""How the name of a limit on a task tag begins."""

LEAST_OCCUPANCY = 0.1
"""Seconds for which a slot is taken to be held, at least."""
FIRST_OCCUPANCY = 2.0
"""Seconds for which a slot of a new limit is expected to be held."""
JITTER = 0.3


@dataclass(frozen=True, slots=True)
class Waits:
    """The longest time that a caller is told to wait, in seconds: in general, and for slots on a task tag."""

    most: float = 30.0
    most_for_tags: float = 10.0

    def for_limit(self, name: str) -> float:
        """Return the one for a limit of this name."""
        return self.most_for_tags if name.startswith(TAG_PREFIX) else self.most


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit as it was read, with its leases summed up."""

    id: UUID
    name: str
    active: bool
    limit: int
    decay: float
    """Slots a second by which `unleased` drains."""
    occupancy: float
    """For how many seconds a slot is held on average."""
    unleased: float
    """Slots taken without a lease, as at `drained_at`."""
    drained_at: datetime
    denied: float
    denied_at: datetime
    version: int
    leased: int = 0
    """Slots of live leases."""
    lapsed: int = 0
    """Slots of leases that have expired and are still there: free for who takes them away."""
    lapsed_leases: int = 0

    def unleased_at(self, now: datetime) -> float:
        """Return the slots taken without a lease that have not drained yet."""
        return max(0.0, self.unleased - self.decay * _seconds(self.drained_at, now))

    def in_use(self, now: datetime) -> int:
        """Return how many slots are in use."""
        return math.ceil(self.unleased_at(now)) + self.leased

    def free(self, now: datetime) -> int:
        """Return how many slots can be taken, of lapsed leases too; negative where the limit was lowered."""
        return self.limit - self.in_use(now)

    def denied_at_time(self, now: datetime, waits: Waits) -> float:
        """Return the slots that were denied lately and are likely to be asked for again."""
        rate = self.decay or 1 / min(max(self.occupancy, LEAST_OCCUPANCY), waits.for_limit(self.name))
        return max(0.0, self.denied - rate * _seconds(self.denied_at, now))

    def queue(self, slots: int, now: datetime, waits: Waits) -> float:
        """Return how many slots stand in line if these join, for each slot of the limit unless it decays."""
        waiting = slots + self.denied_at_time(now, waits)
        return waiting if self.decay else waiting / max(self.limit, 1)


def seconds_to_wait(limits: Iterable[Limit], slots: int, now: datetime, waits: Waits, uniform: float) -> float:
    """Return when to come again: by the limit with the longest queue, with a jitter. `uniform` is in [0, 1)."""
    blocking = max(limits, key=lambda limit: limit.queue(slots, now, waits))
    queue = blocking.queue(slots, now, waits)
    if blocking.decay:
        mean = queue / blocking.decay
    else:
        most = waits.for_limit(blocking.name)
        mean = min(min(blocking.occupancy, most) * queue, most)
    return clamped_poisson_interval(mean, JITTER, uniform)


def _seconds(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())
