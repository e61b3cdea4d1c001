"""Telling JSON values apart, for the type checker, too."""

from typing import TypeGuard

from ostinato_wire.base import Json, JsonObject


def is_object(value: Json) -> TypeGuard[JsonObject]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)


def is_array(value: Json) -> TypeGuard[list[Json]]:
    """Whether a JSON value is an array."""
    return isinstance(value, list)
