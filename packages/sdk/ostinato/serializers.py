"""How values become bytes and back: pickle, JSON, and either of them compressed. Records name their serializer."""

from __future__ import annotations

import abc
import base64
import json
from collections.abc import Callable
from importlib import import_module
from typing import Any, ClassVar, Generic, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, TypeAdapter, ValidationError, field_validator
from pydantic_core import to_jsonable_python

from ostinato.exceptions import SerializationError

D = TypeVar("D")

ENCODER = "prefect.serializers.prefect_json_object_encoder"
"""The name under which records know `json_object_encoder`; it is the wire's, so that every client can read them."""

DECODER = "prefect.serializers.prefect_json_object_decoder"
"""The name under which records know `json_object_decoder`."""

# Any below: values of users' functions, and members of JSON.


def qualified_name(kind: type[object]) -> str:
    """Return the name by which `import_object` finds a class."""
    return f"{kind.__module__}.{kind.__qualname__}"


def import_object(name: str) -> Any:
    """Return what a dotted name stands for. Raises ImportError, AttributeError."""
    parts = name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            found: Any = import_module(".".join(parts[:end]))
        except ModuleNotFoundError as error:
            if error.name is not None and ".".join(parts[:end]).startswith(error.name):
                continue
            raise
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise ImportError(f"There is no module of {name!r}.")


def json_object_encoder(obj: Any) -> Any:
    """Return the JSON form of an object that JSON has no form for; what pydantic can turn into JSON has one."""
    if isinstance(obj, BaseException):
        return {"__exc_type__": qualified_name(cast("type[object]", type(obj))), "message": str(obj)}
    return {"__class__": qualified_name(cast("type[object]", type(obj))), "data": to_jsonable_python(obj)}


def json_object_decoder(result: dict[str, Any]) -> Any:
    """Return the object that `json_object_encoder` took apart; other dictionaries are returned as they are."""
    if "__class__" in result:
        return TypeAdapter(import_object(result["__class__"])).validate_json(json.dumps(result["data"]))
    if "__exc_type__" in result:
        return import_object(result["__exc_type__"])(result["message"])
    return result


_OWN: dict[str, Callable[[Any], Any]] = {ENCODER: json_object_encoder, DECODER: json_object_decoder}


def _function(name: str) -> Callable[[Any], Any]:
    return _OWN.get(name) or import_object(name)


class Serializer(BaseModel, Generic[D]):
    """The base of serializers. A subclass with a default for `type` can be named by it: `result_serializer="mine"`."""

    model_config = ConfigDict(extra="forbid")

    _kinds: ClassVar[dict[str, type[Serializer[Any]]]] = {}

    type: str = Field(description="The name of this kind of serializer in records.")

    def __class_getitem__(cls, _: Any) -> Any:
        """Return the class itself: the type in brackets is for type checkers, and pydantic needs no class for it."""
        return cls

    def __new__(cls, **data: Any) -> Self:
        """Return an instance of the subclass that `type` names, if this class is asked for one."""
        kind = cls._kinds.get(data.get("type", "")) if cls is Serializer else None
        if cls is Serializer and kind is None:
            raise ValueError(_unknown(data.get("type")))
        return super().__new__(cast("type[Self]", kind or cls))  # a subclass, as documented

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        kind = cls.model_fields["type"].default
        if isinstance(kind, str):
            Serializer._kinds[kind] = cls

    @abc.abstractmethod
    def dumps(self, obj: D) -> bytes:
        """Return `obj` as bytes that are text, which a JSON string can hold."""
        raise NotImplementedError

    @abc.abstractmethod
    def loads(self, blob: bytes) -> D:
        """Return the object that `dumps` gave `blob` for."""
        raise NotImplementedError


def _unknown(kind: object) -> str:
    return f"There is no serializer {kind!r}; there are {sorted(Serializer._kinds)}."  # pyright: ignore[reportPrivateUsage] - same file


def _importable(library: str) -> str:
    try:
        import_module(library)
    except ImportError:
        raise ValueError(f"The library {library!r} cannot be imported; install it, or name another one.") from None
    return library


class PickleSerializer(Serializer[D]):
    """Pickles, as base64 text. Takes nearly everything; read only what you trust."""

    type: str = "pickle"
    picklelib: str = Field(default="cloudpickle", description="Module with `dumps` and `loads`.")
    picklelib_version: str | None = None

    _check_library = field_validator("picklelib")(_importable)

    def dumps(self, obj: D) -> bytes:
        """Return `obj`, pickled, in lines of base64."""
        return base64.encodebytes(import_module(self.picklelib).dumps(obj))

    def loads(self, blob: bytes) -> D:
        """Return the pickled object."""
        return import_module(self.picklelib).loads(base64.decodebytes(blob))


