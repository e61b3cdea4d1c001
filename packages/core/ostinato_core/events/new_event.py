"""An event that the server makes itself, before it is recorded."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NotRequired, TypedDict
from uuid import UUID

import orjson


class NewEvent(TypedDict):
    """An event to be recorded; `id` is a new one and `occurred` the transaction's time unless given."""

    event: str
    resource: Mapping[str, str]
    related: NotRequired[Sequence[Mapping[str, str]]]
    payload: NotRequired[Mapping[str, Any]]  # Any: any JSON value
    id: NotRequired[UUID]
    occurred: NotRequired[datetime]
    follows: NotRequired[UUID | None]


def as_json(event: NewEvent, *, received: datetime) -> dict[str, Any]:  # Any: any JSON value
    """Return an event that has its own id as the wire will have it (`ReceivedEvent`), as JSON values only."""
    follows = event.get("follows")
    content = {
        "occurred": event.get("occurred") or received,
        "event": event["event"],
        "resource": event["resource"],
        "related": event.get("related") or [],
        "payload": event.get("payload") or {},
        "id": str(event.get("id")),
        "follows": None if follows is None else str(follows),
        "received": received,
    }
    return orjson.loads(orjson.dumps(content, option=orjson.OPT_UTC_Z))
