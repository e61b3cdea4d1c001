"""The JSON schema of a block class as servers keep it: pydantic's, with positions, secrets and nested blocks noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ostinato.blocks.annotations import field_name, nested_blocks, secret_paths
from ostinato_wire.base import JsonObject
from ostinato_wire.block_checksum import without_key

if TYPE_CHECKING:
    from ostinato.blocks.core import Block


def describe(schema: JsonObject, block: type[Block], base: type[Block]) -> None:
    """Note in the schema of one block class what pydantic does not: its type, references, secrets and positions."""
    description = block.get_description()
    if description:
        schema["description"] = description
    else:
        schema.pop("description", None)
    schema.setdefault("properties", {})
    for position, members in enumerate(cast("dict[str, JsonObject]", schema["properties"]).values()):
        members["position"] = position
    schema["block_type_slug"] = block.get_block_type_slug()
    schema["secret_fields"] = secret_paths(block)
    schema["block_schema_references"] = _references(block, base)


def _references(block: type[Block], base: type[Block]) -> JsonObject:
    found: JsonObject = {}
    for name, field in block.model_fields.items():
        references = [
            {"block_type_slug": nested.get_block_type_slug(), "block_schema_checksum": nested.schema_checksum()}
            for nested in nested_blocks(field.annotation, base)
        ]
        if references:
            found[field_name(name, field)] = references[0] if len(references) == 1 else references
    return found


def finish(schema: JsonObject) -> JsonObject:
    """Return pydantic's schema of a whole block class in the form of the wire."""
    definitions = schema.pop("$defs", None)
    if definitions:
        schema["definitions"] = definitions
    return cast("JsonObject", without_key("additionalProperties", schema))
