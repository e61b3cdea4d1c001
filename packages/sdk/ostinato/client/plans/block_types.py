"""Block types and the schemas of their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostinato.client.errors import OstinatoHTTPStatusError
from ostinato.client.operation import decode, encode, facts
from ostinato.client.plans.filters import body_of
from ostinato.client.steps import Plan, Request
from ostinato.exceptions import ProtectedBlockError
from ostinato_wire.block_schemas import BlockSchema, BlockSchemaCreate
from ostinato_wire.block_schemas_filter import BlockSchemaFilter
from ostinato_wire.block_types import BlockType, BlockTypeCreate, BlockTypeFilter, BlockTypeUpdate
from ostinato_wire.filters import AnyId

if TYPE_CHECKING:
    from uuid import UUID


def create_block_type(body: BlockTypeCreate) -> Plan[BlockType]:
    """Make a block type. Raises ObjectAlreadyExists."""
    with facts():
        response = yield Request("POST", "/block_types/", encode(body))
    return decode(response, BlockType)


def read_block_type_by_slug(slug: str) -> Plan[BlockType]:
    """Return a block type. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/block_types/slug/{slug}")
    return decode(response, BlockType)


def read_block_types(
    block_type_filter: BlockTypeFilter | None = None, limit: int | None = None, offset: int = 0
) -> Plan[list[BlockType]]:
    """Return block types that meet the filter."""
    body = body_of({}, block_types=block_type_filter, limit=limit, offset=offset)
    response = yield Request("POST", "/block_types/filter", encode(body))
    return decode(response, list[BlockType])


def update_block_type(block_type_id: UUID, body: BlockTypeUpdate) -> Plan[None]:
    """Change the members of a block type that are set in `body`. Raises ObjectNotFound."""
    with facts():
        yield Request("PATCH", f"/block_types/{block_type_id}", encode(body.model_dump(exclude_unset=True)))


def delete_block_type(block_type_id: UUID) -> Plan[None]:
    """Delete a block type and its blocks. Raises ObjectNotFound, or ProtectedBlockError for one of the server's."""
    try:
        with facts():
            yield Request("DELETE", f"/block_types/{block_type_id}")
    except OstinatoHTTPStatusError as error:
        if error.status == 403:
            raise ProtectedBlockError("The block type belongs to the server and cannot be deleted.") from error
        raise


def create_block_schema(body: BlockSchemaCreate) -> Plan[BlockSchema]:
    """Make a block schema, or return the one with its checksum and version."""
    with facts():
        response = yield Request("POST", "/block_schemas/", encode(body))
    return decode(response, BlockSchema)


def read_block_schema_by_checksum(checksum: str, version: str | None = None) -> Plan[BlockSchema]:
    """Return a block schema, the newest unless a version is given. Raises ObjectNotFound."""
    query = {"version": version} if version is not None else None
    with facts():
        response = yield Request("GET", f"/block_schemas/checksum/{checksum}", query=query)
    return decode(response, BlockSchema)


def read_block_schemas(limit: int | None = None, offset: int = 0) -> Plan[list[BlockSchema]]:
    """Return block schemas, newest first."""
    response = yield Request("POST", "/block_schemas/filter", encode(body_of({}, limit=limit, offset=offset)))
    return decode(response, list[BlockSchema])


def get_most_recent_block_schema_for_block_type(block_type_id: UUID) -> Plan[BlockSchema | None]:
    """Return the newest schema of a block type; None if it has none."""
    wanted = BlockSchemaFilter(block_type_id=AnyId(any_=[block_type_id]))
    response = yield Request("POST", "/block_schemas/filter", encode(body_of({}, block_schemas=wanted, limit=1)))
    found = decode(response, list[BlockSchema])
    return found[0] if found else None
