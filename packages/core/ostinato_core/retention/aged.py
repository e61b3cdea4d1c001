"""Deleting rows by their age, a short stretch of time in each transaction: all that is not a run."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Table, and_, delete, literal, select, text, true

from ostinato_core.artifacts.operations import delete_artifacts
from ostinato_core.db.tables import action_deliveries, artifacts, bulk_jobs
from ostinato_core.db.types import Timestamp
from ostinato_core.transaction import Transaction
from ostinato_wire.action_deliveries import DeliveryState

LOCK: Final = 0x6F73746164656C
"""Key of the advisory lock under which one process at a time deletes by age, or drops partitions."""

TIMES: Final = {
    "logs": "timestamp",
    "events": "occurred",
    "artifacts": "created",
    "action_deliveries": "created",
    "bulk_jobs": "created",
}
"""By which column the rows of a table age; there is an index on the workspace and this."""
ENDED: Final = {
    action_deliveries.name: action_deliveries.c.state != DeliveryState.PENDING.value,
    bulk_jobs.name: bulk_jobs.c.ended.is_not(None),
}
"""Whether a delivery or a bulk job has ended: only these are deleted."""

Stretch = tuple[datetime | None, datetime]
"""From a time on, None for the beginning of times, to before another."""


async def next_stretch(tx: Transaction, table: Table, stretch: Stretch, rows: int) -> Stretch | None:
    """Return the part of a stretch that has the first `rows` rows; None where it has no rows at all."""
    time = table.c[_time_of(table)]
    statement = select(time).where(_within(tx, table, stretch)).order_by(time)
    first = await tx.value(statement.limit(1))
    if first is None:
        return None
    beyond: datetime | None = await tx.value(statement.offset(rows).limit(1))
    # Where all of them have the same time, they go at once.
    if beyond == first:
        beyond = await tx.value(statement.where(time > literal(first, Timestamp())).limit(1))
    return first, stretch[1] if beyond is None else beyond


async def delete_stretch(
    tx: Transaction, table: Table, stretch: Stretch, condition: ColumnElement[bool] | None = None
) -> int | None:
    """Delete the rows of a stretch that meet the condition. Returns how many; None where another process does so."""
    if not await take_turn(tx):
        return None
    where = and_(_within(tx, table, stretch), true() if condition is None else condition)
    if table.name == artifacts.name:
        found = await tx.rows(select(table.c.id).where(where).order_by(table.c.id))
        return await delete_artifacts(tx, [row["id"] for row in found])
    return await tx.run(delete(table).where(where))


async def take_turn(tx: Transaction) -> bool:
    """Whether this transaction is the only one that deletes by age; always so on SQLite, which has one writer."""
    if tx.dialect.name != "postgresql":
        return True
    # As text: unlike a SELECT, that begins the transaction, to whose end the lock is held.
    return bool(await tx.value(text(f"SELECT pg_try_advisory_xact_lock({LOCK})")))


def _time_of(table: Table) -> str:
    return TIMES[table.name.removesuffix("_default")]


def _within(tx: Transaction, table: Table, stretch: Stretch) -> ColumnElement[bool]:
    time, (start, end) = table.c[_time_of(table)], stretch
    own = and_(table.c.workspace_id == tx.workspace_id, time < literal(end, Timestamp()))
    return own if start is None else and_(own, time >= literal(start, Timestamp()))
