"""JSON as the API answers it."""

from typing import Any
from uuid import UUID

import orjson


def dumps(content: Any) -> bytes:  # Any: whatever orjson can write
    """Return JSON with times in UTC as `...Z` and ids as text."""
    return orjson.dumps(content, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS, default=_default)


def _default(value: object) -> str:
    if isinstance(value, UUID):  # asyncpg has a UUID class of its own
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