class JSONSerializer(Serializer[D]):
    """JSON. Objects that JSON has no form for are stored as pydantic has them, with the name of their class."""

    type: str = "json"
    jsonlib: str = Field(default="json", description="Module with `dumps` and `loads`.")
    object_encoder: str | None = Field(default=ENCODER, description="Dotted name of a function for other objects.")
    object_decoder: str | None = Field(default=DECODER, description="Dotted name of the function that undoes it.")
    dumps_kwargs: dict[str, Any] = Field(default_factory=dict)
    loads_kwargs: dict[str, Any] = Field(default_factory=dict)

    _check_library = field_validator("jsonlib")(_importable)

    @field_validator("dumps_kwargs")
    @classmethod
    def _without_default(cls, value: dict[str, Any]) -> dict[str, Any]:
        if "default" in value:
            raise ValueError("`default` cannot be given; use `object_encoder`.")
        return value

    @field_validator("loads_kwargs")
    @classmethod
    def _without_hook(cls, value: dict[str, Any]) -> dict[str, Any]:
        if "object_hook" in value:
            raise ValueError("`object_hook` cannot be given; use `object_decoder`.")
        return value

    def dumps(self, obj: D) -> bytes:
        """Return `obj` as JSON."""
        options = dict(self.dumps_kwargs)
        if self.object_encoder:
            options["default"] = _function(self.object_encoder)
        text = import_module(self.jsonlib).dumps(obj, **options)
        return text.encode() if isinstance(text, str) else text  # orjson gives bytes

    def loads(self, blob: bytes) -> D:
        """Return the value of a JSON text."""
        options = dict(self.loads_kwargs)
        if self.object_decoder:
            options["object_hook"] = _function(self.object_decoder)
        return import_module(self.jsonlib).loads(blob.decode(), **options)


class CompressedSerializer(Serializer[D]):
    """What another serializer gives, compressed, as base64 text."""

    type: str = "compressed"
    serializer: SerializeAsAny[Serializer[Any]]
    compressionlib: str = Field(default="lzma", description="Module with `compress` and `decompress`.")

    _check_library = field_validator("compressionlib")(_importable)

    @field_validator("serializer", mode="before")
    @classmethod
    def _resolve(cls, value: object) -> Serializer[Any]:
        return resolve_serializer(value)

    def dumps(self, obj: D) -> bytes:
        """Return `obj`, serialized and compressed, in lines of base64."""
        return base64.encodebytes(import_module(self.compressionlib).compress(self.serializer.dumps(obj)))

    def loads(self, blob: bytes) -> D:
        """Return the object that was compressed."""
        return self.serializer.loads(import_module(self.compressionlib).decompress(base64.decodebytes(blob)))


class CompressedPickleSerializer(CompressedSerializer[D]):
    """Pickles, compressed."""

    type: str = "compressed/pickle"
    serializer: SerializeAsAny[Serializer[Any]] = Field(default_factory=PickleSerializer[Any])


class CompressedJSONSerializer(CompressedSerializer[D]):
    """JSON, compressed."""

    type: str = "compressed/json"
    serializer: SerializeAsAny[Serializer[Any]] = Field(default_factory=JSONSerializer[Any])


class UnknownSerializer(Serializer[Any]):
    """Stands for a serializer of a record that this process does not know: the record can be told of, but not read."""

    model_config = ConfigDict(extra="allow")

    type: str

    def dumps(self, obj: Any) -> bytes:
        """Raise SerializationError."""
        raise SerializationError(_unknown(self.type))

    def loads(self, blob: bytes) -> Any:
        """Raise SerializationError."""
        raise SerializationError(f"{_unknown(self.type)} Import the module that defines it before reading the record.")


_NAMED: Callable[..., Serializer[Any]] = Serializer
"""The base as what it is to its callers: a factory of its subclasses by their type."""


def resolve_serializer(given: Any) -> Serializer[Any]:
    """Return the serializer that a name, a dictionary as records have it, or a serializer itself stands for.

    Raises ValueError for an unknown name, TypeError for anything else.
    """
    if isinstance(given, Serializer):
        return cast("Serializer[Any]", given)
    if isinstance(given, (str, dict)):
        members = {"type": given} if isinstance(given, str) else cast("dict[str, Any]", given)
        return _NAMED(**members)
    raise TypeError(f"A serializer is a name or a Serializer, got {type(given).__name__}.")


def recorded_serializer(given: Any) -> Serializer[Any]:
    """Return the serializer that a record names; one that is not known here is an UnknownSerializer."""
    if isinstance(given, dict):
        members = cast("dict[str, Any]", given)
        if members.get("type") not in Serializer._kinds:  # pyright: ignore[reportPrivateUsage] - same file
            return UnknownSerializer(**members)
    return resolve_serializer(given)


def serialize(serializer: Serializer[Any], value: Any) -> bytes:
    """Return `value` as bytes. Raises SerializationError, with what can be done about it."""
    try:
        return serializer.dumps(value)
    except Exception as error:  # a user's class or serializer may raise anything
        other = "pickle" if "json" in serializer.type else "json"
        raise SerializationError(
            f"A value of type {type(value).__name__!r} cannot be serialized by {serializer.type!r}: {error} Choose "
            f"another serializer (such as result_serializer={other!r}), or do not persist it (persist_result=False)."
        ) from error


def deserialize(serializer: Serializer[Any], blob: bytes) -> Any:
    """Return the value that `blob` holds. Raises SerializationError."""
    try:
        return serializer.loads(blob)
    except (SerializationError, ValidationError):
        raise
    except Exception as error:  # a user's class or serializer may raise anything
        raise SerializationError(
            f"A stored value cannot be read by the serializer {serializer.type!r}: {type(error).__name__}: {error}"
        ) from error
