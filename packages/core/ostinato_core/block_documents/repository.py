"""All SQL about block documents, apart from their nesting. Each is read with its block type and schema."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, select, update

from ostinato_core.block_documents.errors import BlockDocumentNotFound
from ostinato_core.block_documents.rows import COLUMNS, SCHEMA_TYPES
from ostinato_core.db.prepared import prepare, prepare_insert_or_ignore
from ostinato_core.db.tables import block_documents, block_schemas, block_types
from ostinato_core.errors import LostRace
from ostinato_core.filters.blocks import block_documents_where
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.block_documents import BlockDocumentSort, BlockDocumentsWhere

_DOCUMENT, _SCHEMA, _TYPE = block_documents.c, block_schemas.c, block_types.c
_FROM = (
    block_documents.join(block_types, _TYPE.id == _DOCUMENT.block_type_id)
    .join(block_schemas, _SCHEMA.id == _DOCUMENT.block_schema_id)
    .join(SCHEMA_TYPES, SCHEMA_TYPES.c.id == _SCHEMA.block_type_id)
)
_OWN = _DOCUMENT.workspace_id == bindparam("workspace_id")


def _select() -> Select[Any]:  # Any: columns of many types
    return select(*COLUMNS).select_from(_FROM)


_BY_ID = prepare(_select().where(_DOCUMENT.id == bindparam("id"), _OWN))
_BY_NAME = prepare(_select().where(_DOCUMENT.name == bindparam("name"), _TYPE.slug == bindparam("slug"), _OWN))
_INSERT = prepare_insert_or_ignore(block_documents, "block_type_id", "name")
_DELETE = prepare(delete(block_documents).where(_DOCUMENT.id == bindparam("id"), _OWN))

_ORDERS: dict[BlockDocumentSort, tuple[ColumnElement[Any], ...]] = {  # Any: columns are of many types
    BlockDocumentSort.NAME_ASC: (_DOCUMENT.name.asc(), _DOCUMENT.id.asc()),
    BlockDocumentSort.NAME_DESC: (_DOCUMENT.name.desc(), _DOCUMENT.id.desc()),
    BlockDocumentSort.BLOCK_TYPE_AND_NAME_ASC: (_TYPE.name.asc(), _DOCUMENT.name.asc(), _DOCUMENT.id.asc()),
}


async def find(tx: Transaction, document_id: UUID) -> Row | None:
    """Return the document, or None."""
    return await tx.first(_BY_ID, {"id": document_id, "workspace_id": tx.workspace_id})


async def get(tx: Transaction, document_id: UUID) -> Row:
    """Return the document. Errors: BlockDocumentNotFound."""
    row = await find(tx, document_id)
    if row is None:
        raise BlockDocumentNotFound
    return row


async def get_by_name(tx: Transaction, slug: str, name: str) -> Row:
    """Return the document of a name among those of a block type. Errors: BlockDocumentNotFound."""
    row = await tx.first(_BY_NAME, {"slug": slug, "name": name, "workspace_id": tx.workspace_id})
    if row is None:
        raise BlockDocumentNotFound
    return row


async def select_by_id(tx: Transaction, document_ids: Sequence[UUID]) -> Sequence[Row]:
    """Return the documents of ids."""
    own = (tx.dialect.is_one_of(_DOCUMENT.id, document_ids), _DOCUMENT.workspace_id == tx.workspace_id)
    return await tx.rows(_select().where(*own))


async def select_where(
    tx: Transaction, where: BlockDocumentsWhere, sort: BlockDocumentSort, limit: int, offset: int
) -> Sequence[Row]:
    """Return the documents that match, in order."""
    statement = _select().where(block_documents_where(tx, where)).order_by(*_ORDERS[sort])
    return await tx.rows(statement.limit(limit).offset(offset))


async def count_where(tx: Transaction, where: BlockDocumentsWhere) -> int:
    """Return how many documents match."""
    return await tx.value(select(func.count()).select_from(_FROM).where(block_documents_where(tx, where)))


async def insert(tx: Transaction, row: JsonDict) -> bool:
    """Insert a document; return False where its name exists among those of its block type."""
    return await tx.run(_INSERT, {**row, "workspace_id": tx.workspace_id}) == 1


async def write(tx: Transaction, stored: Row, values: Mapping[str, Any]) -> None:  # Any: columns of many types
    """Write columns of a document whose data still are those that were read.

    Errors: LostRace where they are not: they are to be merged again.
    """
    same = (_DOCUMENT.id == stored["id"], _DOCUMENT.data == stored["data"])
    if await tx.run(update(block_documents).where(*same).values(**values, updated=tx.now)) == 0:
        raise LostRace


async def remove(tx: Transaction, document_id: UUID) -> int:
    """Delete a document and the references to it; return how many documents were deleted."""
    return await tx.run(_DELETE, {"id": document_id, "workspace_id": tx.workspace_id})
