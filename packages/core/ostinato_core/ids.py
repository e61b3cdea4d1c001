"""Ids: UUIDv7 (RFC 9562), so that indexes grow at their end and ids sort by time of making."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import uuid_utils
from uuid_utils.compat import uuid7

DEFAULT_WORKSPACE_ID: Final = UUID("00000000-0000-7000-8000-000000000001")
"""The workspace that exists from the first migration."""


RowId = uuid_utils.UUID
"""What `new_row_ids` returns: a UUID with the members that the databases' drivers look at."""


def new_id() -> UUID:
    """Return a new UUIDv7."""
    return uuid7()


def new_row_ids(count: int) -> list[RowId]:
    """Return new UUIDv7s that go to the database only: of a class of their own, made in a tenth of the time."""
    return [uuid_utils.uuid7() for _ in range(count)]


def time_of_id(id_: UUID) -> datetime:
    """Return when a UUIDv7 was made, in UTC, to the millisecond."""
    return datetime.fromtimestamp((id_.int >> 80) / 1000, UTC)
