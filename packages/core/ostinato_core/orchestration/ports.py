"""What rules ask of the world: all of it is reading, but for slots, which the writing transaction takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import FlowRunStanding


@dataclass(frozen=True, slots=True)
class DeploymentSlot:
    """What became of asking for a slot: `lease_id` is None where none is free, `limit` where there is no limit."""

    lease_id: UUID | None
    limit: int | None


@dataclass(frozen=True, slots=True)
class TagSlots:
    """What became of asking for slots on tags: a lease, none where no tag is limited, or why not.

    `zero` are the tags without any slots, `full` the limited ones where one has no free slot; `wait` in seconds.
    """

    lease_id: UUID | None = None
    zero: Sequence[str] = ()
    full: Sequence[str] = ()
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class SlotTimes:
    """How long a slot is kept for a run on its way to RUNNING, and when a run that found none asks again."""

    lease: timedelta = timedelta(seconds=300)
    wait: timedelta = timedelta(seconds=30)


class Ports(Protocol):
    """Answers to rules. Errors pass through `decide`."""

    @property
    def slot_times(self) -> SlotTimes:
        """Return the server's settings."""
        ...

    async def flow_run_standing(self, flow_run_id: UUID) -> FlowRunStanding:
        """Return state and run count of a flow run; raises the `FlowRunNotFound` of the caller's house."""
        ...

    async def find_cached_state(self, cache_key: str, now: datetime) -> RunState | None:
        """Return the state of the newest cache entry with this key that has no expiration or one after `now`."""
        ...

    async def take_deployment_slot(self, limit_id: UUID, flow_run_id: UUID, lifetime: timedelta) -> DeploymentSlot:
        """Take a slot of a deployment's limit for a flow run, if one is free, with a lease that lasts `lifetime`."""
        ...

    async def is_full(self, limit_id: UUID) -> bool:
        """Whether all slots of a limit are in use; not where there is no such limit."""
        ...

    async def take_tag_slots(self, tags: Sequence[str], task_run_id: UUID) -> TagSlots:
        """Take a slot on each of these tags that is limited, or none at all, for as long as a task run runs."""
        ...

    async def has_lease(self, lease_id: UUID) -> bool:
        """Whether a lease is there; one that has expired is, until somebody needs its slots."""
        ...

    async def renew_lease(self, lease_id: UUID, lifetime: timedelta) -> bool:
        """Let a lease last `lifetime` from now; return whether it is still there."""
        ...

    async def release_lease(self, lease_id: UUID) -> None:
        """Give back the slots of a lease."""
        ...
