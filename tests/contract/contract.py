"""The trimmed contract: its operations, and the check of an answer against the schema that it names."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.support.json import Json, is_array, is_object

DOCUMENT: Json = json.loads(Path(__file__).with_name("openapi.json").read_text())
BASE = "urn:contract"

_REGISTRY = Registry[Json]().with_resource(BASE, DRAFT202012.create_resource(DOCUMENT))

Operation = tuple[str, str]
"""(method in capitals, path template), e.g. `("GET", "/flows/{id}")`."""

SAYS_MORE = {
    ("GET", "/ready"),
    ("GET", "/flow_runs/{id}/input/{key}"),
    ("GET", "/flow_runs/{id}/logs/download"),
}
"""Operations whose answer is not null though the contract says nothing of it."""

SUCCESS_STATUSES = ("200", "201", "204")


def operations() -> list[Operation]:
    """Return all operations of the contract, in its order."""
    return [(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods]


def has_body(operation: Operation) -> bool:
    """Whether the operation takes a JSON body."""
    return "requestBody" in _described(operation)


def requires_body(operation: Operation) -> bool:
    """Whether the operation refuses a request without a body."""
    return bool(_described(operation).get("requestBody", {}).get("required"))


def members(operation: Operation) -> dict[str, Json]:
    """Return the members that the JSON object in a request has: name -> schema; of a list: those of its items.

    Empty if the body is neither an object nor a list of objects.
    """
    return _body_object(operation).get("properties", {})


def required_members(operation: Operation) -> list[str]:
    """Return the names of the members without which a request is refused."""
    return _body_object(operation).get("required", [])


def takes_list(operation: Operation) -> bool:
    """Whether the body is a list."""
    return _body_schema(operation).get("type") == "array"


def fits(schema: Json, value: Json) -> bool:
    """Whether `value` fits a schema of the contract."""
    return _validator_of(_anchored(schema)).is_valid(value)


def answers_null(operation: Operation) -> bool:
    """Whether the contract names a JSON answer without saying what is in it: save a few, that is `null`."""
    if operation in SAYS_MORE:
        return False
    contents = [each.get("content", {}) for each in _described(operation)["responses"].values()]
    return {"application/json": {"schema": {}}} in contents


def schema_of(operation: Operation) -> str | None:
    """Return the URI of the schema of a successful JSON answer; None if the contract names none."""
    method, path = operation
    for status in SUCCESS_STATUSES:
        content = _described(operation)["responses"].get(status, {}).get("content", {})
        if content.get("application/json", {}).get("schema"):
            pointer = path.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
            tail = f"responses/{status}/content/application~1json/schema"
            return f"{BASE}#/paths/{pointer}/{method.lower()}/{tail}"
    return None


def violations(uri: str, value: Json) -> list[str]:
    """Return one line for each place where `value` does not fit the schema at `uri`."""
    return [f"{error.json_path}: {error.message[:300]}" for error in _validator(uri).iter_errors(value)]


def missing_members(uri: str, value: Json) -> Iterator[str]:
    """Yield the path of each member that the schema of `value` knows and `value` lacks: the wire sends them all."""
    yield from _missing({"$ref": uri}, value, "$")


def _missing(schema: Json, value: Json, path: str) -> Iterator[str]:
    schema = _resolved(schema)
    branches = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if branches:
        fitting = [each for each in branches if _validator_of(_anchored(each)).is_valid(value)]
        schema = _resolved(fitting[0]) if fitting else {}
    if is_array(value):
        for number, each in enumerate(value):
            yield from _missing(schema.get("items", {}), each, f"{path}[{number}]")
    elif is_object(value):
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                yield from _missing(inner, value[name], f"{path}.{name}")
            else:
                yield f"{path}.{name}"


def _resolved(schema: Json) -> Json:
    while is_object(schema) and "$ref" in schema:
        schema = _REGISTRY.resolver(BASE).lookup(_anchored(schema)["$ref"]).contents
    return schema if is_object(schema) else {}


def _anchored(schema: Json) -> Json:
    """Return `schema` with references that work outside of the document."""
    if is_array(schema):
        return [_anchored(each) for each in schema]
    if not is_object(schema):
        return schema
    return {
        key: BASE + value if key == "$ref" and value.startswith("#") else _anchored(value)
        for key, value in schema.items()
    }


@cache
def _validator(uri: str) -> Validator:
    return _validator_of({"$ref": uri})


def _validator_of(schema: Json) -> Validator:
    return Draft202012Validator(schema, registry=_REGISTRY)


def _body_schema(operation: Operation) -> Json:
    content = _described(operation).get("requestBody", {}).get("content", {})
    return _resolved(content.get("application/json", {}).get("schema", {}))


def _body_object(operation: Operation) -> Json:
    schema = _body_schema(operation)
    return _resolved(schema.get("items", {})) if takes_list(operation) else schema


def _described(operation: Operation) -> Json:
    method, path = operation
    return DOCUMENT["paths"][path][method.lower()]
