"""All SQL about deliveries. One that waits has a `due` time; one that is under way is due when its claim ends."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, exists, select, update

from ostinato_core.automations.deliveries.errors import DeliveryNotFound
from ostinato_core.db.dialects import Dialect
from ostinato_core.db.prepared import Prepared, prepare, prepare_insert
from ostinato_core.db.tables import action_deliveries
from ostinato_core.filters import criteria
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.action_deliveries import ActionDeliveryFilter, DeliveryState
from ostinato_wire.filters import Operator

_OWN = action_deliveries.c
_EARLIER = action_deliveries.alias("earlier")
_PENDING: Final = DeliveryState.PENDING.value
_SHOWN: Final = [column for column in _OWN if column.name not in ("firing", "firing_event")]
"""What a list tells: events may be large."""

_INSERT = prepare_insert(action_deliveries)
_BY_ID = prepare(select(*_OWN).where(_OWN.id == bindparam("id"), _OWN.workspace_id == bindparam("workspace_id")))
_COMES_BEFORE = and_(
    _EARLIER.c.firing_id == _OWN.firing_id,
    _EARLIER.c.action_index < _OWN.action_index,
    ~_EARLIER.c.is_outbound,
    _EARLIER.c.state == _PENDING,
)
_IS_FIRST = ~exists().where(_COMES_BEFORE)
"""No action of the server's own on the same firing is still to be done before this one."""
_WAITS = and_(~_OWN.is_outbound, exists().where(_COMES_BEFORE, _EARLIER.c.due > bindparam("now")))
"""An earlier action was put off: what waits for it must not fill a batch in which others could be done."""
_FIND_DUE = prepare(
    select(_OWN.id, _OWN.workspace_id, _OWN.firing_id, _OWN.action_index, _OWN.due, _OWN.claimed_until)
    .where(_OWN.is_outbound == bindparam("outbound"), _OWN.due <= bindparam("now"), ~_WAITS)
    .order_by(_OWN.due, _OWN.firing_id, _OWN.action_index)
    .limit(bindparam("most"))
)


def _free(dialect: Dialect, *conditions: Any) -> Select[Any]:  # Any: conditions and columns of many types
    return (
        select(_OWN.id)
        .where(dialect.is_in(_OWN.id, "wanted"), _OWN.state == _PENDING, _OWN.due <= bindparam("now"), *conditions)
        .order_by(_OWN.id)
        .with_for_update(skip_locked=True)
    )


def _take(*conditions: Any, **values: Any) -> Prepared:  # Any: as above
    return Prepared(
        lambda dialect: (
            update(action_deliveries)
            .where(_OWN.id.in_(_free(dialect, *conditions)))
            .values(updated=bindparam("at"), **values)
            .returning(*_OWN)
        )
    )


_AGAIN: Final = _OWN.attempts + 1
_TAKE = _take(attempts=_AGAIN)
_TAKE_IN_TURN = _take(_IS_FIRST, attempts=_AGAIN)
_CLAIM = _take(_OWN.claimed_until.is_(None), attempts=_AGAIN, claimed_until=bindparam("until"), due=bindparam("until"))
_TAKE_LAPSED = _take(_OWN.claimed_until <= bindparam("now"))


async def add(tx: Transaction, rows: Sequence[JsonDict]) -> None:
    """Insert deliveries."""
    await tx.run(_INSERT, rows)


async def find_due(tx: Transaction, *, outbound: bool, limit: int) -> Sequence[Row]:
    """Return what is due in all workspaces, the first first: `id`, `workspace_id`, `firing_id`, `due` and
    `claimed_until`, which is given for those whose sender has not said in time what became of them.
    """
    return await tx.rows(_FIND_DUE, {"outbound": outbound, "now": tx.now, "most": limit})


async def take(tx: Transaction, delivery_id: UUID, *, in_turn: bool = True) -> Row | None:
    """Take a delivery for as long as the transaction lasts; None where it is not due, or others come before it."""
    return await tx.first(_TAKE_IN_TURN if in_turn else _TAKE, _wanted(tx, delivery_id))


async def take_all(tx: Transaction, delivery_ids: Sequence[UUID]) -> Sequence[Row]:
    """Take several deliveries for as long as the transaction lasts; those that are due and before which none comes."""
    return sorted(await tx.rows(_TAKE_IN_TURN, _wanted(tx, *delivery_ids)), key=lambda row: row["due"])


async def claim(tx: Transaction, delivery_id: UUID, until: datetime) -> Row | None:
    """Claim a delivery, beyond the transaction, until a time; None where it is not due."""
    return await tx.first(_CLAIM, {**_wanted(tx, delivery_id), "until": until})


async def take_lapsed(tx: Transaction, delivery_id: UUID) -> Row | None:
    """Take a delivery whose claim has ended; None where it has not."""
    return await tx.first(_TAKE_LAPSED, _wanted(tx, delivery_id))


def _wanted(tx: Transaction, *delivery_ids: UUID) -> JsonDict:
    return {"wanted": list(delivery_ids), "now": tx.now, "at": tx.now}


async def write(
    tx: Transaction,
    delivery: Row,
    values: Mapping[str, Any],  # Any: columns of many types
) -> bool:
    """Write columns of a delivery as it was read; return False where that attempt is not the last one, or given up."""
    return await tx.run(_write((*values, "updated")), _written(tx, delivery, values)) == 1


async def write_all(tx: Transaction, written: Sequence[tuple[Row, Mapping[str, Any]]]) -> None:  # Any: as above
    """Write the same columns of several deliveries that were taken."""
    if written:
        rows = [_written(tx, delivery, values) for delivery, values in written]
        await tx.run(_write((*written[0][1], "updated")), rows)


def _written(tx: Transaction, delivery: Row, values: Mapping[str, Any]) -> JsonDict:  # Any: as above
    same = {"read_id": delivery["id"], "read_attempts": delivery["attempts"], "read_state": delivery["state"]}
    return {**values, "updated": tx.now, **same}


@cache
def _write(names: tuple[str, ...]) -> Prepared:
    same = (
        _OWN.id == bindparam("read_id"),
        _OWN.attempts == bindparam("read_attempts"),
        _OWN.state == bindparam("read_state"),
    )
    return prepare(update(action_deliveries).where(*same).values({name: bindparam(name) for name in names}))


async def get(tx: Transaction, delivery_id: UUID) -> Row:
    """Return a delivery. Errors: DeliveryNotFound."""
    row = await tx.first(_BY_ID, {"id": delivery_id, "workspace_id": tx.workspace_id})
    if row is None:
        raise DeliveryNotFound
    return row


async def select_where(tx: Transaction, wanted: ActionDeliveryFilter | None, limit: int, offset: int) -> Sequence[Row]:
    """Return deliveries that match, the newest first; those of a firing in the order of the actions."""
    conditions: list[criteria.Condition | None] = [_OWN.workspace_id == tx.workspace_id]
    if wanted is not None and wanted.automation_id is not None:
        conditions.append(criteria.any_of(tx.dialect, _OWN.automation_id, wanted.automation_id.any_))
    if wanted is not None and wanted.state is not None:
        conditions.append(criteria.any_of(tx.dialect, _OWN.state, wanted.state.any_))
    chosen = select(*_SHOWN).where(criteria.combine(Operator.AND, conditions))
    return await tx.rows(chosen.order_by(_OWN.created.desc(), _OWN.id.desc()).limit(limit).offset(offset))
