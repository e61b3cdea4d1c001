"""Events: tell the server what happened (`emit_event`), and listen to what it is told (`get_events_subscriber`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ostinato.events.clients import EventsClient, EventsSubscriber, get_events_client, get_events_subscriber
    from ostinato.events.emit import emit_event
    from ostinato_wire.events import Event

__all__ = [
    "Event",
    "EventsClient",
    "EventsSubscriber",
    "emit_event",
    "get_events_client",
    "get_events_subscriber",
]

_HOMES = {
    "Event": "ostinato_wire.events",
    "emit_event": "ostinato.events.emit",
    "EventsClient": "ostinato.events.clients",
    "EventsSubscriber": "ostinato.events.clients",
    "get_events_client": "ostinato.events.clients",
    "get_events_subscriber": "ostinato.events.clients",
}


def __getattr__(name: str) -> Any:  # Any: one of the names above; loaded when asked for, as they need websockets
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
