"""The schemas nested in a schema: what `block_schema_references` name and `definitions` hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from ostinato_core.block_schemas.errors import BadBlockReference
from ostinato_core.states.rows import JsonDict
from ostinato_wire.block_checksum import checksum_of, references_in


@dataclass(frozen=True, slots=True)
class NestedSchema:
    """A reference to a schema: the block type's slug, and the checksum by which it is stored."""

    slug: str
    checksum: str


def nested_schemas(fields: JsonDict) -> Iterator[NestedSchema]:
    """Yield the references of fields. Errors: BadBlockReference."""
    references = fields.get("block_schema_references")
    if not isinstance(references, dict):
        return
    for name, value in cast(JsonDict, references).items():
        for reference in cast(list[Any], value) if isinstance(value, list) else [value]:  # Any: any JSON value
            members = cast(JsonDict, reference) if isinstance(reference, dict) else {}
            slug, checksum = members.get("block_type_slug"), members.get("block_schema_checksum")
            if not isinstance(slug, str) or not isinstance(checksum, str):
                raise BadBlockReference(name)
            yield NestedSchema(slug, checksum)


def find_definition(fields: JsonDict, wanted: NestedSchema) -> JsonDict | None:
    """Return the fields of a nested schema from the definitions, complete with those that it refers to, or None.

    If several are of the block type, the one with the checksum.
    """
    definitions = definitions_of(fields)
    candidates = [
        with_definitions(cast(JsonDict, definition), definitions)
        for definition in definitions.values()
        if isinstance(definition, dict) and cast(JsonDict, definition).get("block_type_slug") == wanted.slug
    ]
    fitting = [candidate for candidate in candidates if checksum_of(candidate) == wanted.checksum]
    return next(iter(fitting or candidates), None)


def with_definitions(definition: JsonDict, definitions: JsonDict) -> JsonDict:
    """Return a definition as fields of its own: with those definitions that it needs, directly or through others."""
    needed: JsonDict = {}
    waiting = list(references_in(definition))
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in needed:
            needed[name] = definitions[name]
            waiting.extend(references_in(definitions[name]))
    return {**definition, "definitions": needed} if needed else definition


def add_nested(fields: JsonDict, nested: JsonDict) -> JsonDict:
    """Return fields whose definitions hold a nested schema under its title, and what that needs, where they did not."""
    title = nested.get("title")
    if not isinstance(title, str):
        return fields
    alone = {name: value for name, value in nested.items() if name != "definitions"}
    return {**fields, "definitions": {**definitions_of(nested), title: alone, **definitions_of(fields)}}


def definitions_of(fields: JsonDict) -> JsonDict:
    """Return the definitions of fields; none where they are not an object."""
    definitions = fields.get("definitions")
    return cast(JsonDict, definitions) if isinstance(definitions, dict) else {}
