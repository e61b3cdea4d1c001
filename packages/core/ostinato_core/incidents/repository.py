"""All SQL about incidents and the comments on them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, select, update

from ostinato_core.db.prepared import prepare, prepare_insert, prepare_locking
from ostinato_core.db.tables import incident_comments, incidents
from ostinato_core.filters.incidents import incidents_where
from ostinato_core.incidents.errors import IncidentNotFound
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_wire.incidents import IncidentFilter, IncidentSort

_INCIDENT = incidents.c
_COMMENT = incident_comments.c
_COLUMNS = tuple(column for column in _INCIDENT if column.name != "workspace_id")
_ONE = select(*_COLUMNS).where(_INCIDENT.id == bindparam("id"), _INCIDENT.workspace_id == bindparam("workspace_id"))
_GET = prepare(_ONE)
_GET_LOCKED = prepare_locking(_ONE.with_for_update())
_INSERT = prepare_insert(incidents)
_INSERT_COMMENT = prepare_insert(incident_comments)
_COMMENTS = prepare(
    select(*(column for column in _COMMENT if column.name != "workspace_id"))
    .where(_COMMENT.incident_id == bindparam("incident_id"), _COMMENT.workspace_id == bindparam("workspace_id"))
    .order_by(_COMMENT.id)
)

_ORDERS: dict[IncidentSort, tuple[ColumnElement[Any], ...]] = {  # Any: columns are of many types
    IncidentSort.START_TIME_DESC: (_INCIDENT.start_time.desc(), _INCIDENT.id.desc()),
    IncidentSort.START_TIME_ASC: (_INCIDENT.start_time.asc(), _INCIDENT.id.asc()),
    IncidentSort.STATUS_ASC: (_INCIDENT.status.asc(), _INCIDENT.start_time.desc(), _INCIDENT.id.desc()),
    IncidentSort.NAME_ASC: (_INCIDENT.name.asc(), _INCIDENT.id.asc()),
    IncidentSort.UPDATED_DESC: (_INCIDENT.updated.desc(), _INCIDENT.id.desc()),
}


async def get(tx: Transaction, incident_id: UUID, *, locked: bool = False) -> Row:
    """Return an incident; `locked`: nobody else changes it until the transaction ends. Errors: IncidentNotFound."""
    key = {"id": incident_id, "workspace_id": tx.workspace_id}
    row = await tx.first(_GET_LOCKED if locked else _GET, key)
    if row is None:
        raise IncidentNotFound
    return row


async def insert(tx: Transaction, row: Row) -> None:
    """Insert an incident."""
    await tx.run(_INSERT, {**row, "workspace_id": tx.workspace_id})


async def write(tx: Transaction, incident_id: UUID, values: Mapping[str, Any]) -> None:  # Any: columns of many types
    """Write columns of an incident that was read under a lock."""
    own = (_INCIDENT.id == incident_id, _INCIDENT.workspace_id == tx.workspace_id)
    await tx.run(update(incidents).where(*own).values(**values))


async def select_where(
    tx: Transaction, wanted: IncidentFilter | None, sort: IncidentSort, limit: int, offset: int
) -> Sequence[Row]:
    """Return the incidents that match, in order."""
    chosen = select(*_COLUMNS).where(incidents_where(tx, wanted))
    return await tx.rows(chosen.order_by(*_ORDERS[sort]).limit(limit).offset(offset))


async def count_where(tx: Transaction, wanted: IncidentFilter | None) -> int:
    """Return how many incidents match."""
    return await tx.value(select(func.count()).select_from(incidents).where(incidents_where(tx, wanted)))


async def insert_comment(tx: Transaction, row: Row) -> None:
    """Insert a comment."""
    await tx.run(_INSERT_COMMENT, {**row, "workspace_id": tx.workspace_id})


async def comments_of(tx: Transaction, incident_id: UUID) -> Sequence[Row]:
    """Return the comments on an incident, the oldest first."""
    return await tx.rows(_COMMENTS, {"incident_id": incident_id, "workspace_id": tx.workspace_id})
