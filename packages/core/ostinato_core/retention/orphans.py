"""Log lines and artifacts whose runs are gone: late ones, and those of runs that a person has deleted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, literal, or_, select

from ostinato_core.artifacts.operations import delete_artifacts
from ostinato_core.db.tables import artifacts, flow_runs, task_runs
from ostinato_core.db.types import Timestamp
from ostinato_core.retention.aged import TIMES, take_turn
from ostinato_core.transaction import Transaction

GRACE: Final = timedelta(days=1)
"""What is younger is left alone: it may have come before its run is known."""
PAGE: Final = 200
"""Runs that are looked at in one statement."""

COLUMNS: Final = (("flow_run_id", flow_runs), ("task_run_id", task_runs))


async def owners_after(tx: Transaction, table: Table, column: str, after: UUID | None) -> list[UUID]:
    """Return the next runs that rows of the table name in a column, in order of their ids."""
    key = table.c[column]
    start = select(key).where(key.is_not(None)).order_by(key).limit(1)
    first = (start if after is None else start.where(key > after)).subquery()
    found = select(first.c[column].label("id"), literal(1).label("number")).cte("found", recursive=True)
    following = select(key).where(key > found.c.id).order_by(key).limit(1).scalar_subquery()
    step = select(following, found.c.number + 1).where(found.c.id.is_not(None), found.c.number < PAGE)
    found = found.union_all(step)
    return [row["id"] for row in await tx.rows(select(found.c.id).where(found.c.id.is_not(None)))]


async def missing(tx: Transaction, column: str, owners: Sequence[UUID]) -> list[UUID]:
    """Return those of the runs that do not exist."""
    runs = dict(COLUMNS)[column]
    found = await tx.rows(select(runs.c.id).where(tx.dialect.is_one_of(runs.c.id, owners)))
    existing = {row["id"] for row in found}
    return [owner for owner in owners if owner not in existing]


async def workspace_of(tx: Transaction, table: Table, column: str, owner: UUID) -> UUID | None:
    """Return the workspace of a row that names a run which does not exist; None where no such row is old enough."""
    return await tx.value(select(table.c.workspace_id).where(_are_orphans(tx, table, column, [owner])).limit(1))


async def count_orphans(
    tx: Transaction, table: Table, column: str, owners: Sequence[UUID], condition: ColumnElement[bool]
) -> tuple[int, datetime | None]:
    """Return how many rows meet a condition and name one of some runs that do not exist, and the oldest one's time."""
    time = table.c[TIMES[table.name]]
    where = and_(_are_orphans(tx, table, column, owners), condition)
    row = await tx.first(select(func.count().label("rows"), func.min(time).label("oldest")).where(where))
    return (row["rows"], row["oldest"]) if row else (0, None)


async def delete_orphans(tx: Transaction, table: Table, column: str, owner: UUID, batch: int) -> int:
    """Delete the oldest rows, about `batch` of them, that name a run which does not exist; return how many."""
    if not await take_turn(tx):
        return 0
    where = and_(_are_orphans(tx, table, column, [owner]), table.c.workspace_id == tx.workspace_id)
    time = table.c[TIMES[table.name]]
    bound = await tx.value(select(time).where(where).order_by(time).offset(batch - 1).limit(1))
    if bound is not None:
        where = and_(where, time <= literal(bound, Timestamp()))
    if table is artifacts:
        found = await tx.rows(select(table.c.id).where(where).order_by(table.c.id))
        return await delete_artifacts(tx, [row["id"] for row in found])
    return await tx.run(delete(table).where(where))


def _are_orphans(tx: Transaction, table: Table, column: str, owners: Sequence[UUID]) -> ColumnElement[bool]:
    runs = dict(COLUMNS)[column]
    gone = ~exists().where(runs.c.id == table.c[column])
    if column == "task_run_id":
        # What names a flow run as well lives as long as that.
        gone = and_(gone, table.c.flow_run_id.is_(None))
    else:
        # A task run whose flow run is not known yet may be there already.
        kept = exists().where(task_runs.c.id == table.c.task_run_id)
        gone = and_(gone, or_(table.c.task_run_id.is_(None), ~kept))
    old = table.c[TIMES[table.name]] < literal(tx.now - GRACE, Timestamp())
    return and_(tx.dialect.is_one_of(table.c[column], owners), gone, old)
