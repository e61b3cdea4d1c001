"""Validation of parameters: what fits, and what is said of what does not."""

import contextlib
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.parameters.errors import CircularSchema, InvalidSchema, ParametersError, ParametersInvalid
from ostinato_core.parameters.validation import validate_parameters, validate_schema

Json = Any  # any JSON value
INTEGER = {"type": "integer"}
CIRCLE = {"A": {"$ref": "#/definitions/A"}}


def obj(properties: Json, required: Sequence[str] = (), **more: Json) -> Json:
    """Return the schema of an object."""
    return {"type": "object", "properties": properties, "required": list(required), **more}


def block(name: str = "JSON") -> Json:
    """Return a schema with a block document as member `b`."""
    return obj(
        {"b": {"$ref": f"#/definitions/{name}"}}, ["b"],
        definitions={name: obj({"value": INTEGER}, ["value"], block_type_slug="json")},
    )  # fmt: skip


STORED = "0197f2f2-aaaa-7000-8000-000000000001"
X, X_REQUIRED = obj({"x": INTEGER}), obj({"x": INTEGER}, ["x"])
M = obj({"y": INTEGER})
M_REQUIRED = obj({"y": INTEGER}, ["y"])


@pytest.mark.parametrize(
    ("schema", "parameters"),
    [
        (X, {"x": 1}),
        (X, {"x": None}),
        (obj({"x": {"type": ["integer", "string"]}}), {"x": None}),
        (obj({"x": {"type": "integer", "minimum": 5}}), {"x": None}),
        (obj({"x": {"type": "integer", "anyOf": [{"minimum": 5}, {"maximum": 0}]}}), {"x": 7}),
        (obj({"x": M}, ["x"]), {"x": {"y": None}}),
        (obj({"x": {"$ref": "#/definitions/M"}}, ["x"], definitions={"M": M}), {"x": {"y": None}}),
        (obj({"x": {"type": "string", "format": "date-time"}}), {"x": "any text"}),
        (obj({"x": {"$ref": "#/definitions/A"}}, definitions=CIRCLE), {}),
        (obj({"x": {"$ref": "#"}}), {"x": {"x": {}}}),
        ({}, {"x": 1}),
        (block(), {"b": {"value": 1}}),
        (block(), {"b": {"$ref": STORED}}),
        (block(), {"b": {"$ref": {"block_document_id": STORED}}}),
    ],
)
def test_what_fits_is_accepted(schema: Json, parameters: Json):
    validate_parameters(parameters, schema)


ANY_OF = "is not valid under any of the given schemas"


