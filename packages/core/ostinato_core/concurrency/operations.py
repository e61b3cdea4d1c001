"""What can be done with concurrency limits and the leases on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from ostinato_core.concurrency import leases, repository
from ostinato_core.concurrency.errors import (
    ConcurrencyLimitNotFound,
    LeaseNotFound,
    LimitsWithoutDecay,
    SlotsExceedLimit,
    SlotsTaken,
)
from ostinato_core.concurrency.leases import NewLease
from ostinato_core.concurrency.rows import limit_json, limit_of, minimal_json, new_limit_json
from ostinato_core.concurrency.slots import FIRST_OCCUPANCY, LEAST_OCCUPANCY, Denied, Limit, Waits
from ostinato_core.concurrency.taking import Ask, read_limits, take
from ostinato_core.errors import Fact, IntegrityConflict, LostRace
from ostinato_core.events.new_event import NewEvent
from ostinato_core.events.outbox import record
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.concurrency import (
    ConcurrencyLimitsQuery,
    ConcurrencyLimitV2Create,
    ConcurrencyLimitV2Update,
    SlotMode,
    SlotsDecrement,
    SlotsIncrement,
    SlotsIncrementWithLease,
)
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME


async def create_limit(tx: Transaction, body: ConcurrencyLimitV2Create) -> JsonDict:
    """Make a limit. Errors: IntegrityConflict where its name exists."""
    row = await insert_limit(tx, body)
    if row is None:
        raise IntegrityConflict
    return new_limit_json(row)


async def insert_limit(tx: Transaction, body: ConcurrencyLimitV2Create) -> Row | None:
    """Make a limit and tell of it; return its row, or None where its name exists."""
    row = _new_row(tx, body)
    if not await repository.insert(tx, row):
        return None
    await record(tx, limit_event("created", row))
    return row


async def read_limit(tx: Transaction, id_or_name: UUID | str) -> JsonDict:
    """Return a limit. Errors: ConcurrencyLimitNotFound."""
    return limit_json(await get_row(tx, id_or_name), tx.now)


async def read_limits_page(tx: Transaction, query: ConcurrencyLimitsQuery, limit: int) -> list[JsonDict]:
    """Return limits in order of their names, at most `limit`."""
    rows = await repository.select_all(tx, limit, query.offset)
    return [limit_json(row, tx.now) for row in rows]


async def update_limit(tx: Transaction, id_or_name: UUID | str, update: ConcurrencyLimitV2Update) -> None:
    """Write the members that are present. Errors: ConcurrencyLimitNotFound, IntegrityConflict for a null or a name.

    Fewer active slots than leases hold revoke the oldest leases: the slots are free at once.
    """
    found = await get_row(tx, id_or_name)
    await repository.lock(tx, found["id"])
    row = await get_row(tx, found["id"])
    values = update.model_dump(exclude_unset=True)
    if None in values.values():
        raise IntegrityConflict
    values |= await _counts(tx, limit_of(row), values)
    await repository.write(tx, row["id"], values)
    await record(tx, limit_event("updated", {**row, **values}))


async def delete_limit(tx: Transaction, id_or_name: UUID | str) -> None:
    """Delete a limit. Errors: ConcurrencyLimitNotFound."""
    await delete_row(tx, await get_row(tx, id_or_name))


async def delete_row(tx: Transaction, row: Row) -> None:
    """Delete the limit of a row, and tell of it; leases on it that are renewed can be renewed until they end."""
    await record(tx, limit_event("deleted", row))
    await delete_owned_limit(tx, row["id"])


async def set_owned_limit(tx: Transaction, name: str, limit: int) -> UUID:
    """Make a limit of this name, or give the one that there is another number of slots; return its id.

    For limits that belong to another object, which tells of the change itself.
    """
    row = await repository.find_by_name(tx, name)
    if row is None:
        row = _new_row(tx, ConcurrencyLimitV2Create.model_construct(name=name, limit=limit))
        if not await repository.insert(tx, row):
            raise LostRace
    elif row["limit"] != limit:
        await repository.write(tx, row["id"], {"limit": limit})
    return row["id"]


async def delete_owned_limit(tx: Transaction, limit_id: UUID) -> None:
    """Delete a limit that belongs to another object, which tells of it."""
    await leases.revoke_endless(tx, limit_id)
    await repository.delete_one(tx, limit_id)


@dataclass(frozen=True, slots=True)
class Granted:
    """Slots that were taken: of which limits, and with which lease, or None."""

    limits: list[JsonDict]
    lease_id: UUID | None


async def take_slots(
    tx: Transaction,
    names: Sequence[str],
    bodies: Sequence[SlotsIncrement | SlotsIncrementWithLease],
    waits: Waits,
) -> list[Granted | Fact]:
    """Take slots of all of the limits of these names that there are, for each of the bodies in turn.

    What is denied is counted, so no refusal is raised here: SlotsTaken, SlotsExceedLimit and LimitsWithoutDecay are
    answers.
    """
    limits = await read_limits(tx, lambda: repository.select_by_names(tx, names))
    answers: list[Granted | Fact | Ask] = [_problem(limits, body) or _ask(tx, body) for body in bodies]
    asks = [answer for answer in answers if isinstance(answer, Ask)]
    denials = iter(await take(tx, limits, asks, waits, alone=True))
    told = minimal_json(limits)
    return [_answer(answer, next(denials), told) if isinstance(answer, Ask) else answer for answer in answers]


async def give_slots_back(tx: Transaction, body: SlotsDecrement) -> list[JsonDict]:
    """Give back slots that were taken without a lease; return the limits that there are."""
    seconds = body.occupancy_seconds
    per_slot = None if seconds is None else max(seconds / body.slots, LEAST_OCCUPANCY)
    rows = await repository.give_back(tx, body.names, body.slots, per_slot)
    return [dict(row) for row in rows]


async def release_leases(tx: Transaction, lease_ids: Sequence[UUID]) -> None:
    """Give back the slots of leases; one that is gone needs nothing."""
    await leases.release(tx, lease_ids, alone=True)


async def renew_lease(tx: Transaction, lease_id: UUID, seconds: float) -> None:
    """Let a lease last for so many seconds from now. Errors: LeaseNotFound."""
    if not await leases.renew(tx, lease_id, tx.now + timedelta(seconds=seconds), alone=True):
        raise LeaseNotFound


def limit_event(change: str, row: Row) -> NewEvent:
    """Return the event that tells of a limit that was created, updated or deleted."""
    return {
        "event": f"prefect.concurrency-limit.{change}",
        "resource": {RESOURCE_ID: f"prefect.concurrency-limit.{row['id']}", RESOURCE_NAME: row["name"]},
        "payload": {
            "name": row["name"],
            "limit": row["limit"],
            "active": bool(row["active"]),
            "slot_decay_per_second": row["slot_decay_per_second"],
        },
    }


def _new_row(tx: Transaction, body: ConcurrencyLimitV2Create) -> JsonDict:
    return {
        "id": new_id(),
        "created": tx.now,
        "updated": tx.now,
        "name": body.name,
        "active": body.active,
        "limit": body.limit,
        "slot_decay_per_second": body.slot_decay_per_second,
        "avg_slot_occupancy_seconds": FIRST_OCCUPANCY,
        "unleased_slots": float(body.active_slots),
        "drained_at": tx.now,
        "denied_slots": float(body.denied_slots),
        "denied_at": tx.now,
        "version": 0,
    }


async def get_row(tx: Transaction, id_or_name: UUID | str) -> Row:
    """Return the row of a limit with its leases summed up. Errors: ConcurrencyLimitNotFound."""
    by_id = isinstance(id_or_name, UUID)
    row = await (repository.find(tx, id_or_name) if by_id else repository.find_by_name(tx, id_or_name))
    if row is None:
        raise ConcurrencyLimitNotFound
    return row


async def _counts(tx: Transaction, limit: Limit, values: JsonDict) -> JsonDict:
    """Return what else is written beside `values`: slots are counted by leases, by drains and since a time."""
    counts: JsonDict = {}
    if "slot_decay_per_second" in values:
        counts = {"unleased_slots": limit.unleased_at(tx.now), "drained_at": tx.now}
    wanted = values.pop("active_slots", None)
    if wanted is not None:
        held = limit.leased + limit.lapsed
        if wanted < held:
            await leases.revoke_beyond(tx, limit.id, wanted)
        counts = {"unleased_slots": float(max(0, wanted - held)), "drained_at": tx.now}
    if "denied_slots" in values:
        counts |= {"denied_slots": float(values["denied_slots"]), "denied_at": tx.now}
    return counts


def _problem(limits: Sequence[Limit], body: SlotsIncrement | SlotsIncrementWithLease) -> Fact | None:
    if any(limit.active and limit.limit < body.slots for limit in limits):
        return SlotsExceedLimit()
    without_decay = [limit.name for limit in limits if not limit.decay]
    if body.mode is SlotMode.RATE_LIMIT and without_decay:
        return LimitsWithoutDecay(without_decay)
    return None


def _ask(tx: Transaction, body: SlotsIncrement | SlotsIncrementWithLease) -> Ask:
    if isinstance(body, SlotsIncrement):
        return Ask(body.slots, None)
    return Ask(body.slots, NewLease(new_id(), tx.now + timedelta(seconds=body.lease_duration), body.holder))


def _answer(ask: Ask, denied: Denied | None, limits: list[JsonDict]) -> Granted | SlotsTaken:
    return SlotsTaken(denied.retry_after) if denied else Granted(limits, ask.lease.id if ask.lease else None)
