"""Ids: UUIDv7 (RFC 9562), so that indexes grow at their end and ids sort by time of making."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

DEFAULT_WORKSPACE_ID: Final = UUID("00000000-0000-7000-8000-000000000001")
"""The workspace that exists from the first migration."""


def new_id() -> UUID:
    """Return a new UUIDv7."""
    return uuid7()


def time_of_id(id_: UUID) -> datetime:
    """Return when a UUIDv7 was made, in UTC, to the millisecond."""
    return datetime.fromtimestamp((id_.int >> 80) / 1000, UTC)