@pytest.mark.parametrize(
    ("schema", "parameters", "message"),
    [
        (X, {"x": "a"}, f"Validation failed for field 'x'. Failure reason: 'a' {ANY_OF}"),
        (X_REQUIRED, {"x": "a"}, "Validation failed for field 'x'. Failure reason: 'a' is not of type 'integer'"),
        (X_REQUIRED, {"x": None}, "Validation failed for field 'x'. Failure reason: None is not of type 'integer'"),
        (X_REQUIRED, {}, "Validation failed. Failure reason: 'x' is a required property"),
        (
            obj({"x": {"type": "integer", "default": 1}}),
            {"x": None},
            "Validation failed for field 'x'. Failure reason: None is not of type 'integer'",
        ),
        (
            obj({"x": {"type": "null"}}),
            {"x": 1},
            "Validation failed for field 'x'. Failure reason: 1 is not of type 'null'",
        ),
        (obj({"x": M}), {"x": {"y": "a"}}, f"Validation failed for field 'x.y'. Failure reason: 'a' {ANY_OF}"),
        (
            obj({"x": {"type": "array", "items": INTEGER}}),
            {"x": [1, "a"]},
            "Validation failed for field 'x[1]'. Failure reason: 'a' is not of type 'integer'",
        ),
        (
            obj({"x": {"type": "array", "items": [INTEGER, {"type": "string"}]}}, ["x"]),
            {"x": ["a", "b"]},
            "Validation failed for field 'x[0]'. Failure reason: 'a' is not of type 'integer'",
        ),
        (
            obj({"x": {"$ref": "#/$defs/M"}}, ["x"], **{"$defs": {"M": M}}),
            {"x": {"y": None}},
            "Validation failed for field 'x.y'. Failure reason: None is not of type 'integer'",
        ),
        (
            obj({"x": INTEGER, "y": INTEGER}),
            {"x": "a", "y": "b"},
            f"Validation failed for field 'y'. Failure reason: 'b' {ANY_OF}",
        ),
        (
            obj({}, additionalProperties=False),
            {"z": 1},
            "Validation failed. Failure reason: Additional properties are not allowed ('z' was unexpected)",
        ),
        (
            obj({"x": {"$ref": "http://example.com/x.json"}}),
            {"x": 1},
            "Validation failed. Failure reason: Unresolvable: http://example.com/x.json",
        ),
        (
            obj({"x": {"$ref": "#/definitions/Nope"}}),
            {"x": 1},
            "Validation failed. Failure reason: PointerToNowhere: '/definitions/Nope' does not exist within "
            "{'type': 'object', 'properties': {'x': {'$ref': '#/definitions/Nope'}}, 'required': []}",
        ),
        (
            block(),
            {"b": {"$ref": {"a": 1}}},
            "Validation failed for field \"b['$ref'].a\". Failure reason: 1 is not of type 'string'",
        ),
        (
            block(),
            {"b": {"$ref": {}}},
            "Validation failed for field \"b['$ref']\". Failure reason: {} should be non-empty",
        ),
        (block(), {"b": {"$ref": 5}}, f"Validation failed for field \"b['$ref']\". Failure reason: 5 {ANY_OF}"),
        (block(), {"b": None}, f"Validation failed for field 'b'. Failure reason: None {ANY_OF}"),
        (
            block(),
            {"b": {"value": None}},
            "Validation failed for field 'b.value'. Failure reason: None is not of type 'integer'",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_with_its_field(schema: Json, parameters: Json, message: str):
    with pytest.raises(ParametersInvalid) as refused:
        validate_parameters(parameters, schema)
    assert refused.value.message == message


def test_circles_are_refused():
    with pytest.raises(CircularSchema) as refused:
        validate_parameters({"x": 1}, obj({"x": {"$ref": "#/definitions/A"}}, definitions=CIRCLE))
    assert refused.value.why == "Unable to validate schema with circular references."


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (obj({"x": {"type": "nope"}}), f"'nope' {ANY_OF}"),
        (obj({"x": 5}), "5 is not of type 'object', 'boolean'"),
        (obj({"x": {"type": "string", "pattern": "["}}), "'[' is not a 'regex'"),
        ([1], "[1] is not of type 'object'"),
    ],
)
def test_what_is_no_schema_is_refused(schema: Json, why: str):
    with pytest.raises(InvalidSchema) as refused:
        validate_schema(schema)
    assert refused.value.why == why
    assert refused.value.message == f"The provided schema is not a valid json schema. Schema error: {why}"


@pytest.mark.parametrize(
    ("broken", "value"),
    [
        ({"type": "nope"}, 1),
        (5, 1),
        ({"required": 5}, {"y": 1}),
        ({"pattern": "["}, "a"),
        ({"properties": 5}, {"y": 1}),
    ],
)
def test_parts_that_no_keyword_announces_are_refused_when_they_break(broken: Json, value: Json):
    schema = {"properties": {"x": {"$ref": "#/parts/broken"}}, "parts": {"broken": broken}}
    with pytest.raises(InvalidSchema):
        validate_parameters({"x": value}, schema)


@pytest.mark.parametrize(
    ("schema", "parameters"),
    [
        (X_REQUIRED, "{}"),
        (obj({"x": M_REQUIRED}, ["x"]), '{"x": {}}'),
        (obj({"x": {"$ref": "#/$defs/M"}}, ["x"], **{"$defs": {"M": M_REQUIRED}}), '{"x": {}}'),
        (obj({"x": {"type": "array", "items": M_REQUIRED}}), '{"x": [{}]}'),
    ],
)
def test_nothing_is_required_where_that_is_ignored(schema: Json, parameters: str):
    validate_parameters(json.loads(parameters), schema, ignore_required=True)


def test_null_is_still_refused_for_what_was_required():
    with pytest.raises(ParametersInvalid, match="None is not of type 'integer'"):
        validate_parameters({"x": None}, X_REQUIRED, ignore_required=True)


def test_a_property_named_required_is_kept():
    schema = obj({"required": {"type": "integer"}}, ["required"])
    with pytest.raises(ParametersInvalid, match="field 'required'"):
        validate_parameters({"required": "a"}, schema, ignore_required=True)


def test_null_is_taken_beside_a_default_where_asked_for():
    validate_parameters({"x": None}, obj({"x": {"type": "integer", "default": 1}}), allow_none_with_default=True)


NAMES = st.sampled_from(
    [
        "type",
        "properties",
        "items",
        "required",
        "$ref",
        "definitions",
        "anyOf",
        "pattern",
        "minimum",
        "x",
        "enum",
        "$id",
    ]
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.sampled_from(["object", "string", "x", "#", "#/definitions/x", "["])
)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=15,
)


@given(DOCUMENTS, DOCUMENTS)
def test_any_pair_fits_or_is_refused(schema: Json, parameters: Json):
    with contextlib.suppress(ParametersError):
        validate_parameters(parameters, schema)
