"""The bounds of lists (behaviour.md, section 4)."""

from typing import Any

from ostinato_api.endpoint import Call
from ostinato_core.errors import Invalid


def limit_of(call: Call[Any], limit: int | None) -> int:  # Any: bodies of every kind
    """Return how many rows to answer. Errors: Invalid below 0 or above the server's limit."""
    most = call.services.settings.api_default_limit
    if limit is None:
        return most
    if limit < 0:
        raise Invalid("Invalid limit: must be greater than or equal to 0.")
    if limit > most:
        raise Invalid(f"Invalid limit: must be less than or equal to {most}.")
    return limit
