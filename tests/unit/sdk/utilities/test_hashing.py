"""Hashes of values: the same in every process, different for different values, and the reference's for plain ones."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.exceptions import HashError
from ostinato.utilities.hashing import file_hash, hash_objects, stable_hash

keys = st.text() | st.integers() | st.booleans() | st.none()
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.frozensets(keys, max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=10,
)


class Colour(Enum):
    RED = 1


@dataclass
class Bag:
    members: set[str]


def test_hash_of_plain_values_is_the_one_other_clients_make() -> None:
    assert hash_objects({"a": 1}) == "2576c7382d4326599e7292b78724a71e"
    assert hash_objects({"a": 1, "b": [1, {"x": (1, 2)}]}) == "f653d3e87977f989bdc54309c3d8256d"
    assert hash_objects({}) == "05da934bc95640755e0d7882f6f171d0"


@given(value=values)
def test_equal_values_have_equal_hashes(value: Any) -> None:
    assert hash_objects(value) == hash_objects(_rebuilt(value))


def _rebuilt(value: Any) -> Any:
    """Return a value that is equal, but shares nothing with `value` and has another order."""
    if isinstance(value, dict):
        return {key: _rebuilt(item) for key, item in reversed(value.items())}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType, reportUnknownMemberType] - any value
    if isinstance(value, frozenset):
        return frozenset(reversed(list(value)))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - any value
    return [_rebuilt(item) for item in value] if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType] - any value


@given(one=values, other=values)
def test_different_values_have_different_hashes(one: Any, other: Any) -> None:
    assert (hash_objects(one) == hash_objects(other)) == (repr(_ordered(one)) == repr(_ordered(other)))


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return ("dict", sorted(([repr(key), _ordered(item)] for key, item in value.items()), key=repr))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType, reportUnknownMemberType] - any value
    if isinstance(value, frozenset):
        return ("set", sorted(map(repr, value)))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - any value
    return [_ordered(item) for item in value] if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType] - any value


def test_keys_of_two_types_are_two_keys() -> None:
    assert len({hash_objects(value) for value in ({1: "a"}, {"1": "a"}, {True: "a"}, {None: "a"})}) == 4


PROGRAM = """
from dataclasses import dataclass
from ostinato.utilities.hashing import hash_objects
@dataclass
class Bag:
    members: set
class Plain:
    def __init__(self): self.name = "x"
factor = 3
def scaled(): return lambda x, y=2: x * y * factor
values = [{"a", "b", "c"}, Bag({"x", "y", "z"}), Plain(), b"\\xff", frozenset("abc"), scaled(), Plain, dataclass]
print(hash_objects(*values, key=ValueError("no")))
"""


def test_hashes_are_the_same_in_every_process() -> None:
    hashes = set[str]()
    for seed in ("1", "2", "3"):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        hashes.add(done.stdout)
    assert len(hashes) == 1
    assert "None" not in hashes.pop()


def test_a_generator_is_not_used_up() -> None:
    items = iter([1, 2])
    generator = (item for item in items)
    assert hash_objects(generator) is None
    assert list(generator) == [1, 2]


def test_functions_are_what_they_do() -> None:
    def scaling(factor: int) -> Any:
        def scaled(value: int) -> int:
            return value * factor

        return scaled

    assert hash_objects(scaling(2)) == hash_objects(scaling(2)) != hash_objects(scaling(3))
    assert hash_objects(os) != hash_objects(sys)


def test_enumerations_and_objects_have_hashes() -> None:
    assert hash_objects(Colour.RED) != hash_objects(1)
    assert hash_objects(Bag({"a"})) == hash_objects(Bag({"a"})) != hash_objects(Bag({"b"}))


def test_what_has_no_hash_is_none_or_an_error() -> None:
    recursive: list[Any] = []
    recursive.append(recursive)
    assert hash_objects(threading.Lock()) is None
    assert hash_objects(recursive) is None
    with pytest.raises(HashError, match="'lock' cannot be hashed"):
        hash_objects([threading.Lock()], raise_on_failure=True)
    with pytest.raises(HashError, match="RecursionError"):
        hash_objects(recursive, raise_on_failure=True)


def test_hashes_of_texts_and_files(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"ab")
    assert stable_hash("a", b"b") == file_hash(str(tmp_path / "file")) == "187ef4436122d1cc2f40dc2b92f0eba0"
