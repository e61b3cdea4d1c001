"""Events that the server makes itself: written in the transaction of the change that they tell of."""

from ostinato_core.db.types import dumps
from ostinato_core.events.log import LogEntry, append
from ostinato_core.events.new_event import NewEvent
from ostinato_core.ids import new_id
from ostinato_core.transaction import Transaction
from ostinato_wire.events import RESOURCE_ID


async def record(tx: Transaction, *events: NewEvent) -> None:
    """Write events in the transaction of the change, as its last statement, and wake the log's readers after it."""
    tx.write_last(append, [_entry(tx, event) for event in events])


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
