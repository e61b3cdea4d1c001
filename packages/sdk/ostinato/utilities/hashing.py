"""Hashes of users' values that are the same in every process: cache keys are made of them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, cast

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from ostinato.engine.identity import code_digest
from ostinato.exceptions import HashError

# Any below: values of users' functions, and hash objects, which have no common type.

md5: Callable[..., Any] = partial(hashlib.md5, usedforsecurity=False)

_PLAIN: frozenset[type] = frozenset({str, int, float, bool, type(None)})


def stable_hash(*parts: str | bytes, hash_algo: Callable[..., Any] = md5) -> str:
    """Return the hex digest of `parts`, one after another."""
    digest = hash_algo()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
    return digest.hexdigest()


def file_hash(path: str, hash_algo: Callable[..., Any] = md5) -> str:
    """Return the hex digest of a file."""
    return stable_hash(Path(path).read_bytes(), hash_algo=hash_algo)


def hash_objects(
    *args: Any, hash_algo: Callable[..., Any] = md5, raise_on_failure: bool = False, **kwargs: Any
) -> str | None:
    """Return the hex digest of values: equal ones have the same in every process.

    None if a value can be turned neither into JSON nor into a pickle; HashError with `raise_on_failure`.
    """
    try:
        text = json.dumps([_canonical(args), _canonical(kwargs)], sort_keys=True)
    except HashError:
        if raise_on_failure:
            raise
        return None
    except (TypeError, ValueError, RecursionError) as error:
        if raise_on_failure:
            raise HashError(f"A value cannot be hashed: {type(error).__name__}: {error}") from error
        return None
    return stable_hash(text, hash_algo=hash_algo)


def _canonical(value: Any) -> Any:
    """Return the JSON form of `value`: that of the JSON serializer, unless its order or its keys are not fixed."""
    kind = cast("type[object]", type(value))
    if kind in _PLAIN:
        return value
    if isinstance(value, (list, tuple)):
        return [_canonical(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return _mapping(cast("dict[Any, Any]", value))
    if isinstance(value, (set, frozenset)):
        members = [_canonical(item) for item in cast("set[Any]", value)]
        return _named(kind, sorted(members, key=_order))
    if isinstance(value, (str, int, float)):  # subclasses, such as enumerations
        return value
    if isinstance(value, BaseException):
        return {"__exc_type__": f"{kind.__module__}.{kind.__qualname__}", "message": str(value)}
    fields = _fields(value)
    if fields is not None and _has_set(fields):
        return _named(kind, _canonical(fields))
    if isinstance(value, Iterator):  # its JSON form would use it up
        return _taken_apart(value)
    try:
        return _named(kind, to_jsonable_python(value))
    except (ValueError, TypeError, AttributeError):
        return _taken_apart(value)


def _named(kind: type[object], data: Any) -> dict[str, Any]:
    return {"__class__": f"{kind.__module__}.{kind.__qualname__}", "data": data}


def _mapping(value: dict[Any, Any]) -> Any:
    if all(type(key) is str for key in value):
        return {key: _canonical(item) for key, item in value.items()}
    items = [[_canonical(key), _canonical(item)] for key, item in value.items()]  # 1 and "1" are two keys
    return {"__class__": "builtins.dict", "items": sorted(items, key=_order)}


def _order(canonical: Any) -> str:
    return json.dumps(canonical, sort_keys=True)


def _fields(value: Any) -> dict[str, Any] | None:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)}
    if isinstance(value, BaseModel):
        return {name: getattr(value, name, None) for name in type(value).model_fields}
    return None


def _has_set(value: Any) -> bool:
    if isinstance(value, (set, frozenset)):
        return True
    if isinstance(value, dict):
        return any(_has_set(item) for item in cast("dict[Any, Any]", value).values())
    if isinstance(value, (list, tuple)):
        return any(_has_set(item) for item in cast("list[Any]", value))
    return _has_set(fields) if (fields := _fields(value)) is not None else False


def _taken_apart(value: Any) -> dict[str, Any]:
    """Return what a pickle of `value` would be made of, without what differs from process to process in a pickle."""
    if isinstance(value, bytes):
        return {"__bytes__": stable_hash(value)}
    if isinstance(value, (type, ModuleType)):
        return {"__global__": _name(value)}
    if isinstance(value, FunctionType):
        return _function(value)
    try:
        parts = value.__reduce_ex__(4)
    except Exception as error:
        raise HashError(
            f"A value of type {type(value).__name__!r} cannot be hashed, for it has neither a JSON form nor a pickle: "
            f"{error}"
        ) from error
    if isinstance(parts, str):
        return {"__global__": f"{getattr(value, '__module__', None)}.{parts}"}
    members: list[Any] = list(parts)[:5]  # maker, arguments, state, and the items of lists and of dictionaries
    return {
        "__reduce__": [_canonical(list(cast("Iterator[Any]", m)) if isinstance(m, Iterator) else m) for m in members]
    }


def _name(value: Any) -> str:
    return value.__name__ if isinstance(value, ModuleType) else f"{value.__module__}.{value.__qualname__}"


def _function(value: FunctionType) -> dict[str, Any]:
    """Return what a function does and with which values; that it was compiled anew or moved makes no difference."""
    cells = [cell.cell_contents for cell in value.__closure__ or ()]
    defaults = [value.__defaults__, value.__kwdefaults__]
    return {"__function__": [_name(value), code_digest(value.__code__), _canonical(defaults), _canonical(cells)]}
