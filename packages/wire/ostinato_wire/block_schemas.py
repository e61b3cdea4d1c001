"""Block schemas: the fields of a block type in one of its versions."""

from uuid import UUID

from pydantic import Field

from ostinato_wire.base import JsonObject, UtcTime, WireModel
from ostinato_wire.block_schemas_filter import BlockSchemaFilter
from ostinato_wire.block_types import BlockType
from ostinato_wire.queries import Slice

NON_VERSIONED = "non-versioned"


class BlockSchemaCreate(WireModel):
    """Body of `POST /block_schemas/`; `fields` is a JSON Schema with `secret_fields` and `block_schema_references`."""

    fields: JsonObject = Field(default_factory=dict)
    block_type_id: UUID
    capabilities: list[str] = Field(default_factory=list)
    version: str = NON_VERSIONED


class BlockSchema(BlockSchemaCreate):
    """A stored schema; `checksum` is of its fields without secrets and nested blocks."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    checksum: str
    block_type_id: UUID | None  # pyright: ignore[reportIncompatibleVariableOverride] - as the wire has it
    block_type: BlockType | None = None


class BlockSchemasQuery(Slice):
    """Body of `POST /block_schemas/filter`."""

    block_schemas: BlockSchemaFilter | None = None


class BlockSchemaVersionQuery(WireModel):
    """Query of `GET /block_schemas/checksum/{checksum}`."""

    version: str | None = None
