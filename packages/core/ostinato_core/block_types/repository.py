"""All SQL about block types."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, or_, select, update

from ostinato_core.block_types.errors import BlockTypeNotFound
from ostinato_core.db.prepared import prepare, prepare_insert_or_ignore
from ostinato_core.db.tables import block_types
from ostinato_core.filters.criteria import Condition
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction

_TYPE = block_types.c
COLUMNS = tuple(column for column in _TYPE if column.name != "workspace_id")
_OWN = _TYPE.workspace_id == bindparam("workspace_id")
_BY_ID = prepare(select(*COLUMNS).where(_TYPE.id == bindparam("id"), _OWN))
_BY_SLUG = prepare(select(*COLUMNS).where(_TYPE.slug == bindparam("slug"), _OWN))
_INSERT = prepare_insert_or_ignore(block_types, "workspace_id", "slug")


async def find(tx: Transaction, type_id: UUID) -> Row | None:
    """Return the block type, or None."""
    return await tx.first(_BY_ID, {"id": type_id, "workspace_id": tx.workspace_id})


async def get(tx: Transaction, type_id: UUID) -> Row:
    """Return the block type. Errors: BlockTypeNotFound."""
    row = await find(tx, type_id)
    if row is None:
        raise BlockTypeNotFound
    return row


async def find_by_slug(tx: Transaction, slug: str) -> Row | None:
    """Return the block type of a slug, or None."""
    return await tx.first(_BY_SLUG, {"slug": slug, "workspace_id": tx.workspace_id})


async def insert(tx: Transaction, row: Row) -> bool:
    """Insert a block type; return False where its slug exists."""
    return await tx.run(_INSERT, {**row, "workspace_id": tx.workspace_id}) == 1


async def write_differences(tx: Transaction, type_id: UUID, values: Mapping[str, Any]) -> Row | None:  # Any: columns
    """Write columns of a block type if one of them differs; return it whole, or None where none does."""
    differs = or_(*(_TYPE[name].is_distinct_from(value) for name, value in values.items()))
    own = (_TYPE.id == type_id, _TYPE.workspace_id == tx.workspace_id)
    return await tx.first(update(block_types).where(*own, differs).values(**values, updated=tx.now).returning(*COLUMNS))


async def remove_unprotected(tx: Transaction, type_id: UUID) -> Row | None:
    """Delete a block type with its schemas and documents; return what it was, or None where it is not to be deleted."""
    own = (_TYPE.id == type_id, _TYPE.workspace_id == tx.workspace_id, _TYPE.is_protected.is_(False))
    return await tx.first(delete(block_types).where(*own).returning(*COLUMNS))


async def select_where(tx: Transaction, condition: Condition, limit: int, offset: int) -> Sequence[Row]:
    """Return the block types that match, in order of name."""
    statement = select(*COLUMNS).where(condition).order_by(_TYPE.name, _TYPE.id).limit(limit).offset(offset)
    return await tx.rows(statement)
