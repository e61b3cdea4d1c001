"""An event as the log holds it, and reading it from a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Select, select

from ostinato_core.db.tables import events
from ostinato_core.transaction import Row

Cursor = tuple[int, int]
"""A place in the log: the number of a transaction (0 on SQLite) and of a row."""


@dataclass
class StoredEvent:
    """An event with its place in the log."""

    cursor: Cursor
    id: UUID
    occurred: datetime
    received: datetime
    event: str
    resource: dict[str, str]
    related: list[dict[str, str]]
    payload: dict[str, Any]  # Any: any JSON value
    follows: UUID | None

    def content(self) -> dict[str, Any]:  # Any: any JSON value
        """Return the event as the wire has it (`ReceivedEvent`), for orjson."""
        return {
            "occurred": self.occurred,
            "event": self.event,
            "resource": self.resource,
            "related": self.related,
            "payload": self.payload,
            # As text: the driver's ids are of a subclass that orjson does not take.
            "id": str(self.id),
            "follows": None if self.follows is None else str(self.follows),
            "received": self.received,
        }

    @cached_property
    def json(self) -> bytes:
        """The event as JSON text, made once for all who read it."""
        return orjson.dumps(self.content(), option=orjson.OPT_UTC_Z)

    @cached_property
    def text(self) -> str:
        """What a text search looks at, without the blanks after commas and colons (see `filters.sql`)."""
        parts = (self.event, *(orjson.dumps(part).decode() for part in (self.resource, self.related, self.payload)))
        return without_separating_blanks(" ".join(parts))


def without_separating_blanks(text: str) -> str:
    """Return the text without one blank after each comma and colon: databases write JSON with it or without."""
    return text.replace(", ", ",").replace(": ", ":")


COLUMNS: Final = (
    events.c.transaction_id,
    events.c.position,
    events.c.id,
    events.c.occurred,
    events.c.received,
    events.c.event,
    events.c.resource,
    events.c.related,
    events.c.payload,
    events.c.follows,
)


def select_events() -> Select[Any]:  # Any: columns of many types
    """Return a query for whole events."""
    return select(*COLUMNS)


def from_content(content: Mapping[str, Any]) -> StoredEvent:  # Any: as of `StoredEvent.content`
    """Return an event of which the content was kept, as JSON; its place in the log is not."""
    return StoredEvent(
        cursor=(0, 0),
        id=UUID(content["id"]),
        occurred=datetime.fromisoformat(content["occurred"]),
        received=datetime.fromisoformat(content["received"]),
        event=content["event"],
        resource=content["resource"],
        related=content["related"],
        payload=content["payload"],
        follows=None if content["follows"] is None else UUID(content["follows"]),
    )


def from_row(row: Row) -> StoredEvent:
    """Return the event of a row."""
    return StoredEvent(
        cursor=(row["transaction_id"], row["position"]),
        id=row["id"],
        occurred=row["occurred"],
        received=row["received"],
        event=row["event"],
        resource=row["resource"],
        related=row["related"],
        payload=row["payload"],
        follows=row["follows"],
    )
