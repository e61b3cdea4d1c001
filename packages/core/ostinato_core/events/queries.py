"""Pages of stored events, and how many there are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, tuple_

from ostinato_core.db.tables import events
from ostinato_core.db.types import Id, Timestamp
from ostinato_core.events.filters import condition
from ostinato_core.events.names import by_whole_names
from ostinato_core.events.stored import COLUMNS, StoredEvent, from_row
from ostinato_core.filters.path import FEW
from ostinato_core.transaction import Transaction
from ostinato_wire.events import EventFilter, EventOrder


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: in the order of events, after this one."""

    occurred: datetime
    id: UUID


async def read_first_page(tx: Transaction, wanted: EventFilter, limit: int) -> tuple[list[StoredEvent], int]:
    """Return up to `limit` events in the filter's order (by time, then id), and how many match."""
    if _is_looked_for_in_each(wanted):
        page = await read_page(tx, wanted, limit)
        return page, len(page) if len(page) < limit else await count(tx, wanted)
    total = await count(tx, wanted)
    return await read_page(tx, wanted, limit, total), total


def _is_looked_for_in_each(wanted: EventFilter) -> bool:
    """Whether no index but that of times helps: then a page that is not full has cost as much as to count."""
    by_index = wanted.event is not None or wanted.resource is not None or bool(wanted.id.id)
    return not by_index and (wanted.related is not None or wanted.any_resource is not None or wanted.text is not None)


async def read_page(
    tx: Transaction, wanted: EventFilter, limit: int, total: int | None = None, after: Place | None = None
) -> list[StoredEvent]:
    """Return up to `limit` events in the filter's order, from the start or after a place.

    About `total` match; None: nobody has counted, and they may be many.
    """
    named = await by_whole_names(tx, wanted)
    if named is None:
        return []
    table = _matching(tx, named, walk=total is None or total > FEW).subquery()
    query = select(table)
    place = tuple_(table.c.occurred, table.c.id)
    ascending = wanted.order is EventOrder.ASC
    if after is not None:
        last = tuple_(literal(after.occurred, Timestamp), literal(after.id, Id))
        query = query.where(place > last if ascending else place < last)
    order = (table.c.occurred, table.c.id) if ascending else (table.c.occurred.desc(), table.c.id.desc())
    return [from_row(row) for row in await tx.rows(query.order_by(*order).limit(limit))]


async def count(tx: Transaction, wanted: EventFilter) -> int:
    """Return how many events the filter matches."""
    named = await by_whole_names(tx, wanted)
    return await tx.value(select(func.count()).select_from(_matching(tx, named).subquery())) if named else 0


def matches(
    tx: Transaction, wanted: EventFilter, *, walk: bool = False, at_any_time: bool = False
) -> ColumnElement[bool]:
    """Return the filter as a condition, within the transaction's workspace; the rest is as in `filters.condition`."""
    own = events.c.workspace_id == tx.workspace_id
    return and_(own, condition(tx.dialect, wanted, walk=walk, at_any_time=at_any_time))


def _matching(tx: Transaction, wanted: EventFilter, *, walk: bool = False) -> Select[Any]:  # Any: columns of many types
    if wanted.resource is None or not wanted.resource.distinct:
        return select(*COLUMNS).where(matches(tx, wanted, walk=walk))
    ascending = wanted.order is EventOrder.ASC
    order = (events.c.occurred, events.c.id) if ascending else (events.c.occurred.desc(), events.c.id.desc())
    rank = func.row_number().over(partition_by=events.c.resource_id, order_by=order).label("rank")
    ranked = select(*COLUMNS, rank).where(matches(tx, wanted)).subquery()
    return select(*(ranked.c[column.name] for column in COLUMNS)).where(ranked.c.rank == 1)
