"""All SQL about leases: they are taken, renewed and given back, and what was held is averaged for those who wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Float,
    Select,
    any_,
    bindparam,
    case,
    cast,
    column,
    delete,
    func,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy import insert as insert_into

from ostinato_core.concurrency import repository
from ostinato_core.concurrency.repository import occupancy_after, without
from ostinato_core.concurrency.slots import LEAST_OCCUPANCY, TAG_PREFIX
from ostinato_core.db.dialects import Dialect
from ostinato_core.db.prepared import Prepared, prepare, prepare_insert
from ostinato_core.db.tables import concurrency_leases, concurrency_limits, flow_runs, task_runs
from ostinato_core.db.types import Id
from ostinato_core.errors import LostRace
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.concurrency import ConcurrencyLeaseHolder

NO_LIMIT = UUID(int=0)
"""In place of the limit of a lease that holds slots of none."""
FOR_EVER = timedelta(days=36_500)
"""How long slots are held that nobody renews: until their holder ends."""
_LONG = timedelta(days=1)
"""Leases that last longer than this are held until their holder ends."""

_LIMIT = concurrency_limits.c
_LEASE = concurrency_leases.c
_OWN = _LEASE.workspace_id == bindparam("workspace_id")
_IS_FOR_TAG = _LEASE.limit_id.in_(select(_LIMIT.id).where(func.substr(_LIMIT.name, 1, len(TAG_PREFIX)) == TAG_PREFIX))
_INSERT = prepare_insert(concurrency_leases)
_RENEW = prepare(
    update(concurrency_leases).where(_LEASE.lease_id == bindparam("lease"), _OWN).values(expires=bindparam("until"))
)
_FIND = prepare(select(_LEASE.lease_id).where(_LEASE.lease_id == bindparam("lease"), _OWN).limit(1))
_LAPSED = (
    select(_LEASE.lease_id, _LEASE.limit_id)
    .where(_LEASE.limit_id == bindparam("limit_id"), _LEASE.expires <= bindparam("now"), _LEASE.drains.is_(False))
    # Who is giving back one of them has locked it and waits for the limit, which is locked here.
    .with_for_update(skip_locked=True)
)
_DELETE_LAPSED = prepare(
    delete(concurrency_leases).where(
        tuple_(_LEASE.lease_id, _LEASE.limit_id).in_(_LAPSED), _LEASE.expires <= bindparam("now")
    )
)
_HOLDERS = prepare(
    select(_LEASE.limit_id, _LEASE.holder_id)
    .where(
        _IS_FOR_TAG,
        _OWN,
        _LEASE.holder_type == "task_run",
        _LEASE.expires > bindparam("now"),
    )
    .order_by(_LEASE.created, _LEASE.lease_id)
)


@dataclass(frozen=True, slots=True)
class NewLease:
    """A lease that is to be made: its id, when it expires, and who holds it."""

    id: UUID
    expires: datetime
    holder: ConcurrencyLeaseHolder | None = None


def is_endless(expires: datetime, now: datetime) -> bool:
    """Whether a lease is held until its holder ends, and not until it expires."""
    return expires > now + _LONG


def lease_row(tx: Transaction, lease: NewLease, limit_id: UUID, slots: int, *, drains: bool = False) -> JsonDict:
    """Return the row by which a lease holds slots of a limit."""
    return {
        "lease_id": lease.id,
        "limit_id": limit_id,
        "workspace_id": tx.workspace_id,
        "slots": slots,
        "drains": drains,
        "holder_type": lease.holder.type.value if lease.holder else None,
        "holder_id": lease.holder.id if lease.holder else None,
        "created": tx.now,
        "expires": lease.expires,
    }


async def insert(tx: Transaction, rows: Sequence[JsonDict]) -> None:
    """Insert rows of leases, whether the limit has room or not."""
    if rows:
        await tx.run(_INSERT, rows)


async def insert_guarded(
    tx: Transaction, rows: Sequence[JsonDict], limit_id: UUID, version: int, values: JsonDict, *, alone: bool
) -> bool:
    """Write columns of a limit if its version still is `version`, and rows of leases on it; return whether it was.

    `alone`: the operation writes nothing else.
    """
    if not rows or not tx.dialect.chains_writes:
        alone = alone and not rows
        is_same = await repository.write_guarded(tx, limit_id, version, values, alone=alone)
        if is_same:
            await insert(tx, rows)
        return is_same
    parameters = {"key": limit_id, "guard": version, "workspace_id": tx.workspace_id, "now": tx.now}
    parameters |= {"drains": rows[0]["drains"], **{f"limit_{name}": value for name, value in values.items()}}
    parameters |= {f"{name}_list": [row[name] for row in rows] for name in _LISTED}
    return await (tx.run_alone if alone else tx.run)(_insert_in_one(tuple(values)), parameters) == len(rows)


async def renew(tx: Transaction, lease_id: UUID, until: datetime, *, alone: bool = False) -> bool:
    """Let a lease expire at another time; return False where it is gone.

    One that has expired can be renewed for as long as nobody has taken its slots.
    """
    keys = {"lease": lease_id, "workspace_id": tx.workspace_id, "until": until}
    return await (tx.run_alone if alone else tx.run)(_RENEW, keys) > 0


async def is_there(tx: Transaction, lease_id: UUID) -> bool:
    """Whether a lease is there, expired or not: whether it can be renewed."""
    return await tx.value(_FIND, {"lease": lease_id, "workspace_id": tx.workspace_id}) is not None


async def delete_lapsed(tx: Transaction, limit_id: UUID, count: int) -> None:
    """Take away the leases on a limit that have expired.

    Errors: LostRace where they are not `count` any more, because one was renewed or given back meanwhile.
    """
    if await tx.run(_DELETE_LAPSED, {"limit_id": limit_id, "now": tx.now}) != count:
        raise LostRace


async def task_runs_holding(tx: Transaction) -> dict[UUID, list[UUID]]:
    """Return the task runs that hold slots on tags, by the limit, the first first."""
    held: dict[UUID, list[UUID]] = {}
    for row in await tx.rows(_HOLDERS, {"workspace_id": tx.workspace_id, "now": tx.now}):
        held.setdefault(row["limit_id"], []).append(row["holder_id"])
    return held


async def release(tx: Transaction, lease_ids: Sequence[UUID], *, alone: bool = False) -> None:
    """Give back the slots of leases; one that is gone needs nothing. `alone`: the operation writes nothing else."""
    if tx.dialect.chains_writes:
        await _release(tx, "lease", {"leases": lease_ids}, alone=alone)
        return
    for lease_id in lease_ids:
        await _release(tx, "lease", {"lease": lease_id}, alone=False)


async def extend_all(tx: Transaction, since: datetime, until: datetime) -> None:
    """Let the leases of all workspaces that have expired since a time, or soon will, last until another."""
    mine = (_LEASE.expires > since, _LEASE.expires < until)
    keys = select(_LEASE.lease_id, _LEASE.limit_id).where(*mine).order_by(_LEASE.lease_id, _LEASE.limit_id)
    chosen = tuple_(_LEASE.lease_id, _LEASE.limit_id).in_(keys.with_for_update())
    await tx.run(update(concurrency_leases).where(chosen).values(expires=until))


async def find_expired(tx: Transaction, limit: int) -> Sequence[Row]:
    """Return `lease_id`, workspace and expiry of leases that have expired, in all workspaces, at most `limit`."""
    found = select(_LEASE.lease_id, _LEASE.workspace_id, _LEASE.expires).where(_LEASE.expires <= tx.now)
    return await tx.rows(found.order_by(_LEASE.expires).limit(limit))


async def release_expired(tx: Transaction, lease_ids: Sequence[UUID]) -> int:
    """Take away those of the leases that have expired, and return how many there were.

    Their slots are free already; what is new is that their limits learn for how long they were held.
    """
    expired = (tx.dialect.is_one_of(_LEASE.lease_id, lease_ids), _LEASE.workspace_id == tx.workspace_id)
    keys = select(_LEASE.lease_id, _LEASE.limit_id).where(*expired, _LEASE.expires <= tx.now)
    # Who is giving back or renewing one of them has locked it.
    chosen = tuple_(_LEASE.lease_id, _LEASE.limit_id).in_(keys.with_for_update(skip_locked=True))
    gone = delete(concurrency_leases).where(chosen, _LEASE.expires <= tx.now).returning(*concurrency_leases.c)
    rows = await tx.rows(gone)
    by_limit: dict[UUID, list[JsonDict]] = {}
    for row in rows:
        by_limit.setdefault(row["limit_id"], []).append(_given_back(tx, row))
    for limit_id in sorted(by_limit):  # in order, as those who take slots lock them
        given = by_limit[limit_id]
        per_slot = sum(each["per_slot"] for each in given) / len(given)
        drained = sum(each["drained"] for each in given)
        await tx.run(_TAKE_IN, {"id": limit_id, "per_slot": per_slot, "drained": drained})
    return len({row["lease_id"] for row in rows})


async def release_tag_slots(tx: Transaction, task_run_id: UUID, limit_id: UUID | None = None) -> None:
    """Give back the slots on tags that a task run holds: all of them, or those of one limit."""
    if limit_id is None:
        await _release(tx, "holder", {"holder": task_run_id}, alone=False)
    else:
        await _release(tx, "holder on limit", {"holder": task_run_id, "limit_id": limit_id}, alone=False)


async def revoke_all(tx: Transaction, limit_id: UUID) -> None:
    """Take away all leases on a limit."""
    await tx.run(delete(concurrency_leases).where(_LEASE.limit_id == limit_id))


async def revoke_endless(tx: Transaction, limit_id: UUID) -> None:
    """Take away the leases on a limit that last until their holder ends: the others expire by themselves."""
    await tx.run(delete(concurrency_leases).where(_LEASE.limit_id == limit_id, _LEASE.expires > tx.now + _LONG))


async def revoke_beyond(tx: Transaction, limit_id: UUID, slots: int) -> None:
    """Take away the oldest leases on a limit, so that the others hold `slots` at most."""
    newest_first = func.sum(_LEASE.slots).over(order_by=(_LEASE.created.desc(), _LEASE.lease_id.desc()))
    summed = (
        select(_LEASE.lease_id, newest_first.label("held"))
        .where(_LEASE.limit_id == limit_id, _LEASE.drains.is_(False))
        .subquery()
    )
    beyond = select(summed.c.lease_id).where(summed.c.held > slots)
    await tx.run(delete(concurrency_leases).where(_LEASE.limit_id == limit_id, _LEASE.lease_id.in_(beyond)))


Ids = Sequence[UUID] | Select[tuple[UUID]]


async def release_of_flow_runs(tx: Transaction, flow_run_ids: Ids) -> None:
    """Give back what flow runs hold that are about to be deleted: deployment slots, and tag slots of task runs."""
    holds = flow_runs.c.state_type.in_(("PENDING", "RUNNING", "CANCELLING")), flow_runs.c.deployment_id.is_not(None)
    lease = tx.dialect.json_id(flow_runs.c.state_details, "deployment_concurrency_lease_id")
    own = flow_runs.c.id.in_(flow_run_ids), flow_runs.c.workspace_id == tx.workspace_id
    of_runs = select(lease).where(*own, *holds, lease.is_not(None))
    await tx.run(delete(concurrency_leases).where(_LEASE.lease_id.in_(of_runs)))
    await release_of_task_runs(tx, select(task_runs.c.id).where(task_runs.c.flow_run_id.in_(flow_run_ids)))


async def release_of_task_runs(tx: Transaction, task_run_ids: Ids) -> None:
    """Give back the slots that task runs would hold for ever, once they are deleted."""
    held = _LEASE.holder_type == "task_run", _LEASE.holder_id.in_(task_run_ids)
    await tx.run(delete(concurrency_leases).where(*held, _LEASE.expires > tx.now + _LONG))


async def _release(tx: Transaction, by: str, keys: JsonDict, *, alone: bool) -> None:
    keys |= {"workspace_id": tx.workspace_id}
    if tx.dialect.chains_writes:
        await (tx.run_alone if alone else tx.run)(_release_in_one(by), {**keys, "now": tx.now})
        return
    for row in await tx.rows(_delete_returning(by), keys):
        await tx.run(_TAKE_IN, {"id": row["limit_id"], **_given_back(tx, row)})


def _given_back(tx: Transaction, row: Row) -> JsonDict:
    occupancy = (tx.now - row["created"]).total_seconds() / row["slots"]
    drained = row["slots"] if row["drains"] else 0
    return {"per_slot": max(occupancy, LEAST_OCCUPANCY), "drained": float(drained)}


_TAKE_IN = prepare(
    update(concurrency_limits)
    .where(_LIMIT.id == bindparam("id"))
    .values(
        avg_slot_occupancy_seconds=occupancy_after(bindparam("per_slot", type_=Float())),
        unleased_slots=without(bindparam("drained", type_=Float())),
        version=_LIMIT.version + 1,
    )
)


def _chosen(dialect: Dialect, by: str) -> tuple[ColumnElement[bool], ...]:
    if by == "lease" and dialect.chains_writes:
        return (_LEASE.lease_id == any_(bindparam("leases", type_=ARRAY(Id))), _OWN)
    if by == "lease":
        return (_LEASE.lease_id == bindparam("lease"), _OWN)
    held = _LEASE.holder_id == bindparam("holder"), _LEASE.holder_type == "task_run", _OWN
    if by == "holder":
        return (*held, _IS_FOR_TAG)
    return (*held, _LEASE.limit_id == bindparam("limit_id"))


@cache
def _delete_returning(by: str) -> Prepared:
    columns = _LEASE.limit_id, _LEASE.slots, _LEASE.drains, _LEASE.created
    return Prepared(lambda dialect: delete(concurrency_leases).where(*_chosen(dialect, by)).returning(*columns))


_LISTED = "lease_id", "slots", "holder_type", "holder_id", "expires"


@cache
def _insert_in_one(changed: tuple[str, ...]) -> Prepared:
    """Return the one statement, for Postgres, that writes columns of a limit and, if it could, leases on it."""

    def build(dialect: Dialect) -> Any:  # Any: an INSERT
        values = {name: bindparam(f"limit_{name}", type_=_LIMIT[name].type) for name in changed}
        same = _LIMIT.id == bindparam("key"), _LIMIT.version == bindparam("guard")
        written = update(concurrency_limits).where(*same).values(values).returning(_LIMIT.id).cte("written")
        lists = [bindparam(f"{name}_list", type_=ARRAY(_LEASE[name].type)) for name in _LISTED]
        given = func.unnest(*lists).table_valued(*(column(name, _LEASE[name].type) for name in _LISTED))
        new = given.render_derived(name="new")
        selected: dict[str, ColumnElement[Any]] = {  # Any: of many types
            **{name: new.c[name] for name in _LISTED},
            "limit_id": written.c.id,
            "workspace_id": bindparam("workspace_id", type_=_LEASE.workspace_id.type),
            "drains": bindparam("drains", type_=_LEASE.drains.type),
            "created": bindparam("now", type_=_LEASE.created.type),
        }
        rows = select(*selected.values()).select_from(new.join(written, true()))
        return insert_into(concurrency_leases).from_select(list(selected), rows, include_defaults=False)

    return Prepared(build)


@cache
def _release_in_one(by: str) -> Prepared:
    """Return the one statement that deletes leases and tells their limits, for Postgres."""

    def build(dialect: Dialect) -> Any:  # Any: an UPDATE
        columns = _LEASE.limit_id, _LEASE.slots, _LEASE.drains, _LEASE.created
        gone = delete(concurrency_leases).where(*_chosen(dialect, by)).returning(*columns).cte("gone")
        held = dialect.seconds_between(bindparam("now", type_=_LEASE.created.type), gone.c.created)
        summed = (
            select(
                gone.c.limit_id,
                func.avg(func.greatest(held / gone.c.slots, LEAST_OCCUPANCY)).label("per_slot"),
                func.count().label("times"),
                func.sum(case((gone.c.drains, gone.c.slots), else_=0)).label("drained"),
            )
            .group_by(gone.c.limit_id)
            .cte("summed")
        )
        # In order, as those who take slots lock them.
        locked = (
            select(_LIMIT.id)
            .where(_LIMIT.id.in_(select(gone.c.limit_id)))
            .order_by(_LIMIT.id)
            .with_for_update()
            .cte("locked")
        )
        drained: ColumnElement[float] = cast(summed.c.drained, Float())
        return (
            update(concurrency_limits)
            .where(_LIMIT.id == locked.c.id, _LIMIT.id == summed.c.limit_id)
            .values(
                avg_slot_occupancy_seconds=occupancy_after(cast(summed.c.per_slot, Float()), summed.c.times),
                unleased_slots=without(drained),
                version=_LIMIT.version + cast(case((drained > 0, 1), else_=0), BigInteger()),
            )
        )

    return Prepared(build)
