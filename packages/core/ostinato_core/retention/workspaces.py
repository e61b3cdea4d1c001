"""Which workspaces have rows in a table, found by its index in a step for each."""

from uuid import UUID

from sqlalchemy import Table, select

from ostinato_core.transaction import Transaction


async def workspaces_in(tx: Transaction, table: Table) -> list[UUID]:
    """Return the workspaces of the rows, in order."""
    column = table.c.workspace_id
    first = select(column).order_by(column).limit(1).subquery()
    found = select(first.c.workspace_id.label("id")).cte("found", recursive=True)
    following = select(column).where(column > found.c.id).order_by(column).limit(1).scalar_subquery()
    found = found.union_all(select(following).where(found.c.id.is_not(None)))
    rows = await tx.rows(select(found.c.id).where(found.c.id.is_not(None)))
    return [row["id"] for row in rows]
