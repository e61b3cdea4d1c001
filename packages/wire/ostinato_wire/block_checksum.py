"""The checksum of a block schema: clients compute the same one to find their schema (behaviour.md, section 17.2)."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, cast

from ostinato_wire.base import JsonObject


def checksum_of(fields: JsonObject) -> str:
    """Return the checksum of fields: without names of secrets, and without definitions of nested blocks."""
    kept = cast(JsonObject, without_key("secret_fields", fields))
    if isinstance(kept.get("definitions"), dict):
        own = _own_definitions(kept)
        del kept["definitions"]
        if own:
            kept["definitions"] = own
    text = json.dumps([[kept], {}], sort_keys=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def without_key(key: str, value: Any) -> Any:  # Any: any JSON value
    """Return a value without the members named `key` of its objects, but not of those within lists."""
    if not isinstance(value, dict):
        return value
    members = cast(JsonObject, value)
    return {name: without_key(key, member) for name, member in members.items() if name != key}


def _own_definitions(fields: JsonObject) -> JsonObject:
    """Return the definitions that anything refers to, other ones included, but empty ones and nested blocks."""
    definitions = cast(JsonObject, fields["definitions"])
    named = set(references_in(fields))
    return {name: definition for name, definition in definitions.items() if name in named and _is_plain(definition)}


def _is_plain(definition: Any) -> bool:  # Any: any JSON value
    return bool(definition) and not (isinstance(definition, dict) and "block_type_slug" in definition)


def references_in(value: Any) -> Iterator[str]:  # Any: any JSON value
    """Yield the names of the definitions that a value refers to."""
    if isinstance(value, list):
        for member in cast(list[Any], value):  # Any: any JSON value
            yield from references_in(member)
    elif isinstance(value, dict):
        members = cast(JsonObject, value)
        reference = members.get("$ref")
        if isinstance(reference, str):
            yield reference.rpartition("/")[2]
        for member in members.values():
            yield from references_in(member)
