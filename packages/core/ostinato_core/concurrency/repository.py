"""All SQL about concurrency limits; that about their leases is in `leases`."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Float,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    case,
    cast,
    delete,
    func,
    select,
    update,
)

from ostinato_core.concurrency.slots import TAG_PREFIX
from ostinato_core.db.dialects import Dialect
from ostinato_core.db.prepared import Prepared, prepare, prepare_insert_or_ignore, prepared_update
from ostinato_core.db.tables import concurrency_leases, concurrency_limits
from ostinato_core.db.types import Id, Json
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction

_LIMIT = concurrency_limits.c
_LEASE = concurrency_leases.c


def _summed(condition: ColumnElement[bool], what: ColumnElement[int] | int) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, what), else_=0)), 0)


def _select(*conditions: ColumnElement[bool]) -> Select[Any]:  # Any: columns are of many types
    """Select limits with the sums of their leases; those that drain are counted by their limit."""
    live = _LEASE.expires > bindparam("now")
    lapsed = _LEASE.expires <= bindparam("now")
    counted = and_(_LEASE.limit_id == _LIMIT.id, _LEASE.drains.is_(False))
    return (
        select(
            *(column for column in concurrency_limits.c if column.name != "workspace_id"),
            _summed(live, _LEASE.slots).label("leased"),
            _summed(lapsed, _LEASE.slots).label("lapsed"),
            _summed(lapsed, 1).label("lapsed_leases"),
        )
        .select_from(concurrency_limits.outerjoin(concurrency_leases, counted))
        .where(_LIMIT.workspace_id == bindparam("workspace_id"), *conditions)
        .group_by(_LIMIT.id)
    )


def is_among_names(dialect: Dialect) -> ColumnElement[bool]:
    """Whether the name of a limit is one of the list `:names`."""
    if dialect.name == "postgresql":
        return _LIMIT.name == any_(bindparam("names", type_=ARRAY(Text)))
    names = func.json_each(bindparam("names", type_=Json())).table_valued("value")
    return _LIMIT.name.in_(select(names.c.value))


def _is_among_ids(dialect: Dialect) -> ColumnElement[bool]:
    if dialect.name == "postgresql":
        return _LIMIT.id == any_(bindparam("ids", type_=ARRAY(Id)))
    ids = func.json_each(bindparam("ids", type_=Json())).table_valued("value")
    return cast(_LIMIT.id, Text).in_(select(func.replace(ids.c.value, "-", "")))


_IS_FOR_TAG = func.substr(_LIMIT.name, 1, len(TAG_PREFIX)) == TAG_PREFIX
_MOST, _OFFSET = bindparam("most", type_=BigInteger()), bindparam("offset", type_=BigInteger())

_BY_ID = prepare(_select(_LIMIT.id == bindparam("id")))
_BY_NAME = prepare(_select(_LIMIT.name == bindparam("name")))
_BY_NAMES = Prepared(lambda dialect: _select(is_among_names(dialect)).order_by(_LIMIT.id))
_BY_IDS = Prepared(lambda dialect: _select(_is_among_ids(dialect)).order_by(_LIMIT.id))
_ALL = prepare(_select().order_by(_LIMIT.name).limit(_MOST).offset(_OFFSET))
_ALL_FOR_TAGS = prepare(_select(_IS_FOR_TAG).order_by(_LIMIT.name).limit(_MOST).offset(_OFFSET))
_INSERT = prepare_insert_or_ignore(concurrency_limits, "workspace_id", "name")
_DELETE = prepare(
    delete(concurrency_limits).where(_LIMIT.id == bindparam("id"), _LIMIT.workspace_id == bindparam("workspace_id"))
)
_LOCK = prepare(update(concurrency_limits).where(_LIMIT.id == bindparam("id")).values(version=_LIMIT.version))
_DENIED = _LIMIT.denied_slots + bindparam("change", type_=Float())
# Where many are denied at once, not each is counted: none shall wait for the others to be told to wait.
_IDLE = select(_LIMIT.id).where(_LIMIT.id == bindparam("id")).with_for_update(skip_locked=True)
_DENY = prepare(
    update(concurrency_limits)
    .where(_LIMIT.id.in_(_IDLE))
    .values(denied_slots=case((_DENIED > 0, _DENIED), else_=0.0), denied_at=bindparam("now"))
)


def occupancy_after(per_slot: ColumnElement[float], times: ColumnElement[int] | None = None) -> ColumnElement[float]:
    """Return the new average of a limit after a slot was held for `per_slot` seconds, so many times."""
    known = _LIMIT.avg_slot_occupancy_seconds
    share = 1 / (2.0 * _LIMIT.limit)
    weight = share if times is None else 1 - func.power(1 - share, cast(times, Float()))
    return case((_LIMIT.limit > 0, known + (per_slot - known) * weight), else_=known)


def without(slots: ColumnElement[Any]) -> ColumnElement[float]:  # Any: whole numbers and others
    """Return what a limit's unleased slots are without so many; they do not fall below 0."""
    return case((_LIMIT.unleased_slots > slots, _LIMIT.unleased_slots - slots), else_=0.0)


