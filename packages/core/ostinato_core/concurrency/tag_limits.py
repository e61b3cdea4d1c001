"""Limits on the task runs that run at a time with a tag: limits named `tag:<tag>`, seen through the older routes."""

from collections.abc import Sequence
from uuid import UUID

from ostinato_core.concurrency import leases, repository
from ostinato_core.concurrency.errors import TagLimitIsZero, TagLimitNotFound, TagLimitReached
from ostinato_core.concurrency.leases import FOR_EVER, NewLease, lease_row
from ostinato_core.concurrency.operations import delete_row, insert_limit, limit_event
from ostinato_core.concurrency.rows import minimal_json, tag_limit_json
from ostinato_core.concurrency.slots import TAG_PREFIX, Denied, Limit, Waits
from ostinato_core.concurrency.taking import Ask, read_limits, take
from ostinato_core.errors import LostRace
from ostinato_core.events.outbox import record
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.concurrency import (
    ConcurrencyLeaseHolder,
    ConcurrencyLimitCreate,
    ConcurrencyLimitsQuery,
    ConcurrencyLimitV2Create,
    HolderType,
    TagLimitReset,
    TagSlots,
)


async def set_tag_limit(tx: Transaction, body: ConcurrencyLimitCreate) -> tuple[JsonDict, bool]:
    """Limit a tag, or change its limit; return it and whether it is new."""
    row = await repository.find_by_name(tx, TAG_PREFIX + body.tag)
    if row is None:
        made = ConcurrencyLimitV2Create.model_construct(
            name=TAG_PREFIX + body.tag, limit=body.concurrency_limit, active=True
        )
        new = await insert_limit(tx, made)
        if new is None:
            raise LostRace
        return tag_limit_json(new, []), True
    changed = {"limit": body.concurrency_limit}
    await repository.write(tx, row["id"], changed)
    await record(tx, limit_event("updated", {**row, **changed}))
    return await _told(tx, {**row, **changed, "updated": tx.now}), False


async def read_tag_limit(tx: Transaction, id_or_tag: UUID | str) -> JsonDict:
    """Return the limit on a tag. Errors: TagLimitNotFound."""
    return await _told(tx, await _get(tx, id_or_tag))


async def read_tag_limits(tx: Transaction, query: ConcurrencyLimitsQuery, limit: int) -> list[JsonDict]:
    """Return limits on tags in order of the tags, at most `limit`."""
    rows = await repository.select_all(tx, limit, query.offset, for_tags=True)
    holders = await leases.task_runs_holding(tx)
    return [tag_limit_json(row, holders.get(row["id"], [])) for row in rows]


async def delete_tag_limit(tx: Transaction, id_or_tag: UUID | str) -> None:
    """Delete the limit on a tag. Errors: TagLimitNotFound."""
    await delete_row(tx, await _get(tx, id_or_tag))


async def reset_tag_limit(tx: Transaction, tag: str, body: TagLimitReset) -> None:
    """Free all slots on a tag, then give one to each task run that is named. Errors: TagLimitNotFound."""
    row = await _get(tx, tag)
    await repository.lock(tx, row["id"])
    await repository.write(tx, row["id"], {"unleased_slots": 0.0, "drained_at": tx.now})
    await leases.revoke_all(tx, row["id"])
    holders = body.slot_override or []
    await leases.insert(tx, [lease_row(tx, _lease(tx, holder), row["id"], 1) for holder in holders])


async def take_tag_slots(tx: Transaction, body: TagSlots, waits: Waits) -> list[JsonDict]:
    """Give a task run a slot on each of these tags that has a limit. Errors: TagLimitIsZero, TagLimitReached."""
    limits = await read_limits_on(tx, body.names)
    for limit in limits:
        if limit.limit <= 0:
            raise TagLimitIsZero(tag_of(limit))
    denied, _ = await hold_tag_slots(tx, limits, body.task_run_id, waits)
    if denied is not None:
        raise TagLimitReached(tag_of(denied.blocking[0]), waits.most_for_tags)
    return [{**told, "name": tag_of(limit)} for told, limit in zip(minimal_json(limits), limits, strict=True)]


async def release_tag_slots(tx: Transaction, body: TagSlots) -> list[JsonDict]:
    """Give back the slots on tags that a task run holds; return the limits on these tags that there are."""
    limits = await read_limits_on(tx, body.names)
    for limit in limits:
        await leases.release_tag_slots(tx, body.task_run_id, limit.id)
    return minimal_json(limits)


async def read_limits_on(tx: Transaction, tags: Sequence[str]) -> list[Limit]:
    """Return the active limits on these tags, to take slots of them."""
    names = [TAG_PREFIX + tag for tag in tags]
    return [limit for limit in await read_limits(tx, lambda: repository.select_by_names(tx, names)) if limit.active]


async def hold_tag_slots(
    tx: Transaction, limits: Sequence[Limit], task_run_id: UUID, waits: Waits
) -> tuple[Denied | None, UUID]:
    """Give a task run a slot of each of these limits until it ends; return why not, or None, and the lease's id."""
    lease = _lease(tx, task_run_id)
    (denied,) = await take(tx, limits, [Ask(1, lease)], waits)
    return denied, lease.id


def tag_of(limit: Limit) -> str:
    """Return the tag on which a limit is."""
    return limit.name.removeprefix(TAG_PREFIX)


def _lease(tx: Transaction, task_run_id: UUID) -> NewLease:
    return NewLease(new_id(), tx.now + FOR_EVER, ConcurrencyLeaseHolder(type=HolderType.TASK_RUN, id=task_run_id))


async def _told(tx: Transaction, row: Row) -> JsonDict:
    return tag_limit_json(row, (await leases.task_runs_holding(tx)).get(row["id"], []))


async def _get(tx: Transaction, id_or_tag: UUID | str) -> Row:
    if isinstance(id_or_tag, UUID):
        row = await repository.find(tx, id_or_tag)
    else:
        row = await repository.find_by_name(tx, TAG_PREFIX + id_or_tag)
    if row is None or not row["name"].startswith(TAG_PREFIX):
        raise TagLimitNotFound
    return row
