"""Walking through the arguments and results of users' functions, and rebuilding only what changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from ostinato.utilities.annotations import Annotation, quote

ATOMS: frozenset[type] = frozenset({int, str, float, bool, type(None), bytes, complex, bytearray, range, type})
"""Types without members; they are passed by at once."""

F = TypeVar("F")

# Any below: members of users' values.


def members(value: object) -> list[Any] | None:
    """Return the direct members of a list, tuple, set, dict, dataclass or model; None for anything else."""
    kind = type(value)
    if kind in ATOMS:
        return None
    if isinstance(value, dict):
        mapping = cast("dict[Any, Any]", value)
        return [*mapping.keys(), *mapping.values()]
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(cast("list[Any]", value))
    if dataclasses.is_dataclass(kind):
        return [getattr(value, field.name, None) for field in dataclasses.fields(kind)]
    if isinstance(value, BaseModel):
        return [getattr(value, name, None) for name in type(value).model_fields]
    return None


def rebuild(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return `value` with `change` applied to its direct members; `value` itself if none of them changed.

    Dataclasses are rebuilt by `replace`, models without validation.
    """
    if isinstance(value, dict):
        return _rebuild_dict(cast("dict[Any, Any]", value), change)
    if isinstance(value, (list, tuple, set, frozenset)):
        return _rebuild_sequence(cast("list[Any]", value), change)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changed = _changed(value, [f.name for f in dataclasses.fields(value)], change)
        initial = {f.name for f in dataclasses.fields(value) if f.init}
        rebuilt = dataclasses.replace(value, **{k: v for k, v in changed.items() if k in initial}) if changed else value
        for name in changed.keys() - initial:
            object.__setattr__(rebuilt, name, changed[name])
        return rebuilt
    if isinstance(value, BaseModel):
        changed = _changed(value, list(type(value).model_fields), change)
        return value.model_copy(update=changed) if changed else value
    return value


def _changed(value: Any, names: list[str], change: Callable[[Any], Any]) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for name in names:
        before = getattr(value, name, None)
        after = change(before)
        if after is not before:
            changed[name] = after
    return changed


def _rebuild_dict(value: dict[Any, Any], change: Callable[[Any], Any]) -> Any:
    pairs = [(change(key), change(item)) for key, item in value.items()]
    if all(new[0] is old[0] and new[1] is old[1] for new, old in zip(pairs, value.items(), strict=True)):
        return value
    if type(value) is dict:
        return dict(pairs)
    copy = value.copy()  # keeps what a subclass adds, such as a defaultdict's factory
    copy.clear()
    copy.update(pairs)
    return copy


def _rebuild_sequence(value: Any, change: Callable[[Any], Any]) -> Any:
    before = list(value)
    after = [change(member) for member in before]
    if all(new is old for new, old in zip(after, before, strict=True)):
        return value
    if hasattr(value, "_fields"):  # a named tuple
        return type(value)(*after)
    try:
        return type(value)(after)
    except TypeError:  # a subclass with a constructor of its own
        return after


def replace_all(value: Any, kind: type[F], replace: Callable[[F], Any]) -> Any:
    """Return `value` with every instance of `kind`, at any depth, replaced; `quote`d parts are left as they are."""
    open_containers: set[int] = set()

    def change_inside(annotation: Annotation[Any]) -> Annotation[Any]:
        inner = visit(annotation.value)
        return annotation if inner is annotation.value else annotation.rewrap(inner)

    def visit(item: Any) -> Any:
        if type(item) in ATOMS:
            return item
        if isinstance(item, kind):
            return replace(item)
        if isinstance(item, Annotation):
            annotation = cast("Annotation[Any]", item)
            return annotation if isinstance(annotation, quote) else change_inside(annotation)
        if id(item) in open_containers:  # a value that contains itself
            return item
        open_containers.add(id(item))
        try:
            return rebuild(item, visit)
        finally:
            open_containers.discard(id(item))

    return visit(value)
