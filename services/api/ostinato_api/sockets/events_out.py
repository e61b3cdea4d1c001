"""`/events/out`: events that a filter matches, first those stored, then live (websockets.md, section 4)."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from uuid import UUID

from aiohttp import WSMsgType, web
from pydantic import ValidationError

from ostinato_api.deps import Services
from ostinato_api.sockets.handshake import PROTOCOL_ERROR, Socket, close, parse_object, serve_socket
from ostinato_core.clock import utc_now
from ostinato_core.errors import Unavailable
from ostinato_core.events.filters import predicate
from ostinato_core.events.queries import Place, read_page
from ostinato_core.events.stored import StoredEvent
from ostinato_wire.events import EventFilter, EventOrder

TRY_AGAIN_LATER = 1013


class Refused(Exception):
    """The client's filter frame is not what it must be."""


async def serve(request: web.Request) -> web.StreamResponse:
    """Send events until the client goes."""
    return await serve_socket(request, _serve)


async def _serve(socket: Socket, services: Services) -> None:
    message = await socket.receive()
    if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
        return
    try:
        wanted, backfill = read_filter_frame(
            message.data, timedelta(seconds=services.settings.events_websocket_backfill)
        )
    except Refused as error:
        await close(socket, PROTOCOL_ERROR, str(error))
        return
    sending = asyncio.create_task(_send_all(socket, services, wanted, backfill))
    listening = asyncio.create_task(_discard(socket))
    try:
        await asyncio.wait((sending, listening), return_when=asyncio.FIRST_COMPLETED)
        if sending.done():
            sending.result()
    except Unavailable as error:
        await close(socket, TRY_AGAIN_LATER, error.message)
    finally:
        sending.cancel()
        listening.cancel()
        await asyncio.gather(sending, listening, return_exceptions=True)


def read_filter_frame(frame: bytes, reach: timedelta) -> tuple[EventFilter, bool]:
    """Return the filter and whether to back-fill. `reach` is how far back. Errors: Refused, with a close reason."""
    message: dict[str, Any] | None = parse_object(frame)  # Any: any JSON value
    if message is None or message.get("type") != "filter":
        raise Refused("Expected 'filter' message")
    if "filter" not in message:
        raise Refused("Invalid filter: 'filter'")
    try:
        wanted = EventFilter.model_validate(message["filter"])
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Refused(f"Invalid filter: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    wanted.order = EventOrder.ASC
    wanted.occurred.since = max(wanted.occurred.since, utc_now() - reach)
    return wanted, bool(message.get("backfill", True))


async def _discard(socket: Socket) -> None:
    """Read until the client goes; pings are answered meanwhile."""
    while (await socket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
        pass


async def _send_all(socket: Socket, services: Services, wanted: EventFilter, backfill: bool) -> None:
    if not services.settings.events_stream_out_enabled:
        await asyncio.Event().wait()
    async with services.tail.subscribe(predicate(wanted)) as subscription:
        sent: set[UUID] = set()
        if backfill:
            async for event in _stored(services, wanted):
                if event.cursor > subscription.start:
                    sent.add(event.id)
                await _send(socket, event)
        async for event in subscription:
            if event.id in sent:
                sent.discard(event.id)
            else:
                await _send(socket, event)


async def _stored(services: Services, wanted: EventFilter) -> AsyncGenerator[StoredEvent]:
    size = services.settings.events_websocket_backfill_page_size
    place: Place | None = None
    while True:
        after = place
        page = await services.database.read(lambda tx, after=after: read_page(tx, wanted, size, after))
        for event in page:
            yield event
        if len(page) < size:
            return
        place = Place(page[-1].occurred, page[-1].id)


async def _send(socket: Socket, event: StoredEvent) -> None:
    await socket.send_frame(b'{"type":"event","event":' + event.json + b"}", WSMsgType.TEXT)
