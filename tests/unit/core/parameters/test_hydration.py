"""Hydration: what each kind becomes, and how it says no."""

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato_core.parameters.errors import HydrationError
from ostinato_core.parameters.hydration import KIND, HydrationContext, hydrate

Json = Any  # any JSON value

CONTEXT = HydrationContext(variables={"limit": {"a": [1, 2]}, "name": "otter"}, names={"run": {"name": "quick-fox"}})


def of(kind: Json, **members: Json) -> Json:
    """Return an object of a kind."""
    return {KIND: kind, **members}


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        ({"x": 1, "y": [None, "z"]}, {"x": 1, "y": [None, "z"]}),
        (of("none", value={"z": 1}), {"z": 1}),
        ({"a": of("none", value=[of("json"), 4])}, {"a": [4]}),
        ({"a": of("json", value="[1, 2]")}, {"a": [1, 2]}),
        ({"a": of("json", value=5)}, {"a": 5}),
        ({"a": of("json", value=None)}, {"a": None}),
        ({"a": of("json")}, {}),
        ({"a": [1, of("json"), 2]}, {"a": [1, 2]}),
        ({"a": of("json", value="NaN")}, {"a": None}),
        ({"a": of("json", value="1e999")}, {"a": None}),
        ({"a": of("json", value="1.5")}, {"a": 1.5}),
        ({"a": of("json", value={"x": of("json", value="3")})}, {"a": {"x": 3}}),
        ({"a": of("json", value=[of("json", value="3")])}, {"a": [of("json", value="3")]}),
        ({"a": of("json", value=of("jinja", template="[1,{{ 1 + 1 }}]"))}, {"a": [1, 2]}),
        ({"a": of("json", value=of("json", value='"[1]"'))}, {"a": [1]}),
        ({"a": of("none", value=of("json"))}, {}),
        (of("json"), {}),
        (of("json", value="5"), 5),
        ({"a": of("jinja", template="{{ run.name }}")}, {"a": "quick-fox"}),
        ({"a": of("jinja", template="{{ missing }}|")}, {"a": "|"}),
        ({"a": of("jinja", template=["{{1}}"])}, {"a": ["{{1}}"]}),
        ({"a": of("jinja", template=of("none", value="{{ 3 }}"))}, {"a": "3"}),
        ({"a": of("jinja", template=of("json"))}, {}),
        ({"a": of("workspace_variable", variable_name="limit")}, {"a": {"a": [1, 2]}}),
        ({"a": of("workspace_variable", variable_name=of("none", value="name"))}, {"a": "otter"}),
        ({"a": of("workspace_variable")}, {}),
        ({"a": of("workspace_variable", variable_name=of("json"))}, {}),
        ({"a": of("other", value=of("json", value="1"))}, {"a": of("json", value="1")}),
        ({"a": of("other")}, {"a": None}),
        ({"a": of(None, value=1)}, {"a": 1}),
        ({"a": of([1], value=1)}, {"a": 1}),
    ],
)
def test_each_kind_becomes_its_value(given_value: Json, expected: Json):
    before = copy.deepcopy(given_value)
    assert hydrate(given_value, CONTEXT) == expected
    assert given_value == before


NO_NAME = "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"


@pytest.mark.parametrize(
    ("placeholder", "message"),
    [
        (of("none"), "Missing 'value' key in __prefect object"),
        (of("json", value="{bad"), f"Invalid JSON: {NO_NAME}"),
        (of("json", value=""), "Invalid JSON: Expecting value: line 1 column 1 (char 0)"),
        (of("json", value="1 2"), "Invalid JSON: Extra data: line 1 column 3 (char 2)"),
        (of("json", value="[" * 100_000), "Invalid JSON: it is nested too deeply."),
        (of("jinja"), "Missing 'template' key in __prefect object"),
        (of("jinja", template="{{ x"), "Invalid jinja: unexpected end of template, expected 'end of print statement'."),
        (
            of("jinja", template="{{ 1 / 0 }}"),
            "Invalid jinja: Failed to render template due to the following error: "
            "ZeroDivisionError('division by zero')",
        ),
        (of("workspace_variable", variable_name="nope"), "Variable 'nope' not found in workspace."),
        (of("workspace_variable", variable_name=None), "Variable 'None' not found in workspace."),
        (of("json", value=of("workspace_variable", variable_name="nope")), "Variable 'nope' not found in workspace."),
        (of("jinja", template=of("json", value="{x")), f"Invalid JSON: {NO_NAME}"),
    ],
)
@pytest.mark.parametrize("place", [lambda it: it, lambda it: {"a": 1, "b": it}, lambda it: {"a": [it]}])  # pyright: ignore
def test_errors_pass_through_from_any_depth(placeholder: Json, message: str, place: Any):  # a function
    with pytest.raises(HydrationError) as refused:
        hydrate(place(placeholder), CONTEXT)
    assert refused.value.message == message


def test_endless_nesting_is_refused():
    value: Json = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(HydrationError, match="nested too deeply"):
        hydrate(value, CONTEXT)


TEXTS = st.sampled_from(["1", "{", "{{ 1 }}", "{{ run.name", "name", "nope", '"\\ud800"', "[1, {}]", "{{ x() }}"])
KINDS = st.sampled_from(["none", "json", "jinja", "workspace_variable", "other", None, 5])
MEMBERS = st.sampled_from([KIND, "value", "template", "variable_name", "a"])


def nested(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Return values that hold values of `inner`."""
    rest = st.dictionaries(MEMBERS, inner, max_size=3)
    placeholders = st.tuples(KINDS, rest).map(lambda pair: {**pair[1], KIND: pair[0]})
    return st.one_of(st.lists(inner, max_size=3), rest, placeholders)


VALUES = st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), TEXTS), nested, max_leaves=12)


def has_removed(value: Json) -> bool:
    """Whether something is left in a value that is not JSON."""
    if isinstance(value, dict):
        return any(has_removed(each) for each in value.values())  # pyright: ignore  # JSON
    if isinstance(value, list):
        return any(has_removed(each) for each in value)  # pyright: ignore  # JSON
    return not isinstance(value, str | int | float | bool | None)


@given(VALUES)
def test_any_nesting_becomes_json_or_is_refused(value: Json):
    with contextlib.suppress(HydrationError):
        assert not has_removed(hydrate(value, CONTEXT))
