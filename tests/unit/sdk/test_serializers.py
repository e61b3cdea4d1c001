"""Serializers: round trips, their names in records, and errors that say what to do."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from ostinato.exceptions import SerializationError
from ostinato.serializers import (
    CompressedSerializer,
    JSONSerializer,
    PickleSerializer,
    Serializer,
    UnknownSerializer,
    deserialize,
    recorded_serializer,
    resolve_serializer,
    serialize,
)

NAMES = ["pickle", "json", "compressed/pickle", "compressed/json"]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
).filter(lambda value: not _is_reserved(value))


def _is_reserved(value: Any) -> bool:  # Any: JSON
    if isinstance(value, dict):
        return bool({"__class__", "__exc_type__"} & value.keys()) or any(map(_is_reserved, value.values()))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType, reportUnknownMemberType] - JSON
    return isinstance(value, list) and any(map(_is_reserved, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - JSON


class Point(BaseModel):
    x: int
    at: datetime | None = None


@dataclass
class Pair:
    left: int


@pytest.mark.parametrize("name", NAMES)
@given(value=json_values)
def test_any_json_value_comes_back(name: str, value: object) -> None:
    serializer = resolve_serializer(name)
    blob = serializer.dumps(value)
    blob.decode("ascii" if name != "json" else "utf-8")  # records hold it as text
    assert serializer.loads(blob) == value


@pytest.mark.parametrize(
    "value",
    [
        Point(x=1, at=datetime(2020, 1, 1)),  # noqa: DTZ001 - a naive time must stay one
        Pair(2),
        {1, 2},
        b"text",
        timedelta(seconds=3),
        UUID(int=1),
        [Point(x=1)],
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_objects_come_back_as_what_they_were(name: str, value: object) -> None:
    serializer = resolve_serializer(name)
    back = serializer.loads(serializer.dumps(value))
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("name", NAMES)
def test_exceptions_come_back(name: str) -> None:
    serializer = resolve_serializer(name)
    back: Any = serializer.loads(serializer.dumps(ValueError("no")))
    assert isinstance(back, ValueError)
    assert back.args == ("no",)


def test_the_base_makes_the_subclass_that_is_named() -> None:
    assert isinstance(Serializer(type="json"), JSONSerializer)  # pyright: ignore[reportAbstractUsage] - it makes another
    with pytest.raises(ValueError, match=r"There is no serializer 'nix'; there are \["):
        resolve_serializer("nix")
    with pytest.raises(TypeError, match="got int"):
        resolve_serializer(7)


def test_a_subclass_of_the_user_is_known_by_its_type() -> None:
    class Shouting(Serializer[str]):
        type: str = "shouting"

        def dumps(self, obj: str) -> bytes:
            return obj.upper().encode()

        def loads(self, blob: bytes) -> str:
            return blob.decode().lower()

    found = resolve_serializer("shouting")
    assert found.loads(found.dumps("text")) == "text"
    assert recorded_serializer({"type": "shouting"}) == Shouting()


def test_an_unknown_serializer_of_a_record_fails_when_it_is_used() -> None:
    unknown = recorded_serializer({"type": "gone", "level": 3})
    assert isinstance(unknown, UnknownSerializer)
    with pytest.raises(SerializationError, match="Import the module that defines it"):
        deserialize(unknown, b"")


def test_records_name_the_functions_of_json_as_every_client_knows_them() -> None:
    assert JSONSerializer[Any]().model_dump() == {
        "type": "json",
        "jsonlib": "json",
        "object_encoder": "prefect.serializers.prefect_json_object_encoder",
        "object_decoder": "prefect.serializers.prefect_json_object_decoder",
        "dumps_kwargs": {},
        "loads_kwargs": {},
    }
    assert PickleSerializer[Any]().model_dump() == {
        "type": "pickle",
        "picklelib": "cloudpickle",
        "picklelib_version": None,
    }


def test_compression_is_around_any_serializer() -> None:
    packed = CompressedSerializer[Any](serializer="json", compressionlib="zlib")  # pyright: ignore[reportArgumentType] - a name, which it resolves
    assert packed.loads(packed.dumps([1])) == [1]
    assert recorded_serializer(packed.model_dump()) == packed


@pytest.mark.parametrize(
    "options",
    [
        {"type": "json", "dumps_kwargs": {"default": 1}},
        {"type": "json", "loads_kwargs": {"object_hook": 1}},
        {"type": "json", "jsonlib": "no_such_library"},
        {"type": "pickle", "picklelib": "no_such_library"},
        {"type": "pickle", "unknown": 1},
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        resolve_serializer(options)


def test_a_value_that_cannot_be_serialized_gets_advice() -> None:
    with pytest.raises(SerializationError, match=r"'lock' cannot be serialized by 'json'.*result_serializer='pickle'"):
        serialize(resolve_serializer("json"), threading.Lock())
    with pytest.raises(SerializationError, match="persist_result=False"):
        serialize(resolve_serializer("pickle"), threading.Lock())


def test_bytes_that_are_no_value_are_an_error_that_names_the_serializer() -> None:
    with pytest.raises(SerializationError, match="'pickle'"):
        deserialize(resolve_serializer("pickle"), b"bm8=")
