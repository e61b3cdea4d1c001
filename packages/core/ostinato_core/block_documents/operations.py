"""What can be done with block documents. `keys` seal and open their data."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from ostinato_core.block_documents import references, repository
from ostinato_core.block_documents.errors import BlockDocumentExists, BlockDocumentNotFound, OtherBlockType
from ostinato_core.block_documents.events import document_event
from ostinato_core.block_documents.rows import Assembly
from ostinato_core.block_documents.sealing import open_data, sealed_columns
from ostinato_core.block_documents.secrets import secret_paths, unmask
from ostinato_core.block_schemas import repository as block_schemas
from ostinato_core.block_types import repository as block_types
from ostinato_core.block_types.errors import BlockTypeNotFound
from ostinato_core.configuration import DEFAULT_RESULT_STORAGE, delete_value, read_value
from ostinato_core.encryption.key_ring import KeyRing
from ostinato_core.errors import IntegrityConflict
from ostinato_core.events.outbox import record
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.block_documents import (
    BlockDocumentCreate,
    BlockDocumentSort,
    BlockDocumentsQuery,
    BlockDocumentsWhere,
    BlockDocumentUpdate,
)
from ostinato_wire.block_types import BlockTypeFilter
from ostinato_wire.filters import AnyText


async def create_block_document(tx: Transaction, given: BlockDocumentCreate, keys: KeyRing) -> JsonDict:
    """Store a document, and return it with its secrets masked.

    Errors: IntegrityConflict for an unknown type, schema or nested document; BlockDocumentExists;
    BadBlockDocumentReference.
    """
    schema = await block_schemas.find(tx, given.block_schema_id)
    if schema is None or await block_types.find(tx, given.block_type_id) is None:
        raise IntegrityConflict
    data, nested = references.split(given.data)
    id_ = new_id()
    row = {
        "id": id_,
        "created": tx.now,
        "updated": tx.now,
        "name": given.name or f"anonymous-{uuid4()}",
        "is_anonymous": given.is_anonymous,
        "block_type_id": given.block_type_id,
        "block_schema_id": given.block_schema_id,
        **sealed_columns(keys, tx.workspace_id, id_, data),
    }
    if not await repository.insert(tx, row):
        raise BlockDocumentExists
    await references.replace(tx, id_, nested, is_new=True)
    stored = await repository.get(tx, id_)
    await _tell(tx, "created", stored, data)
    return (await _assembled(tx, [stored], keys, include_secrets=False))[0]


async def read_block_document(
    tx: Transaction, document_id: UUID, keys: KeyRing, *, include_secrets: bool = False
) -> JsonDict:
    """Return a document with those nested in it. Errors: BlockDocumentNotFound."""
    row = await repository.get(tx, document_id)
    return (await _assembled(tx, [row], keys, include_secrets=include_secrets))[0]


async def read_block_document_by_name(
    tx: Transaction, slug: str, name: str, keys: KeyRing, *, include_secrets: bool = False
) -> JsonDict:
    """Return the document of a name among those of a block type. Errors: BlockDocumentNotFound."""
    row = await repository.get_by_name(tx, slug, name)
    return (await _assembled(tx, [row], keys, include_secrets=include_secrets))[0]


async def read_block_documents_of_type(
    tx: Transaction, slug: str, keys: KeyRing, limit: int, *, include_secrets: bool = False
) -> list[JsonDict]:
    """Return documents of a block type but anonymous ones, in order of name. Errors: BlockTypeNotFound."""
    if await block_types.find_by_slug(tx, slug) is None:
        raise BlockTypeNotFound
    where = BlockDocumentsWhere(block_types=BlockTypeFilter(slug=AnyText(any_=[slug])))
    rows = await repository.select_where(tx, where, BlockDocumentSort.NAME_ASC, limit, 0)
    return await _assembled(tx, rows, keys, include_secrets=include_secrets)


async def read_block_documents(
    tx: Transaction, query: BlockDocumentsQuery, keys: KeyRing, limit: int
) -> list[JsonDict]:
    """Return documents that match, at most `limit`."""
    rows = await repository.select_where(tx, query, query.sort, limit, query.offset)
    return await _assembled(tx, rows, keys, include_secrets=query.include_secrets)


async def count_block_documents(tx: Transaction, where: BlockDocumentsWhere) -> int:
    """Return how many documents match."""
    return await repository.count_where(tx, where)


async def update_block_document(tx: Transaction, document_id: UUID, update: BlockDocumentUpdate, keys: KeyRing) -> None:
    """Write a document's data, merged over the stored ones or in their place, and its schema.

    Errors: BlockDocumentNotFound; OtherBlockType; BadBlockDocumentReference; BlockDocumentCycle; IntegrityConflict
    for an unknown nested document.
    """
    stored = await repository.get(tx, document_id)
    values: JsonDict = {}
    if update.block_schema_id is not None:
        await _check_schema(tx, stored, update.block_schema_id)
        values["block_schema_id"] = update.block_schema_id
    data = open_data(keys, stored)
    if "data" in update.model_fields_set:
        given = unmask(update.data, data, secret_paths(stored["schema_fields"]))
        plain, nested = references.split(given)
        kept = {name: value for name, value in data.items() if update.merge_existing_data and name not in nested}
        data = {**kept, **plain}
        values.update(sealed_columns(keys, tx.workspace_id, document_id, data))
        await repository.write(tx, stored, values)
        await references.replace(tx, document_id, nested)
    else:
        await repository.write(tx, stored, values)
    await _tell(tx, "updated", await repository.get(tx, document_id), data)


async def _check_schema(tx: Transaction, stored: Row, schema_id: UUID) -> None:
    schema = await block_schemas.find(tx, schema_id)
    if schema is None:
        raise IntegrityConflict
    if schema_id != stored["block_schema_id"] and schema["block_type_id"] != stored["schema_block_type_id"]:
        raise OtherBlockType


async def delete_block_document(tx: Transaction, document_id: UUID, keys: KeyRing) -> None:
    """Delete a document, also as the default result storage. Errors: BlockDocumentNotFound."""
    stored = await repository.get(tx, document_id)
    await _tell(tx, "deleted", stored, open_data(keys, stored))
    if await repository.remove(tx, document_id) == 0:
        raise BlockDocumentNotFound
    if await read_value(tx, DEFAULT_RESULT_STORAGE) == str(document_id):
        await delete_value(tx, DEFAULT_RESULT_STORAGE)


async def _assembled(tx: Transaction, rows: Sequence[Row], keys: KeyRing, *, include_secrets: bool) -> list[JsonDict]:
    edges = await references.nested_in(tx, [row["id"] for row in rows]) if rows else {}
    by_id = {row["id"]: row for row in rows}
    missing = [id_ for id_ in references.ids_of(edges) if id_ not in by_id]
    if missing:
        by_id.update({row["id"]: row for row in await repository.select_by_id(tx, missing)})
    assembly = Assembly(keys, by_id, edges, include_secrets)
    return [assembly.document_json(row) for row in rows]


async def _tell(tx: Transaction, change: str, row: Row, data: JsonDict) -> None:
    if not row["is_anonymous"]:
        await record(tx, document_event(change, row, data))
