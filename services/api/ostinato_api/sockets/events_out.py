"""`/events/out`: events that a filter matches, first those stored, then live (websockets.md, section 4)."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from uuid import UUID

import orjson
from aiohttp import WSMsgType, web

from ostinato_api.deps import Services
from ostinato_api.sockets.filtered import serve_filtered
from ostinato_api.sockets.handshake import Socket, close, serve_socket
from ostinato_core.clock import utc_now
from ostinato_core.errors import Unavailable
from ostinato_core.events.filters import predicate
from ostinato_core.events.queries import Place, read_page
from ostinato_core.events.stored import StoredEvent
from ostinato_wire.base import JsonObject
from ostinato_wire.events import EventFilter, EventOrder

TRY_AGAIN_LATER = 1013


async def serve(request: web.Request) -> web.StreamResponse:
    """Send events until the client goes."""
    return await serve_socket(request, _serve)


async def _serve(socket: Socket, services: Services) -> None:
    async def send(wanted: EventFilter, frame: JsonObject) -> None:
        reach = timedelta(seconds=services.settings.events_websocket_backfill)
        wanted.order = EventOrder.ASC
        wanted.occurred.since = max(wanted.occurred.since, utc_now() - reach)
        lead = _lead(frame)
        await _send_all(socket, services, wanted, lead, backfill=bool(frame.get("backfill", True)))

    try:
        await serve_filtered(socket, EventFilter, send)
    except Unavailable as error:
        await close(socket, TRY_AGAIN_LATER, error.message)


def _lead(frame: JsonObject) -> bytes:
    """Return how frames begin that answer this one: they tell its channel, if it has one."""
    channel = frame.get("channel")
    told = b'"channel":' + orjson.dumps(channel) + b"," if isinstance(channel, str) else b""
    return b'{"type":"event",' + told + b'"event":'


async def _send_all(socket: Socket, services: Services, wanted: EventFilter, lead: bytes, *, backfill: bool) -> None:
    if not services.settings.events_stream_out_enabled:
        await asyncio.Event().wait()
    async with services.tail.subscribe(predicate(wanted)) as subscription:
        sent: set[UUID] = set()
        if backfill:
            async for event in _stored(services, wanted):
                if event.cursor > subscription.start:
                    sent.add(event.id)
                await _send(socket, lead, event)
        async for event in subscription:
            if event.id in sent:
                sent.discard(event.id)
            else:
                await _send(socket, lead, event)


async def _stored(services: Services, wanted: EventFilter) -> AsyncGenerator[StoredEvent]:
    size = services.settings.events_websocket_backfill_page_size
    place: Place | None = None
    while True:
        after = place
        page = await services.database.read(lambda tx, after=after: read_page(tx, wanted, size, after=after))
        for event in page:
            yield event
        if len(page) < size:
            return
        place = Place(page[-1].occurred, page[-1].id)


async def _send(socket: Socket, lead: bytes, event: StoredEvent) -> None:
    await socket.send_frame(lead + event.json + b"}", WSMsgType.TEXT)
