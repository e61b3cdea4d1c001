"""Appending to the log of events: one statement for any number of rows, with values as the driver takes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from ostinato_core.coordination import EVENTS, wake_ups
from ostinato_core.db.prepared import prepare
from ostinato_core.transaction import Transaction

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(slots=True)
class LogEntry:
    """An event ready to be stored: JSON as text without NUL, `occurred` aware and in UTC."""

    id: UUID
    occurred: datetime
    event: str
    resource_id: str
    resource: str
    related: str
    payload: str
    follows: UUID | None


# The numbers are drawn in order of arrival, but rows go in in order of their ids: two processes that store the same
# events (a client sends again what was not confirmed) would else wait for each other.
_POSTGRES = prepare(
    text("""
INSERT INTO events (position, transaction_id, id, workspace_id, occurred, received, event, resource_id,
                    resource, related, payload, follows)
SELECT numbers.list[n.place], CAST(CAST(pg_current_xact_id() AS text) AS bigint), n.id, CAST(:workspace_id AS uuid),
       n.occurred, CAST(:received AS timestamptz), n.event, n.resource_id,
       CAST(n.resource AS jsonb), CAST(n.related AS jsonb), CAST(n.payload AS jsonb), n.follows
FROM unnest(CAST(:id AS uuid[]), CAST(:occurred AS timestamptz[]), CAST(:event AS text[]),
            CAST(:resource_id AS text[]), CAST(:resource AS text[]), CAST(:related AS text[]),
            CAST(:payload AS text[]), CAST(:follows AS uuid[]))
     WITH ORDINALITY AS n(id, occurred, event, resource_id, resource, related, payload, follows, place),
     (SELECT array_agg(nextval(pg_get_serial_sequence('events', 'position'))) AS list
      FROM generate_series(1, CAST(:count AS integer))) AS numbers
ORDER BY n.id
ON CONFLICT (id, occurred) DO NOTHING
""")
)

_SQLITE = prepare(
    text("""
INSERT INTO events (id, workspace_id, occurred, received, event, resource_id, resource, related, payload, follows)
VALUES (:id, :workspace_id, :occurred, :received, :event, :resource_id, :resource, :related, :payload, :follows)
ON CONFLICT (id, occurred) DO NOTHING
""")
)


async def append(tx: Transaction, entries: Sequence[LogEntry]) -> None:
    """Append to the log, leaving out ids that it holds already, and wake its readers once the rows are committed."""
    if not entries:
        return
    if tx.dialect.name == "postgresql":
        await tx.run(_POSTGRES, _columns(tx, entries))
    else:
        await tx.run(_SQLITE, _rows(tx, entries))
    tx.after_commit(wake_readers)


def wake_readers() -> None:
    """Tell those who follow the log that there is more: an effect of a transaction that appended to it."""
    wake_ups().notify(EVENTS)


def _columns(tx: Transaction, entries: Sequence[LogEntry]) -> dict[str, Any]:  # Any: lists of many types
    return {
        "workspace_id": tx.workspace_id,
        "received": tx.now,
        "count": len(entries),
        "id": [entry.id for entry in entries],
        "occurred": [entry.occurred for entry in entries],
        "event": [entry.event for entry in entries],
        "resource_id": [entry.resource_id for entry in entries],
        "resource": [entry.resource for entry in entries],
        "related": [entry.related for entry in entries],
        "payload": [entry.payload for entry in entries],
        "follows": [entry.follows for entry in entries],
    }


def _rows(tx: Transaction, entries: Sequence[LogEntry]) -> list[dict[str, Any]]:  # Any: values of many types
    workspace_id = tx.workspace_id.hex
    received = microseconds(tx.now)
    return [
        {
            "id": entry.id.hex,
            "workspace_id": workspace_id,
            "occurred": microseconds(entry.occurred),
            "received": received,
            "event": entry.event,
            "resource_id": entry.resource_id,
            "resource": entry.resource,
            "related": entry.related,
            "payload": entry.payload,
            "follows": None if entry.follows is None else entry.follows.hex,
        }
        for entry in entries
    ]


def microseconds(moment: datetime) -> int:
    """Return a time as SQLite stores it: microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND
