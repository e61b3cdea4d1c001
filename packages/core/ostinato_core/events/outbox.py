"""Events that the server makes itself: written in the transaction of the change that they tell of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NotRequired, TypedDict
from uuid import UUID

from ostinato_core.db.types import dumps
from ostinato_core.events.log import LogEntry, append
from ostinato_core.ids import new_id
from ostinato_core.transaction import Transaction
from ostinato_wire.events import RESOURCE_ID


class NewEvent(TypedDict):
    """An event to be recorded; `id` is a new one and `occurred` the transaction's time unless given."""

    event: str
    resource: Mapping[str, str]
    related: NotRequired[Sequence[Mapping[str, str]]]
    payload: NotRequired[Mapping[str, Any]]  # Any: any JSON value
    id: NotRequired[UUID]
    occurred: NotRequired[datetime]
    follows: NotRequired[UUID | None]


async def record(tx: Transaction, *events: NewEvent) -> None:
    """Write events in the transaction of the change, and wake the log's readers once it is committed."""
    await append(tx, [_entry(tx, event) for event in events])


def _entry(tx: Transaction, event: NewEvent) -> LogEntry:
    return LogEntry(
        id=event.get("id") or new_id(),
        occurred=event.get("occurred") or tx.now,
        event=event["event"],
        resource_id=event["resource"][RESOURCE_ID],
        resource=dumps(event["resource"]),
        related=dumps(event.get("related") or []),
        payload=dumps(event.get("payload") or {}),
        follows=event.get("follows"),
    )
