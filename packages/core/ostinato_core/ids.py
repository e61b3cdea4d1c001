"""Ids: UUIDv7 (RFC 9562), so that indexes grow at their end and ids sort by time of making."""

from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

DEFAULT_WORKSPACE_ID: Final = UUID("00000000-0000-7000-8000-000000000001")
"""The workspace that exists from the first migration."""


def new_id() -> UUID:
    """Return a new UUIDv7."""
    return uuid7()