@cache
def _give_back(*, tells_occupancy: bool) -> Prepared:
    def build(dialect: Dialect) -> Any:  # Any: an UPDATE with RETURNING, which SQLAlchemy types by its columns
        of_names = _LIMIT.workspace_id == bindparam("workspace_id"), is_among_names(dialect)
        # In order, so that two that give back slots of several limits do not wait for each other.
        ids = select(_LIMIT.id).where(*of_names).order_by(_LIMIT.id).with_for_update()
        values: JsonDict = {
            "unleased_slots": without(bindparam("slots", type_=Float())),
            "version": _LIMIT.version + 1,
        }
        if tells_occupancy:
            values["avg_slot_occupancy_seconds"] = occupancy_after(bindparam("per_slot", type_=Float()))
        statement = update(concurrency_limits).where(_LIMIT.id.in_(ids)).values(values)
        return statement.returning(_LIMIT.id, _LIMIT.name, _LIMIT.limit)

    return Prepared(build)


def _keys(tx: Transaction, **others: Any) -> JsonDict:  # Any: parameters are of many types
    return {"workspace_id": tx.workspace_id, "now": tx.now, **others}


async def find(tx: Transaction, limit_id: UUID) -> Row | None:
    """Return the limit, or None."""
    return await tx.first(_BY_ID, _keys(tx, id=limit_id))


async def find_by_name(tx: Transaction, name: str) -> Row | None:
    """Return the limit of the name, or None."""
    return await tx.first(_BY_NAME, _keys(tx, name=name))


async def select_by_names(tx: Transaction, names: Sequence[str]) -> Sequence[Row]:
    """Return the limits of these names that there are, in order of their ids."""
    return await tx.rows(_BY_NAMES, _keys(tx, names=list(names)))


async def select_by_ids(tx: Transaction, ids: Sequence[UUID]) -> Sequence[Row]:
    """Return the limits of these ids that there are, in order of their ids."""
    return await tx.rows(_BY_IDS, _keys(tx, ids=list(ids)))


async def select_all(tx: Transaction, limit: int, offset: int, *, for_tags: bool = False) -> Sequence[Row]:
    """Return limits in order of their names: all, or those on task tags."""
    return await tx.rows(_ALL_FOR_TAGS if for_tags else _ALL, _keys(tx, most=limit, offset=offset))


async def insert(tx: Transaction, row: JsonDict) -> bool:
    """Insert a limit; return False where its name exists."""
    return await tx.run(_INSERT, {**row, "workspace_id": tx.workspace_id}) == 1


async def write(tx: Transaction, limit_id: UUID, values: JsonDict) -> int:
    """Write columns of a limit; who is deciding on it decides again. Return how many limits were changed."""
    own = (_LIMIT.id == limit_id, _LIMIT.workspace_id == tx.workspace_id)
    statement = update(concurrency_limits).where(*own)
    return await tx.run(statement.values(**values, updated=tx.now, version=_LIMIT.version + 1))


async def delete_one(tx: Transaction, limit_id: UUID) -> None:
    """Delete a limit."""
    await tx.run(_DELETE, {"id": limit_id, "workspace_id": tx.workspace_id})


async def lock(tx: Transaction, limit_id: UUID) -> None:
    """Hold a limit until the transaction ends: others that take slots of it wait."""
    await tx.run(_LOCK, {"id": limit_id})


async def write_guarded(tx: Transaction, limit_id: UUID, version: int, values: JsonDict, *, alone: bool) -> bool:
    """Write columns of a limit if its version still is `version`; return whether it was."""
    statement = prepared_update(concurrency_limits, tuple(values), guard="version")
    run = tx.run_alone if alone else tx.run
    return await run(statement, {**values, "key": limit_id, "guard": version}) == 1


async def deny(tx: Transaction, limit_id: UUID, change: float, *, alone: bool) -> None:
    """Change the number of denied slots, as at now."""
    await (tx.run_alone if alone else tx.run)(_DENY, {"id": limit_id, "change": change, "now": tx.now})


async def give_back(
    tx: Transaction, names: Sequence[str], slots: int, occupancy_per_slot: float | None
) -> Sequence[Row]:
    """Give back slots that were taken without a lease; return id, name and limit of the limits that there are."""
    keys: JsonDict = {"workspace_id": tx.workspace_id, "names": list(names), "slots": float(slots)}
    if occupancy_per_slot is not None:
        keys["per_slot"] = occupancy_per_slot
    return await tx.rows(_give_back(tells_occupancy=occupancy_per_slot is not None), keys)
