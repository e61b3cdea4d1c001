"""Which run made which object: so that a plain result, passed on later, still draws an edge between the runs."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Collection
from typing import Literal, TypeAlias, cast

RunReference: TypeAlias = tuple[Literal["task_run", "flow_run"], str]
"""The kind of a run and its id."""

MAXIMUM_LINKS = 10_000
"""Objects that cannot be referenced weakly are kept alive while they are linked; the oldest are forgotten first."""

MAXIMUM_ELEMENTS = 1_000
"""The elements of a longer container are not linked one by one."""


def _elements(value: object) -> Collection[object]:
    if isinstance(value, dict):
        elements: Collection[object] = cast("dict[object, object]", value).values()
    elif isinstance(value, (list, tuple, set, frozenset)):
        elements = cast("Collection[object]", value)
    else:
        return ()
    return elements if len(elements) <= MAXIMUM_ELEMENTS else ()


def is_trackable(value: object) -> bool:
    """Whether `value` has an identity of its own; Python shares None, booleans and small integers."""
    if type(value) is int:
        return not -5 <= value <= 256
    return value is not None and type(value) is not bool and value is not ... and value is not NotImplemented


class ResultLinks:
    """Remembers, by identity, the objects that runs of one flow run returned."""

    def __init__(self) -> None:
        self._strong: OrderedDict[int, tuple[object, RunReference]] = OrderedDict()
        self._weak: dict[int, tuple[weakref.ref[object], RunReference]] = {}

    def add(self, value: object, run: RunReference) -> None:
        """Link `value` and its first-level elements to `run`."""
        self._add_one(value, run)
        for element in _elements(value):
            self._add_one(element, run)

    def find(self, value: object) -> RunReference | None:
        """Return the run that made this very object, if it is known."""
        key = id(value)
        strong = self._strong.get(key)
        if strong is not None:
            return strong[1]
        weak = self._weak.get(key)
        return weak[1] if weak is not None and weak[0]() is value else None

    def _add_one(self, value: object, run: RunReference) -> None:
        if not is_trackable(value):
            return
        key = id(value)
        try:
            self._weak[key] = (weakref.ref(value, lambda _: self._weak.pop(key, None)), run)
        except TypeError:  # strings, numbers, lists and the like have no weak references
            self._strong[key] = (value, run)
            if len(self._strong) > MAXIMUM_LINKS:
                self._strong.popitem(last=False)
