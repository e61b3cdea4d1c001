"""What rules ask about slots, answered in the transaction that writes the state: what they take is lost with it."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from random import random
from uuid import UUID

from ostinato_core.concurrency import leases, repository
from ostinato_core.concurrency.leases import NewLease
from ostinato_core.concurrency.rows import limit_of
from ostinato_core.concurrency.slots import JITTER, Limit, Waits
from ostinato_core.concurrency.tag_limits import hold_tag_slots, read_limits_on, tag_of
from ostinato_core.concurrency.taking import Ask, read_limits, take
from ostinato_core.ids import new_id
from ostinato_core.orchestration.jitter import clamped_poisson_interval
from ostinato_core.orchestration.ports import DeploymentSlot, SlotTimes, TagSlots
from ostinato_core.settings import server_settings
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_wire.concurrency import ConcurrencyLeaseHolder, HolderType


class SlotPorts:
    """The part of `orchestration.ports.Ports` that is about slots. Errors: LostRace."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    @property
    def slot_times(self) -> SlotTimes:
        return _times()

    async def take_deployment_slot(self, limit_id: UUID, flow_run_id: UUID, lifetime: timedelta) -> DeploymentSlot:
        limits = await read_limits(self._tx, lambda: self._rows(limit_id))
        if not limits:
            return DeploymentSlot(None, None)
        holder = ConcurrencyLeaseHolder(type=HolderType.FLOW_RUN, id=flow_run_id)
        lease = NewLease(new_id(), self._tx.now + lifetime, holder)
        (denied,) = await take(self._tx, limits, [Ask(1, lease)], _waits())
        return DeploymentSlot(None if denied else lease.id, limits[0].limit)

    async def is_full(self, limit_id: UUID) -> bool:
        return any(row["active"] and limit_of(row).free(self._tx.now) <= 0 for row in await self._rows(limit_id))

    async def take_tag_slots(self, tags: Sequence[str], task_run_id: UUID) -> TagSlots:
        limits = await read_limits_on(self._tx, tags)
        if not limits:
            return TagSlots()
        order = {tag: place for place, tag in enumerate(tags)}
        limited = sorted((tag_of(limit) for limit in limits), key=order.__getitem__)
        zero = [tag_of(limit) for limit in limits if limit.limit <= 0]
        if zero:
            return TagSlots(zero=sorted(zero, key=order.__getitem__))
        denied, lease_id = await hold_tag_slots(self._tx, limits, task_run_id, _waits())
        if denied is not None:
            return TagSlots(full=limited, wait=self._wait(denied.blocking))
        return TagSlots(lease_id)

    async def has_lease(self, lease_id: UUID) -> bool:
        return await leases.is_there(self._tx, lease_id)

    async def renew_lease(self, lease_id: UUID, lifetime: timedelta) -> bool:
        return await leases.renew(self._tx, lease_id, self._tx.now + lifetime)

    async def release_lease(self, lease_id: UUID) -> None:
        await leases.release(self._tx, [lease_id])

    async def _rows(self, limit_id: UUID) -> Sequence[Row]:
        row = await repository.find(self._tx, limit_id)
        return [] if row is None else [row]

    def _wait(self, full: Sequence[Limit]) -> float:
        fullest = max(full, key=lambda limit: limit.in_use(self._tx.now) / limit.limit)
        mean = min(fullest.occupancy, _waits().for_limit(fullest.name))
        return clamped_poisson_interval(mean, JITTER, random())  # noqa: S311 - a jitter, no secret


@cache
def _waits() -> Waits:
    settings = server_settings()
    return Waits(settings.concurrency_slot_wait, settings.tag_concurrency_slot_wait)


@cache
def _times() -> SlotTimes:
    settings = server_settings()
    lease, wait = settings.deployment_lease_duration, settings.deployment_slot_wait
    return SlotTimes(timedelta(seconds=lease), timedelta(seconds=wait))
