"""All SQL about service level agreements, but for what they find."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update

from ostinato_core.db.prepared import prepare, prepare_insert, prepare_insert_or_ignore
from ostinato_core.db.tables import sla_watch, slas
from ostinato_core.filters.slas import slas_where
from ostinato_core.slas.errors import SlaNotFound
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.slas import SlaSort, SlasQuery, SlasWhere

_SLA = slas.c
_WATCH = sla_watch.c
_INSERT = prepare_insert(slas)
_NOTE_VIOLATION = prepare(update(slas).where(_SLA.id == bindparam("sla")).values(last_violated=bindparam("deadline")))
_BEGIN_WATCH = prepare_insert_or_ignore(sla_watch, "workspace_id")
_BY_OWNER: Final = (_SLA.owner_resource.asc(), _SLA.name.asc())
_ORDERS: dict[SlaSort, tuple[ColumnElement[Any], ...]] = {  # Any: columns are of many types
    SlaSort.OWNER_ASC: _BY_OWNER,
    SlaSort.LAST_VIOLATED_DESC: (_SLA.last_violated.desc().nulls_last(), *_BY_OWNER),
}


async def get(tx: Transaction, sla_id: UUID) -> Row:
    """Return an agreement. Errors: SlaNotFound."""
    row = await tx.first(select(*_SLA).where(_SLA.id == sla_id, _SLA.workspace_id == tx.workspace_id))
    if row is None:
        raise SlaNotFound
    return row


async def select_where(tx: Transaction, query: SlasQuery, limit: int, offset: int) -> Sequence[Row]:
    """Return the agreements that match, in order."""
    found = select(*_SLA).where(slas_where(tx, query)).order_by(*_ORDERS[query.sort])
    return await tx.rows(found.limit(limit).offset(offset))


async def select_of_owner(tx: Transaction, owner_resource: str) -> Sequence[Row]:
    """Return all agreements of an owner, in order of their names."""
    return await tx.rows(
        select(*_SLA).where(slas_where(tx, SlasWhere(owner_resource=owner_resource))).order_by(_SLA.name)
    )


async def count_where(tx: Transaction, where: SlasWhere) -> int:
    """Return how many agreements match."""
    return await tx.value(select(func.count()).select_from(slas).where(slas_where(tx, where)))


async def insert(tx: Transaction, row: JsonDict) -> None:
    """Insert an agreement."""
    await tx.run(_INSERT, {**row, "workspace_id": tx.workspace_id})


async def write(tx: Transaction, sla_id: UUID, values: JsonDict) -> None:
    """Write columns of an agreement."""
    await tx.run(update(slas).where(_SLA.id == sla_id, _SLA.workspace_id == tx.workspace_id).values(values))


async def set_due(tx: Transaction, sla: Row, due: datetime | None) -> bool:
    """Note until when the next run must complete; return False where the agreement was changed since it was read."""
    unchanged = _SLA.id == sla["id"], _SLA.updated == sla["updated"], _SLA.enabled
    return await tx.run(update(slas).where(*unchanged).values(due=due)) == 1


async def note_violations(tx: Transaction, deadlines: Mapping[UUID, datetime]) -> None:
    """Note of agreements, by their ids, the last deadline that was missed."""
    await tx.run(_NOTE_VIOLATION, [{"sla": sla_id, "deadline": missed} for sla_id, missed in sorted(deadlines.items())])


async def remove(tx: Transaction, sla_ids: Sequence[UUID]) -> int:
    """Delete agreements; return how many there were."""
    wanted = tx.dialect.is_one_of(_SLA.id, sla_ids)
    return await tx.run(delete(slas).where(wanted, _SLA.workspace_id == tx.workspace_id))


async def workspaces(tx: Transaction) -> Sequence[UUID]:
    """Return the workspaces with agreements to watch."""
    found = select(_SLA.workspace_id).where(_SLA.enabled).distinct().order_by(_SLA.workspace_id)
    return [row["workspace_id"] for row in await tx.rows(found)]


async def find_start(tx: Transaction) -> datetime | None:
    """Return from when on deadlines are to be judged; None where no agreement is enabled."""
    own = select(func.min(_SLA.judged_from)).where(_SLA.workspace_id == tx.workspace_id, _SLA.enabled)
    return await tx.value(own)


async def judged_until(tx: Transaction) -> datetime | None:
    """Return up to when deadlines have been judged, None if they never were."""
    return await tx.value(select(_WATCH.judged_until).where(_WATCH.workspace_id == tx.workspace_id))


async def advance(tx: Transaction, seen: datetime | None, until: datetime) -> bool:
    """Note up to when deadlines are judged; return False where another process has, since that was `seen`."""
    row = {"workspace_id": tx.workspace_id, "judged_until": until}
    if seen is None:
        return await tx.run(_BEGIN_WATCH, row) == 1
    own = _WATCH.workspace_id == tx.workspace_id, _WATCH.judged_until == seen
    return await tx.run(update(sla_watch).where(*own).values(judged_until=until)) == 1
