"""Binding of calls: the same as Python's own, only faster."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.engine.signatures import BoundSignature
from ostinato.exceptions import ParameterBindError, SignatureMismatchError

# Any below: functions of all kinds.


def plain(a: Any, b: Any = 2, *, c: Any = 3) -> Any:
    return ("plain", a, b, c)


def positional(a: Any, /, b: Any = 2) -> Any:
    return ("positional", a, b)


def open_ended(a: Any, *rest: Any, c: Any = 3, **more: Any) -> Any:
    return ("open_ended", a, rest, c, more)


@given(
    st.sampled_from([plain, positional, open_ended]),
    st.lists(st.integers(), max_size=4),
    st.dictionaries(st.sampled_from("abcd"), st.integers(), max_size=3),
)
def test_binding_is_pythons_own(function: Callable[..., Any], args: list[int], kwargs: dict[str, int]) -> None:
    signature = BoundSignature(function)
    try:
        expected = inspect.signature(function).bind(*args, **kwargs)
    except TypeError:
        with pytest.raises(ParameterBindError):
            signature.bind(tuple(args), kwargs)
        return
    expected.apply_defaults()

    parameters = signature.bind(tuple(args), kwargs)
    positional_args, keyword_args = signature.call(parameters)

    assert parameters == dict(expected.arguments)
    assert list(parameters) == list(expected.arguments)
    assert function(*positional_args, **keyword_args) == function(*args, **kwargs)


def test_keywords_of_a_call_are_members_of_their_own() -> None:
    signature = BoundSignature(open_ended)

    assert signature.flatten(signature.bind((1, 2), {"x": 5})) == {"a": 1, "rest": (2,), "c": 3, "x": 5}


def test_unknown_parameters_are_refused() -> None:
    with pytest.raises(SignatureMismatchError, match="nope"):
        BoundSignature(open_ended).call({"a": 1, "nope": 2})
