"""What can be done with block types."""

import html
from uuid import UUID

from ostinato_core.block_types import repository
from ostinato_core.block_types.errors import (
    BlockTypeExists,
    BlockTypeNameReserved,
    BlockTypeNotFound,
    BlockTypeProtected,
)
from ostinato_core.events.outbox import NewEvent, record
from ostinato_core.filters.blocks import block_types_where
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.block_types import BlockTypeCreate, BlockTypesQuery, BlockTypeUpdate
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME

_TOLD = ("name", "slug", "logo_url", "documentation_url", "description", "code_example", "is_protected")


async def create_block_type(tx: Transaction, given: BlockTypeCreate) -> JsonDict:
    """Make a block type. Errors: BlockTypeNameReserved, BlockTypeExists."""
    if given.name.lower().startswith("prefect"):
        raise BlockTypeNameReserved
    row = {
        "id": new_id(),
        "created": tx.now,
        "updated": tx.now,
        **given.model_dump(),
        "description": _escaped(given.description),
        "code_example": _escaped(given.code_example),
        "is_protected": False,
    }
    if not await repository.insert(tx, row):
        raise BlockTypeExists(given.name)
    await record(tx, _event("created", row))
    return row


async def read_block_type(tx: Transaction, type_id: UUID) -> JsonDict:
    """Return a block type. Errors: BlockTypeNotFound."""
    return dict(await repository.get(tx, type_id))


async def read_block_type_by_slug(tx: Transaction, slug: str) -> JsonDict:
    """Return the block type of a slug. Errors: BlockTypeNotFound."""
    row = await repository.find_by_slug(tx, slug)
    if row is None:
        raise BlockTypeNotFound
    return dict(row)


async def read_block_types(tx: Transaction, query: BlockTypesQuery, limit: int) -> list[JsonDict]:
    """Return block types that match, at most `limit`."""
    condition = block_types_where(tx, query.block_types, query.block_schemas)
    return [dict(row) for row in await repository.select_where(tx, condition, limit, query.offset)]


async def update_block_type(tx: Transaction, type_id: UUID, update: BlockTypeUpdate) -> None:
    """Write the members that are present, and tell of it only where one differs. Errors: BlockTypeNotFound."""
    values = update.model_dump(exclude_unset=True)
    row = await repository.write_differences(tx, type_id, values) if values else None
    if row is not None:
        await record(tx, _event("updated", row))
    else:
        await repository.get(tx, type_id)


async def delete_block_type(tx: Transaction, type_id: UUID) -> None:
    """Delete a block type with its schemas and documents. Errors: BlockTypeNotFound, BlockTypeProtected."""
    row = await repository.remove_unprotected(tx, type_id)
    if row is None:
        await repository.get(tx, type_id)
        raise BlockTypeProtected
    await record(tx, _event("deleted", row))


def _escaped(text: str | None) -> str | None:
    return None if text is None else html.escape(text, quote=False)


def _event(change: str, row: Row) -> NewEvent:
    return {
        "event": f"prefect.block-type.{change}",
        "resource": {RESOURCE_ID: f"prefect.block-type.{row['id']}", RESOURCE_NAME: row["name"]},
        "payload": {name: row[name] for name in _TOLD},
    }
