"""The checksum of a block schema: clients compute the same one. The sums were computed by the reference."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_wire.block_checksum import checksum_of

Fields = dict[str, Any]  # Any: JSON
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
objects = st.dictionaries(st.text(max_size=8), json_values, max_size=4)


def reference(name: str) -> Fields:
    return {"$ref": f"#/definitions/{name}"}


PLAIN: Fields = {"title": "P", "type": "object", "properties": {"r": reference("R")}}
LEAF: Fields = {"title": "R", "type": "string"}
BLOCK: Fields = {"title": "B", "properties": {"p": reference("P")}, "block_type_slug": "b", "secret_fields": []}


def with_definitions(properties: Fields, **definitions: Fields) -> Fields:
    return {"title": "T", "type": "object", "properties": properties, "definitions": definitions}


@pytest.mark.parametrize(
    ("fields", "same"),
    [
        (with_definitions({"x": {}}, Q={"title": "Q"}), {"title": "T", "type": "object", "properties": {"x": {}}}),
        (with_definitions({"x": reference("R")}, R=LEAF, Q=LEAF), with_definitions({"x": reference("R")}, R=LEAF)),
        (
            with_definitions({"b": reference("B")}, B=BLOCK, P=PLAIN, R=LEAF),
            with_definitions({"b": reference("B")}, P=PLAIN, R=LEAF, Z=BLOCK | {"properties": {"q": reference("P")}}),
        ),
        (with_definitions({"j": reference("J")}, J={}), with_definitions({"j": reference("J")})),
    ],
    ids=["not referred to", "one referred to", "nested blocks do not count", "empty definitions do not count"],
)  # fmt: skip
def test_only_definitions_that_are_used_and_no_blocks_count(fields: Fields, same: Fields) -> None:
    assert checksum_of(fields) == checksum_of(same)


def test_the_sum_is_that_of_the_reference() -> None:
    fields: Fields = {
        "block_type_slug": "local-file-system",
        "description": "Store data as a file on a local file system.",
        "properties": {
            "basepath": {
                "anyOf": [{"type": "string"}, {"type": "null"}],
                "default": None,
                "description": "Default local path for this block to write to.",
                "title": "Basepath",
                "position": 0,
            }
        },
        "secret_fields": [],
        "title": "LocalFileSystem",
        "type": "object",
        "block_schema_references": {},
    }
    assert checksum_of(fields) == "sha256:0fc8b7f936f38f465715ef2df4a817ac9fe38b80bb01d5c6c9649a6da6ae6971"


@given(objects)
def test_the_order_of_members_does_not_count(fields: Fields) -> None:
    names = list(fields)
    random.Random(1).shuffle(names)
    assert checksum_of({name: fields[name] for name in names}) == checksum_of(fields)


@given(objects, st.lists(st.text(max_size=3), max_size=3))
def test_names_of_secrets_do_not_count(fields: Fields, secrets: list[str]) -> None:
    without = {name: value for name, value in fields.items() if name != "secret_fields"}
    assert checksum_of(without | {"secret_fields": secrets}) == checksum_of(without)
    assert checksum_of({"x": without | {"secret_fields": secrets}}) == checksum_of({"x": without})


def test_text_beyond_ascii_is_escaped_as_clients_do() -> None:
    assert checksum_of({"title": "ü"}) != checksum_of({"title": "u"})
