"""Hydration: objects with a `__prefect_kind` become the values that they stand for (behaviour.md, section 13.5)."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ostinato_core.parameters.errors import HydrationError, TemplateInvalid
from ostinato_core.parameters.shapes import is_array, is_object
from ostinato_core.parameters.templates import render_template
from ostinato_wire.base import Json, JsonObject

KIND: Final = "__prefect_kind"


@dataclass(frozen=True, slots=True)
class HydrationContext:
    """What values may refer to: the workspace's variables by name, and the names that templates know."""

    variables: Mapping[str, Json] = field(default_factory=dict[str, Json])
    names: Mapping[str, Any] = field(default_factory=dict[str, Any])  # Any: whatever templates may look at


class _Removed:
    """Stands for a member that is to be left out."""


_REMOVED = _Removed()


def hydrate(value: Json, context: HydrationContext) -> Json:
    """Return a JSON value with every `__prefect_kind` object replaced; `{}` where nothing is left of it.

    The value is not changed. Errors: HydrationError, the first in the order of the value.
    """
    try:
        hydrated = _hydrate(value, context)
    except RecursionError as error:
        raise HydrationError("The value is nested too deeply.") from error
    return {} if isinstance(hydrated, _Removed) else hydrated


def _hydrate(value: Json, context: HydrationContext) -> Json:
    if is_object(value):
        if KIND in value:
            return _hydrate_kind(value, context)
        members = ((name, _hydrate(member, context)) for name, member in value.items())
        return {name: member for name, member in members if not isinstance(member, _Removed)}
    if is_array(value):
        return [item for each in value if not isinstance(item := _hydrate(each, context), _Removed)]
    return value


def _hydrate_kind(placeholder: JsonObject, context: HydrationContext) -> Json:
    kind = placeholder[KIND]
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    return placeholder.get("value") if reader is None else reader(placeholder, context)


def _read_none(placeholder: JsonObject, context: HydrationContext) -> Json:
    if "value" not in placeholder:
        raise HydrationError("Missing 'value' key in __prefect object")
    return _hydrate(placeholder["value"], context)


def _read_json(placeholder: JsonObject, context: HydrationContext) -> Json:
    value = _member(placeholder, "value", context)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, parse_constant=_no_number, parse_float=_finite, parse_int=_storable)
    except RecursionError as error:
        raise HydrationError("Invalid JSON: it is nested too deeply.") from error
    except ValueError as error:  # also a whole number of thousands of digits
        raise HydrationError(f"Invalid JSON: {error}") from error


def _read_jinja(placeholder: JsonObject, context: HydrationContext) -> Json:
    if "template" not in placeholder:
        raise HydrationError("Missing 'template' key in __prefect object")
    template = _member(placeholder, "template", context)
    if not isinstance(template, str):
        return template
    try:
        return render_template(template, context.names)
    except TemplateInvalid as error:
        raise HydrationError(f"Invalid jinja: {error.message}") from error


def _read_variable(placeholder: JsonObject, context: HydrationContext) -> Json:
    name = _member(placeholder, "variable_name", context)
    if isinstance(name, _Removed):
        return _REMOVED
    if not isinstance(name, str) or name not in context.variables:
        raise HydrationError(f"Variable '{name}' not found in workspace.")
    return context.variables[name]


_READERS: Final[dict[str, Callable[[JsonObject, HydrationContext], Json]]] = {
    "none": _read_none,
    "json": _read_json,
    "jinja": _read_jinja,
    "workspace_variable": _read_variable,
}


def _member(placeholder: JsonObject, name: str, context: HydrationContext) -> Json:
    """Return a member, hydrated if it is an object; a list is taken as it is."""
    if name not in placeholder:
        return _REMOVED
    value = placeholder[name]
    return _hydrate(value, context) if is_object(value) else value


def _no_number(_name: str) -> None:
    """Take `NaN` and `Infinity`, which Python's JSON has and the wire has not, as null."""


def _storable(text: str) -> int:
    number = int(text)
    if not -(2**63) <= number < 2**64:
        raise ValueError("Integer exceeds 64-bit range")
    return number


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None
