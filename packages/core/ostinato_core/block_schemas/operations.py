"""What can be done with block schemas."""

from uuid import UUID

from ostinato_core.block_schemas import repository
from ostinato_core.block_schemas.errors import (
    BlockSchemaNotFound,
    BlockSchemaProtected,
    BlockSchemaTooDeep,
    BlockTypeOfSchemaNotFound,
    NestedBlockSchemaMissing,
    NestedBlockTypeNotFound,
)
from ostinato_core.block_schemas.nesting import NestedSchema, add_nested, find_definition, nested_schemas
from ostinato_core.block_schemas.rows import schema_json
from ostinato_core.block_types import repository as block_types
from ostinato_core.filters.blocks import block_schemas_where
from ostinato_core.ids import new_id
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.block_checksum import checksum_of
from ostinato_wire.block_schemas import BlockSchemaCreate, BlockSchemasQuery

DEEPEST = 50
"""How deep schemas may be nested that are made of the definitions of another."""


async def create_block_schema(tx: Transaction, given: BlockSchemaCreate) -> tuple[JsonDict, bool]:
    """Make a schema and those nested in it, or find the one of its checksum and version; return it and if it is new.

    Errors: BlockTypeOfSchemaNotFound; NestedBlockTypeNotFound, NestedBlockSchemaMissing, BadBlockReference.
    """
    if await block_types.find(tx, given.block_type_id) is None:
        raise BlockTypeOfSchemaNotFound(given.block_type_id)
    row, is_new = await _create(tx, given)
    return schema_json(row), is_new


async def _create(tx: Transaction, given: BlockSchemaCreate, depth: int = 0) -> tuple[Row, bool]:
    if depth > DEEPEST:
        raise BlockSchemaTooDeep
    checksum = checksum_of(given.fields)
    found = await repository.find_by_checksum(tx, checksum, given.version)
    if found is not None:
        return found, False
    fields = given.fields
    for nested in nested_schemas(given.fields):
        fields = add_nested(fields, (await _nested(tx, given.fields, nested, depth))["fields"])
    row: JsonDict = {
        "id": new_id(),
        "created": tx.now,
        "updated": tx.now,
        "checksum": checksum,
        "version": given.version,
        "fields": fields,
        "capabilities": given.capabilities,
        "block_type_id": given.block_type_id,
    }
    is_new = await repository.insert(tx, row)
    stored = await repository.find_by_checksum(tx, checksum, given.version)
    assert stored is not None
    return stored, is_new


async def _nested(tx: Transaction, fields: JsonDict, nested: NestedSchema, depth: int) -> Row:
    """Return the schema that a reference names, made of the definitions where it is not stored."""
    type_ = await block_types.find_by_slug(tx, nested.slug)
    if type_ is None:
        raise NestedBlockTypeNotFound(nested.slug)
    stored = await repository.find_by_checksum(tx, nested.checksum)
    if stored is not None:
        return stored
    definition = find_definition(fields, nested)
    if definition is None:
        raise NestedBlockSchemaMissing(nested.slug)
    made, _ = await _create(tx, BlockSchemaCreate(fields=definition, block_type_id=type_["id"]), depth + 1)
    return made


async def read_block_schema(tx: Transaction, schema_id: UUID) -> JsonDict:
    """Return a schema. Errors: BlockSchemaNotFound."""
    return schema_json(await _get(tx, schema_id))


async def read_block_schema_by_checksum(tx: Transaction, checksum: str, version: str | None) -> JsonDict:
    """Return the newest schema of a checksum, and of a version if one is given. Errors: BlockSchemaNotFound."""
    row = await repository.find_by_checksum(tx, checksum, version)
    if row is None:
        raise BlockSchemaNotFound
    return schema_json(row)


async def read_block_schemas(tx: Transaction, query: BlockSchemasQuery, limit: int) -> list[JsonDict]:
    """Return schemas that match, at most `limit`."""
    condition = block_schemas_where(tx, query.block_schemas)
    return [schema_json(row) for row in await repository.select_where(tx, condition, limit, query.offset)]


async def delete_block_schema(tx: Transaction, schema_id: UUID) -> None:
    """Delete a schema with its documents. Errors: BlockSchemaNotFound, BlockSchemaProtected."""
    row = await _get(tx, schema_id)
    if row["type_is_protected"]:
        raise BlockSchemaProtected
    if await repository.remove(tx, schema_id) == 0:
        raise BlockSchemaNotFound


async def read_block_capabilities(tx: Transaction) -> list[str]:
    """Return each capability that some schema has."""
    return await repository.all_capabilities(tx)


async def _get(tx: Transaction, schema_id: UUID) -> Row:
    row = await repository.find(tx, schema_id)
    if row is None:
        raise BlockSchemaNotFound
    return row
