"""Taking slots: of all the limits that are asked for, or of none, atomically across any number of servers.

A limit is read with its leases summed up, without locking anything, and the slots are written if the limit's version
still is the one that was read: one statement to read, one to write, for however many ask at once. Who loses that race
decides again, and then with the limits locked, so that a race is lost once.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import random

from ostinato_core.concurrency import leases, repository
from ostinato_core.concurrency.leases import NO_LIMIT, NewLease, lease_row
from ostinato_core.concurrency.rows import limit_of
from ostinato_core.concurrency.slots import Denied, Limit, Waits, share_out
from ostinato_core.errors import LostRace
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Ask:
    """So many slots, of each limit; without a lease they are only counted."""

    slots: int
    lease: NewLease | None


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
    asks: Sequence[Ask],
    waits: Waits,
    *,
    alone: bool = False,
    uniform: Callable[[], float] = random,
) -> list[Denied | None]:
    """Take slots of all these limits for each who asks, in turn; return for each why not, or None.

    `limits` are in order of their ids, from `read_limits`; `alone`: the operation writes nothing else. `uniform` gives
    random numbers in [0, 1). Errors: LostRace.
    """
    asked = [(ask.slots, ask.lease is not None) for ask in asks]
    after, denials = share_out(limits, asked, tx.now, waits, uniform)
    granted = [ask for ask, denied in zip(asks, denials, strict=True) if denied is None]
    if granted:
        await _write(tx, [limit for limit in after if limit.active], granted, alone=alone)
    else:
        await _deny(tx, limits, after, alone=alone)
    return denials


async def _write(tx: Transaction, active: Sequence[Limit], granted: Sequence[Ask], *, alone: bool) -> None:
    """Write limits as they are now that slots were taken of all of them, and the leases on these."""
    alone = alone and len(active) == 1
    for limit in active:
        if limit.free(tx.now) < limit.lapsed:
            await leases.delete_lapsed(tx, limit.id, limit.lapsed_leases)
            alone = False
        rows = _lease_rows(tx, limit, granted)
        values: JsonDict = {
            "unleased_slots": limit.unleased,
            "drained_at": limit.drained_at,
            "denied_slots": limit.denied,
            "denied_at": limit.denied_at,
            "version": limit.version + 1,
        }
        if not await leases.insert_guarded(tx, rows, limit.id, limit.version, values, alone=alone):
            raise LostRace
    if not active:
        await leases.insert(tx, _lease_rows(tx, None, granted))


def _lease_rows(tx: Transaction, limit: Limit | None, granted: Sequence[Ask]) -> list[JsonDict]:
    limit_id, drains = (NO_LIMIT, False) if limit is None else (limit.id, limit.decay > 0)
    return [lease_row(tx, ask.lease, limit_id, ask.slots, drains=drains) for ask in granted if ask.lease is not None]


async def _deny(tx: Transaction, before: Sequence[Limit], after: Sequence[Limit], *, alone: bool) -> None:
    changed = [(limit, old) for old, limit in zip(before, after, strict=True) if limit is not old]
    for limit, old in changed:
        await repository.deny(tx, limit.id, limit.denied - old.denied, alone=alone and len(changed) == 1)
