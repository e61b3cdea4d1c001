"""The value types of settings: how the text of an environment variable becomes a value, and back."""

import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias, cast

from pydantic import AfterValidator, BeforeValidator, SecretStr


@dataclass(frozen=True, slots=True)
class Also:
    """Older names (without prefix) under which a setting is accepted; metadata of a field."""

    names: tuple[str, ...]


def _split(value: object) -> object:
    """Return the items of a comma-separated or JSON text; other values unchanged."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        return _json(text)
    return [item.strip() for item in text.split(",") if item.strip()]


def _json(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f"not valid JSON: {error}") from None


def _number_or_numbers(value: object) -> object:
    """Return a list for text with commas or brackets; one number stays one number."""
    return _split(value) if isinstance(value, str) and ("," in value or "[" in value) else value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _base_url(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("an URL must start with http:// or https://")
    return value.rstrip("/")


BaseUrl: TypeAlias = Annotated[str, AfterValidator(_base_url)]
"""An http or https URL; a trailing slash is dropped."""

CodeSet: TypeAlias = Annotated[frozenset[int], BeforeValidator(_split)]
"""HTTP status codes; as text: comma-separated or a JSON list."""

NameList: TypeAlias = Annotated[list[str], BeforeValidator(_split)]
"""Names; as text: comma-separated or a JSON list."""

HeaderMap: TypeAlias = Annotated[dict[str, str], BeforeValidator(_json)]
"""HTTP headers; as text: a JSON object."""

Delay: TypeAlias = Annotated[int | float | list[float], BeforeValidator(_number_or_numbers)]
"""Seconds, or seconds for each retry; as text: a number, or several with commas."""

LogLevel: TypeAlias = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)]


def to_text(value: Any) -> str:  # any settings value: text is what all of them have in common
    """Return `value` as an environment variable holds it; reading it gives the same value."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (set, frozenset)):
        return json.dumps(sorted(cast(frozenset[Any], value)))  # items of any type that can be ordered
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value)
    return str(value)
