"""How a parameter schema is made ready (behaviour.md, section 13.5); schemas are copied, never changed."""

from typing import Final

from ostinato_core.parameters.shapes import is_array, is_object
from ostinato_wire.base import Json, JsonObject

_LITERALS: Final = frozenset({"const", "default", "enum", "examples"})
"""Keywords whose values are data, not schemas."""
_NAMED: Final = frozenset({"properties", "patternProperties", "definitions", "$defs", "dependentSchemas"})
"""Keywords whose values are schemas by name."""
_REFERENCE: Final[JsonObject] = {
    "type": "object",
    "properties": {
        "$ref": {
            "oneOf": [
                {"type": "string", "format": "uuid"},
                {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1},
            ]
        }
    },
    "required": ["$ref"],
}
"""A stored block document, named instead of given."""


def prepare_schema(
    schema: JsonObject, *, ignore_required: bool = False, allow_none_with_default: bool = False
) -> JsonObject:
    """Return a schema that also takes null for what is not required, and references for blocks.

    `allow_none_with_default`: properties with a default take null, too. `ignore_required`: no member need be present;
    whether null is taken still goes by what was required. Errors: RecursionError for a schema nested without end.
    """
    prepared = _with_nulls(schema, allow_none_with_default)
    return _rewritten(prepared, ignore_required)


def _with_nulls(schema: JsonObject, also_with_default: bool) -> JsonObject:
    """Let properties that are not required be null: in nested objects and in `definitions`, not elsewhere."""
    made = dict(schema)
    properties, definitions = schema.get("properties"), schema.get("definitions")
    if is_object(properties):
        given = schema.get("required")
        required: list[Json] = given if is_array(given) else []
        made["properties"] = {
            name: _property(each, name in required, also_with_default) if is_object(each) else each
            for name, each in properties.items()
        }
    if is_object(definitions):
        made["definitions"] = {
            name: _with_nulls(each, also_with_default) if is_object(each) else each
            for name, each in definitions.items()
        }
    return made


def _property(schema: JsonObject, required: bool, also_with_default: bool) -> JsonObject:
    made = _with_nulls(schema, also_with_default)
    type_ = made.get("type", "null")
    if required or type_ == "null" or ("default" in made and not also_with_default):
        return made
    either = [{"type": type_}, {"type": "null"}]
    del made["type"]
    if "anyOf" in made:
        return made | {"allOf": [*made.get("allOf", ()), {"anyOf": either}]}
    return made | {"anyOf": either}


def _rewritten(schema: JsonObject, ignore_required: bool) -> JsonObject:
    """Rewrite every sub-schema: positional `items`, references to blocks, `required`."""
    made: JsonObject = {}
    for keyword, value in schema.items():
        if keyword == "required" and ignore_required:
            continue
        if keyword == "items" and is_array(value):
            made["prefixItems"] = _each(value, ignore_required)
        elif keyword in _LITERALS:
            made[keyword] = value
        elif keyword in _NAMED and is_object(value):
            made[keyword] = _by_name(value, ignore_required, blocks=keyword in ("definitions", "$defs"))
        elif is_object(value):
            made[keyword] = _rewritten(value, ignore_required)
        elif is_array(value):
            made[keyword] = _each(value, ignore_required)
        else:
            made[keyword] = value
    return made


def _by_name(schemas: JsonObject, ignore_required: bool, *, blocks: bool) -> JsonObject:
    made: JsonObject = {}
    for name, schema in schemas.items():
        if not is_object(schema):
            made[name] = schema
            continue
        made[name] = _rewritten(schema, ignore_required)
        if blocks and "block_type_slug" in schema:
            made[name] = {"anyOf": [made[name], _REFERENCE]}
    return made


def _each(values: list[Json], ignore_required: bool) -> list[Json]:
    return [_rewritten(value, ignore_required) if is_object(value) else value for value in values]
