"""Walking through values, linking results to runs, and parameters as JSON."""

from __future__ import annotations

import gc
import json
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from ostinato.engine.links import MAXIMUM_LINKS, ResultLinks, is_trackable
from ostinato.engine.validation import serialize
from ostinato.engine.visiting import replace_all
from ostinato.states import Completed
from ostinato.utilities.annotations import allow_failure, quote, unmapped

# Any below: values of all kinds.


class Mark:
    """What the tests replace."""


@dataclass(frozen=True)
class Frozen:
    """A value that cannot be changed in place."""

    value: Any
    derived: str = field(init=False, default="kept")


class Model(BaseModel):
    """A model whose hint the replacement does not fit."""

    value: Any
    number: int = 0


class Named(NamedTuple):
    """A tuple with names."""

    left: Any
    right: Any


atoms = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)
values = st.recursive(
    atoms, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner), max_leaves=20
)


@given(values)
def test_value_without_marks_is_returned_itself(value: Any) -> None:
    assert replace_all(value, Mark, lambda _: 1) is value


REPLACED: list[tuple[Any, Any]] = [
    ([Mark(), (Mark(),)], [1, (1,)]),
    (Named(Mark(), 2), Named(1, 2)),
    (OrderedDict(a=Mark()), OrderedDict(a=1)),
    (Frozen(Mark()), Frozen(1)),
    (Model(value=Mark()), Model(value=1)),
    (unmapped([Mark()]), unmapped([1])),
    (frozenset([5]), frozenset([5])),
]


@pytest.mark.parametrize(("value", "expected"), REPLACED)
def test_marks_are_replaced_and_shapes_kept(value: Any, expected: Any) -> None:
    replaced = replace_all(value, Mark, lambda _: 1)

    assert replaced == expected
    assert type(replaced) is type(expected)


def test_default_of_a_defaultdict_is_kept() -> None:
    value: defaultdict[str, Any] = defaultdict(list, a=Mark())

    replaced = replace_all(value, Mark, lambda _: 1)

    assert replaced["missing"] == []


def test_quoted_parts_are_left_alone() -> None:
    value = quote([Mark()])

    assert replace_all(value, Mark, lambda _: 1) is value


def test_value_that_contains_itself_ends() -> None:
    value: list[Any] = [Mark()]
    value.append(value)

    replaced = replace_all(value, Mark, lambda _: 1)

    assert replaced[0] == 1


def test_annotations_compare_by_kind_and_value() -> None:
    assert unmapped(1) == unmapped(1)
    assert unmapped(1) != allow_failure(1)
    assert unmapped(1) != 1
    assert repr(allow_failure(1)) == "allow_failure(1)"


@pytest.mark.parametrize("value", [None, True, ..., NotImplemented, -5, 256])
def test_shared_values_cannot_be_tracked(value: Any) -> None:
    assert not is_trackable(value)


def test_links_know_objects_and_their_elements() -> None:
    links, value = ResultLinks(), {"a": ["inner"]}
    links.add(value, ("task_run", "id"))

    assert links.find(value) == ("task_run", "id")
    assert links.find(value["a"]) == ("task_run", "id")
    assert links.find(value["a"][0]) is None
    assert links.find({"a": ["inner"]}) is None


def test_links_do_not_keep_objects_alive_that_need_not_be() -> None:
    links, mark = ResultLinks(), Mark()
    links.add(mark, ("task_run", "id"))
    assert links.find(mark) is not None

    key = id(mark)
    del mark
    gc.collect()

    assert key not in links._weak  # pyright: ignore[reportPrivateUsage] - nothing public shows it


def test_links_are_bounded() -> None:
    links, first = ResultLinks(), "the first string"
    links.add(first, ("task_run", "id"))
    kept = [f"string {n}" for n in range(MAXIMUM_LINKS)]
    for value in kept:
        links.add(value, ("task_run", "id"))

    assert links.find(first) is None
    assert links.find(kept[-1]) is not None


@given(st.dictionaries(st.text(min_size=1), values))
def test_parameters_become_json(parameters: dict[str, Any]) -> None:
    assert json.loads(json.dumps(serialize(parameters), allow_nan=False)).keys() == parameters.keys()


def test_placeholders() -> None:
    looped: list[Any] = []
    looped.append(looped)

    assert serialize({"a": Mark(), "b": [Completed(data=1)], "c": looped, "d": float("nan"), "e": b"\xff"}) == {
        "a": "<Mark>",
        "b": ["<State>"],
        "c": "<list>",
        "d": None,
        "e": "<bytes>",
    }
