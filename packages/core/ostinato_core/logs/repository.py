"""All SQL about log lines."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, select, tuple_

from ostinato_core.db.tables import logs
from ostinato_core.filters.criteria import Operator, combine
from ostinato_core.filters.logs import log_matches
from ostinato_core.logs.rows import COLUMNS
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Columns, Transaction
from ostinato_wire.logs import LogFilter, LogSort

ORDERS: dict[LogSort, tuple[ColumnElement[Any], ...]] = {  # Any: columns are of many types
    LogSort.TIMESTAMP_ASC: (logs.c.timestamp.asc(), logs.c.id.asc()),
    LogSort.TIMESTAMP_DESC: (logs.c.timestamp.desc(), logs.c.id.desc()),
}
"""By what lists of lines are ordered: no two lines stand in the same place."""


async def insert_all(tx: Transaction, columns: Columns) -> None:
    """Insert lines, given by all their columns but the workspace, as the only statement of the transaction."""
    await tx.copy_alone(logs, columns)


async def select_where(
    tx: Transaction, wanted: LogFilter | None, sort: LogSort, limit: int, offset: int
) -> Sequence[Row]:
    """Return the lines that match, in order."""
    own = logs.c.workspace_id == tx.workspace_id
    condition = combine(Operator.AND, (own, log_matches(tx.dialect, wanted) if wanted is not None else None))
    return await tx.rows(select(*COLUMNS).where(condition).order_by(*ORDERS[sort]).limit(limit).offset(offset))


async def select_after(
    tx: Transaction, flow_run_id: UUID, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Row]:
    """Return lines of a flow run in order of time, those that come after a line's time and id."""
    own = (logs.c.flow_run_id == flow_run_id, logs.c.workspace_id == tx.workspace_id)
    statement = select(*COLUMNS).where(*own).order_by(logs.c.timestamp, logs.c.id).limit(limit)
    if after is not None:
        place = tuple_(bindparam("time", after[0], logs.c.timestamp.type), bindparam("line", after[1], logs.c.id.type))
        statement = statement.where(tuple_(logs.c.timestamp, logs.c.id) > place)
    return await tx.rows(statement)
