"""Sending events and waiting until they are safe; listening to events as they come in."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

import orjson
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

from ostinato.client.lookup import api_url
from ostinato.client.sockets import TRANSPORT_ERRORS, open_socket
from ostinato.events.schemas.events import Event, ReceivedEvent
from ostinato.events.worker import EventsWorker
from ostinato.settings import get_current_settings
from ostinato_wire.events import EventFilter, EventOccurredFilter

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

SEEN_LIMIT = 500_000
"""Ids of events that are remembered to leave out repeats."""
BACKFILL = timedelta(minutes=1)
HORIZON = timedelta(days=365)
QUICK_ATTEMPTS = 2
DELIVERY_SECONDS = 30.0


class EventsDeliveryFailed(RuntimeError):
    """Events were not confirmed by the server in time; they stay queued and may still arrive."""


class EventsClient:
    """Sends events through this process's worker; leaving the `async with` block waits until they are safe."""

    async def __aenter__(self) -> Self:
        self._worker = await asyncio.to_thread(EventsWorker.instance)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        left = await asyncio.to_thread(self._worker.drain, DELIVERY_SECONDS)
        if left and kind is None:
            raise EventsDeliveryFailed(f"{left} events were not confirmed within {DELIVERY_SECONDS:g} seconds.")

    async def emit(self, event: Event) -> None:
        """Queue `event`; waits, without blocking the loop, while too many are queued."""
        await asyncio.to_thread(self._worker.send, event.model_dump(mode="python"))


def get_events_client() -> EventsClient:
    """Return a client for `async with get_events_client() as client: await client.emit(event)`."""
    return EventsClient()


class EventsSubscriber(AsyncIterator[ReceivedEvent]):
    """Iterates over events that meet a filter: those of the last minute, then live ones, each id once.

    A lost connection is opened again, `reconnection_attempts` times in a row at most, and what was missed is filled in.
    A clean close by the server ends the iteration, unless `reconnect_on_clean_close`.
    """

    def __init__(
        self,
        filter: EventFilter | None = None,  # the name of the reference's function
        reconnection_attempts: int = 10,
        reconnect_on_clean_close: bool = False,
    ) -> None:
        self._filter = filter or EventFilter()
        self._attempts = reconnection_attempts
        self._reconnect_on_clean_close = reconnect_on_clean_close
        self._seen: OrderedDict[UUID, None] = OrderedDict()
        self._newest: datetime | None = None
        self._stack = AsyncExitStack()
        self._socket: ClientConnection | None = None

    async def __aenter__(self) -> Self:
        await self._reconnect()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._socket = None
        await self._stack.aclose()

    async def __anext__(self) -> ReceivedEvent:
        """Return the next event. Raises StopAsyncIteration at a clean close, the last error when out of attempts."""
        while True:
            if self._socket is None:
                await self._reconnect()
                continue
            try:
                frame = await self._socket.recv()
            except ConnectionClosed as error:
                self._socket = None
                if isinstance(error, ConnectionClosedOK) and not self._reconnect_on_clean_close:
                    raise StopAsyncIteration from None
                continue
            event = _event_in(frame)
            if event is not None and self._is_new(event):
                return event

    def _is_new(self, event: ReceivedEvent) -> bool:
        if event.id in self._seen:
            return False
        self._seen[event.id] = None
        if len(self._seen) > SEEN_LIMIT:
            self._seen.popitem(last=False)
        self._newest = max(self._newest or event.occurred, event.occurred)
        return True

    async def _reconnect(self) -> None:
        for attempt in range(self._attempts + 1):
            if attempt > QUICK_ATTEMPTS:
                await asyncio.sleep(1)
            try:
                await self._connect()
            except TRANSPORT_ERRORS:
                if attempt == self._attempts:
                    raise
            else:
                return

    async def _connect(self) -> None:
        await self._stack.aclose()
        settings = get_current_settings()
        socket = await self._stack.enter_async_context(open_socket(settings, api_url(settings), "/events/out"))
        now = datetime.now(UTC)
        window = EventOccurredFilter(since=(self._newest or now) - BACKFILL, until=now + HORIZON)
        wanted = self._filter.model_copy(update={"occurred": window}).model_dump(mode="json")
        await socket.send(orjson.dumps({"type": "filter", "filter": wanted}), text=True)
        self._socket = socket


def _event_in(frame: str | bytes) -> ReceivedEvent | None:
    message: dict[str, Any] = orjson.loads(frame)  # Any: JSON
    return ReceivedEvent.model_validate(message["event"]) if message.get("type") == "event" else None


def get_events_subscriber(
    filter: EventFilter | None = None, reconnection_attempts: int = 10, reconnect_on_clean_close: bool = False
) -> EventsSubscriber:
    """Return a subscriber for `async with get_events_subscriber(...) as events: async for event in events: ...`."""
    return EventsSubscriber(filter, reconnection_attempts, reconnect_on_clean_close)
