"""Taking slots: of all the limits that are asked for, or of none, atomically across any number of servers.

A limit is read with its leases summed up, without locking anything, and the slots are written if the limit's version
still is the one that was read: one statement to read, one to write. Who loses that race decides again, and then with
the limits locked, so that a race is lost once.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import random

from ostinato_core.concurrency import leases, repository
from ostinato_core.concurrency.leases import NO_LIMIT, NewLease, lease_row
from ostinato_core.concurrency.rows import limit_of
from ostinato_core.concurrency.slots import Limit, Waits, seconds_to_wait
from ostinato_core.errors import LostRace
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Denied:
    """Not all slots are free. `retry_after` in seconds; `blocking` are the limits that have too few."""

    retry_after: float
    blocking: Sequence[Limit]


async def read_limits(tx: Transaction, read: Callable[[], Awaitable[Sequence[Row]]]) -> list[Limit]:
    """Return the limits that `read` finds, to take slots of them; locked if this operation has lost a race before."""
    limits = [limit_of(row) for row in await read()]
    if tx.attempt:
        for limit in limits:
            await repository.lock(tx, limit.id)
        limits = [limit_of(row) for row in await read()]
    return limits


async def take(
    tx: Transaction,
    limits: Sequence[Limit],
    slots: int,
    lease: NewLease | None,
    waits: Waits,
    *,
    alone: bool = False,
    uniform: Callable[[], float] = random,
) -> Denied | None:
    """Take `slots` of each of these limits, or say why not; limits that are not active are always free.

    `limits` are in order of their ids, from `read_limits`; `alone`: the operation writes nothing else. Without
    `lease` the slots are only counted. `uniform` gives random numbers in [0, 1). Errors: LostRace.
    """
    active = [limit for limit in limits if limit.active]
    blocking = [limit for limit in active if limit.free(tx.now) < slots]
    if blocking:
        await _deny(tx, blocking, slots, waits, alone=alone)
        return Denied(seconds_to_wait(blocking, slots, tx.now, waits, uniform()), blocking)
    alone = alone and len(active) == 1
    for limit in active:
        if limit.free(tx.now) - limit.lapsed < slots:
            await leases.delete_lapsed(tx, limit.id, limit.lapsed_leases)
            alone = False
        if not await _take(tx, limit, slots, lease, alone=alone):
            raise LostRace
    if lease is not None and not active:
        await leases.insert(tx, lease_row(tx, lease, NO_LIMIT, slots))
    return None


async def _deny(tx: Transaction, blocking: Sequence[Limit], slots: int, waits: Waits, *, alone: bool) -> None:
    for limit in blocking:
        change = limit.denied_at_time(tx.now, waits) - limit.denied + slots
        await repository.deny(tx, limit.id, change, alone=alone and len(blocking) == 1)


async def _take(tx: Transaction, limit: Limit, slots: int, lease: NewLease | None, *, alone: bool) -> bool:
    drains = limit.decay > 0
    if lease is not None and not drains:
        row = lease_row(tx, lease, limit.id, slots)
        if tx.dialect.chains_writes:
            return await leases.insert_guarded(tx, row, limit.version, alone=alone)
        await leases.insert(tx, row)
        return await repository.write_guarded(tx, limit.id, limit.version, {"version": limit.version + 1}, alone=False)
    if lease is not None:
        await leases.insert(tx, lease_row(tx, lease, limit.id, slots, drains=True))
    values: JsonDict = {
        "unleased_slots": limit.unleased_at(tx.now) + slots,
        "drained_at": tx.now,
        "version": limit.version + 1,
    }
    return await repository.write_guarded(tx, limit.id, limit.version, values, alone=alone and lease is None)
