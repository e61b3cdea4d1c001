"""Placeholders in JSON values."""

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.deployments.templates import (
    KEEP,
    MISSING,
    block_of,
    block_value,
    by_path,
    fill,
    names_in,
    resolve_templates,
)

VALUES = {"a": {"b": [1, {"c": None}]}, "n": 5, "x.y": "dotted"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(string.ascii_letters),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(string.ascii_letters), inner),
)


def filled(value: Any) -> Any:
    return fill(value, lambda name: by_path(VALUES, name))


def test_a_placeholder_alone_keeps_the_type_of_its_value() -> None:
    assert filled("{{ n }}") == 5
    assert filled(" {{a.b}} ") == [1, {"c": None}]
    assert filled("{{ a.b[1].c }}") is None
    assert filled("{{ x.y }}") == "dotted"


def test_within_a_text_it_becomes_text() -> None:
    assert filled("n={{ n }}, {{ none }}.") == "n=5, ."


def test_members_without_a_value_are_left_out() -> None:
    assert filled({"gone": "{{ none }}", "kept": ["{{ none }}", "{{ n }}"]}) == {"kept": [5]}
    assert filled("{{ none }}") is MISSING


def test_what_is_to_be_kept_stays() -> None:
    assert fill({"name": "{{ ctx.flow.name }}-{{ n }}"}, lambda name: KEEP if name[:4] == "ctx." else 5) == {
        "name": "{{ ctx.flow.name }}-5"
    }
    assert names_in({"a": ["{{ x }}", "{{ $HOME }}"]}) == {"x", "$HOME"}


@given(json_values)
def test_a_value_without_placeholders_is_not_changed(value: Any) -> None:
    assert filled(value) == value


def test_blocks_are_named_by_type_and_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert block_of("prefect.blocks.aws.prod.region.name") == ("aws", "prod", "region.name")
    with pytest.raises(ValueError, match=r"prefect\.blocks\.<type>"):
        block_of("prefect.blocks.aws")
    assert block_value({"value": 3}, "") == 3
    assert block_value({"value": 3, "b": {"c": 4}}, "b.c") == 4
    monkeypatch.setenv("COLOUR", "red")
    assert resolve_templates({"c": "{{ $COLOUR }}", "d": "{{ out }}"}, {"out": 1}) == {"c": "red", "d": 1}
