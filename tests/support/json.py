"""JSON in tests: a name for "any JSON value" and the two questions that narrow it."""

from typing import Any, TypeAlias, TypeGuard

Json: TypeAlias = Any  # any JSON value: tests look into answers freely


def is_object(value: Json) -> TypeGuard[dict[str, Json]]:
    """Whether `value` is a JSON object."""
    return isinstance(value, dict)


def is_array(value: Json) -> TypeGuard[list[Json]]:
    """Whether `value` is a JSON array."""
    return isinstance(value, list)
