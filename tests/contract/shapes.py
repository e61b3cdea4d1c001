"""What a request may hold according to an OpenAPI document: all members, and the values of enumerations."""

from collections.abc import Iterator

from tests.support.json import Json, is_object


def request_members(document: Json, operation: Json) -> set[str]:
    """Return the paths of all members of the body, `a.b[].c`; an enumeration adds a path for each value, `a.b=X`."""
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    return set(_members(document, schema, "", ()))


def query_members(_document: Json, operation: Json) -> set[str]:
    """Return the names of the query parameters."""
    return {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}


def criteria(wanted: Json, path: str) -> Iterator[str]:
    """Yield the paths of a filter's members, and of the operators with their values."""
    for name, value in wanted.items():
        yield f"{path}.{name}"
        if name == "operator":
            yield f"{path}.{name}={value}"
        elif is_object(value):
            yield from criteria(value, f"{path}.{name}")


def _members(document: Json, schema: Json, path: str, within: tuple[str, ...]) -> Iterator[str]:
    if not is_object(schema):
        return
    if "$ref" in schema:
        name = schema["$ref"]
        if name not in within:  # triggers hold triggers: once is enough
            yield from _members(document, _found(document, name), path, (*within, name))
        return
    for value in [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else ())]:
        yield f"{path}={value}"
    for keyword in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(keyword, ()):
            yield from _members(document, each, path, within)
    for name, each in schema.get("properties", {}).items():
        yield f"{path}.{name}"
        yield from _members(document, each, f"{path}.{name}", within)
    yield from _members(document, schema.get("items"), f"{path}[]", within)


def _found(document: Json, reference: str) -> Json:
    found = document
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return found
