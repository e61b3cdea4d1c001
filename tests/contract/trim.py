"""Make `openapi.json` beside this file from a full document of the reference API: only the wire facts.

Run as `python -m tests.contract.trim FULL_DOCUMENT.json` when the reference moves; the result is committed.
"""

import json
import sys
from pathlib import Path

from tests.support.json import Json, is_array, is_object

FREE_ANSWERS = {"/admin/settings"}
"""Paths whose answer is any object: the settings are the server's own."""

PROSE = {"description", "summary", "title", "example", "examples", "operationId", "tags"}
HTTP_METHODS = ("get", "post", "put", "patch", "delete")


def without_prose(value: Json, *, names_are_data: bool = False) -> Json:
    """Return `value` without descriptions and titles; members of `properties` are names, not prose."""
    if is_array(value):
        return [without_prose(each) for each in value]
    if not is_object(value):
        return value
    kept: dict[str, Json] = {}
    for key, each in value.items():
        if names_are_data or key not in PROSE:
            kept[key] = without_prose(each, names_are_data=key in ("properties", "schemas", "paths"))
    return kept


def references(value: Json) -> set[str]:
    """Return the names of all schemas that `value` refers to, directly."""
    if is_array(value):
        return set[str]().union(*(references(each) for each in value))
    if not is_object(value):
        return set()
    found = {value["$ref"].rsplit("/", 1)[1]} if isinstance(value.get("$ref"), str) else set[str]()
    return found.union(*(references(each) for each in value.values()))


def trim(document: Json) -> Json:
    """Return the trimmed document."""
    paths: Json = {}
    for path, operations in document["paths"].items():
        for method in HTTP_METHODS:
            if method in operations:
                operation = without_prose(operations[method])
                if path in FREE_ANSWERS:
                    operation["responses"]["200"]["content"]["application/json"]["schema"] = {"type": "object"}
                paths.setdefault(path, {})[method] = operation
    schemas: Json = {}
    wanted = references(paths)
    while wanted:
        name = wanted.pop()
        schemas[name] = without_prose(document["components"]["schemas"][name])
        wanted |= references(schemas[name]) - schemas.keys()
    return {"openapi": document["openapi"], "paths": paths, "components": {"schemas": dict(sorted(schemas.items()))}}


if __name__ == "__main__":
    full = json.loads(Path(sys.argv[1]).read_text())
    Path(__file__).with_name("openapi.json").write_text(json.dumps(trim(full), indent=1) + "\n")
