"""The arithmetic of slots, pure: what is in use, whether more fit, and when to come again."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
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

    def without(self, slots: int, now: datetime, *, leased: bool) -> "Limit":
        """Return the limit once slots of it are taken; those of a limit that decays are never counted as leased."""
        unleased, counted = self.unleased_at(now), leased and not self.decay
        if counted:
            return replace(self, unleased=unleased, drained_at=now, leased=self.leased + slots)
        return replace(self, unleased=unleased + slots, drained_at=now)

    def denying(self, slots: int, now: datetime, waits: Waits) -> "Limit":
        """Return the limit once slots of it were denied."""
        return replace(self, denied=self.denied_at_time(now, waits) + slots, denied_at=now)


@dataclass(frozen=True, slots=True)
class Denied:
    """Not all slots are free. `retry_after` in seconds; `blocking` are the limits that have too few."""

    retry_after: float
    blocking: Sequence[Limit]


def share_out(
    limits: Sequence[Limit],
    asked: Iterable[tuple[int, bool]],
    now: datetime,
    waits: Waits,
    uniform: Callable[[], float],
) -> tuple[list[Limit], list[Denied | None]]:
    """Give out slots of each of these limits to those who ask, one after the other: all that one asks for, or none.

    `asked` are slots and whether they are to be leased; limits that are not active are always free; `uniform` gives
    random numbers in [0, 1). Return the limits as they are afterwards, and why one got nothing, or None.
    """
    after, answers = list(limits), list[Denied | None]()
    for slots, leased in asked:
        blocking = [limit for limit in after if limit.active and limit.free(now) < slots]
        if blocking:
            answers.append(Denied(seconds_to_wait(blocking, slots, now, waits, uniform()), blocking))
            after = [limit.denying(slots, now, waits) if limit in blocking else limit for limit in after]
        else:
            answers.append(None)
            after = [limit.without(slots, now, leased=leased) if limit.active else limit for limit in after]
    return after, answers


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
