"""The rules of `map`: which arguments are spread over the children, and what each child gets."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from ostinato.exceptions import MappingLengthMismatch, MappingMissingIterable
from ostinato.futures import OstinatoFuture
from ostinato.states import State
from ostinato.utilities.annotations import Annotation, allow_failure, opaque, quote, unmapped

if TYPE_CHECKING:
    from ostinato.engine.signatures import BoundSignature

# Any below: arguments of users' functions.

Slot: TypeAlias = tuple[str, str | int | None]
"""One argument: the parameter, and the key or index within `**kwargs` or `*args`."""


def spread(parameters: dict[str, Any], signature: BoundSignature) -> list[dict[str, Any]]:
    """Return the parameters of each child.

    A future or state given directly is resolved first. Raises MappingMissingIterable, MappingLengthMismatch.
    """
    mapped: dict[Slot, list[Any]] = {}
    static: dict[Slot, Any] = {}
    for slot, value in _slots(parameters, signature):
        items = _items(value, signature.signature.parameters[slot[0]])
        if items is None:
            static[slot] = value
        else:
            mapped[slot] = items
    if not mapped:
        raise MappingMissingIterable(
            f"`map` needs an iterable argument, but none of {sorted(parameters)} is one that is not `unmapped`."
        )
    lengths = {str(name if key is None else key): len(items) for (name, key), items in mapped.items()}
    if len(set(lengths.values())) > 1:
        raise MappingLengthMismatch(f"The iterables given to `map` must be equally long, got lengths {lengths}.")
    count = next(iter(lengths.values()))
    return [
        _assemble(static | {slot: items[index] for slot, items in mapped.items()}, parameters, signature)
        for index in range(count)
    ]


def _slots(parameters: dict[str, Any], signature: BoundSignature) -> list[tuple[Slot, Any]]:
    """Return the arguments one by one, also those within `*args` and `**kwargs`."""
    slots: list[tuple[Slot, Any]] = []
    for name, value in parameters.items():
        kind = signature.signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            slots.extend(((name, key), item) for key, item in value.items())
        elif kind is inspect.Parameter.VAR_POSITIONAL:
            slots.extend(((name, index), item) for index, item in enumerate(value))
        else:
            slots.append(((name, None), value))
    return slots


def _assemble(slots: dict[Slot, Any], parameters: dict[str, Any], signature: BoundSignature) -> dict[str, Any]:
    """Return the parameters of a child, in the order of the signature."""
    child: dict[str, Any] = {}
    for name in parameters:
        kind = signature.signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            child[name] = {key: value for (owner, key), value in slots.items() if owner == name}
        elif kind is inspect.Parameter.VAR_POSITIONAL:
            child[name] = tuple(slots[name, index] for index in range(len(parameters[name])))
        else:
            child[name] = slots[name, None]
    return child


def _items(value: Any, parameter: inspect.Parameter) -> list[Any] | None:
    """Return one value per child, or None if every child gets `value` as it is."""
    if isinstance(value, (unmapped, quote)) or value is parameter.default:
        return None
    if isinstance(value, (allow_failure, opaque)):
        annotation = cast("Annotation[Any]", value)
        inner = _items(annotation.value, parameter)
        return None if inner is None else [annotation.rewrap(item) for item in inner]
    if isinstance(value, OstinatoFuture):
        return _from_result(cast("OstinatoFuture[Any]", value).result(), value)
    if isinstance(value, State):
        return _from_result(value.result(), value)
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        return None
    return list(cast("Iterable[Any]", value))


def _from_result(result: Any, upstream: Any) -> list[Any] | None:
    """Spread the result of an upstream run; each element remembers the run that it came from."""
    if isinstance(result, (str, bytes)) or not isinstance(result, Iterable):
        return None
    return [Element(item, upstream) for item in cast("Iterable[Any]", result)]


class Element(Annotation[Any]):
    """One element of an upstream run's result, and that run."""

    __slots__ = ("upstream",)

    def __init__(self, value: Any, upstream: Any = None) -> None:
        super().__init__(value)
        self.upstream = upstream

    def rewrap(self, value: Any) -> Element:
        """Return the same mark on another value."""
        return Element(value, self.upstream)
