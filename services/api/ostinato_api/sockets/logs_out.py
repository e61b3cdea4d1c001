"""`/logs/out`: log lines that a filter matches, as they come (websockets.md, section 5)."""

import asyncio
import logging

from aiohttp import WSMsgType, web
from pydantic import ValidationError

from ostinato_api.deps import Services
from ostinato_api.sockets.handshake import PROTOCOL_ERROR, Socket, close, parse_object, serve_socket
from ostinato_wire.logs import LogFilter

logger = logging.getLogger("ostinato.server.logs")


class Refused(Exception):
    """The client's filter frame is not what it must be."""


async def serve(request: web.Request) -> web.StreamResponse:
    """Send lines until the client goes."""
    return await serve_socket(request, _serve)


async def _serve(socket: Socket, services: Services) -> None:
    message = await socket.receive()
    if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
        return
    try:
        wanted = read_filter_frame(message.data)
    except Refused as error:
        await close(socket, PROTOCOL_ERROR, str(error))
        return
    sending = asyncio.create_task(_send_all(socket, services, wanted))
    listening = asyncio.create_task(_discard(socket))
    try:
        await asyncio.wait((sending, listening), return_when=asyncio.FIRST_COMPLETED)
        if sending.done():
            sending.result()
    finally:
        sending.cancel()
        listening.cancel()
        await asyncio.gather(sending, listening, return_exceptions=True)


def read_filter_frame(frame: bytes) -> LogFilter:
    """Return the filter. Errors: Refused, with a close reason."""
    message = parse_object(frame)
    if message is None or message.get("type") != "filter":
        raise Refused("Expected 'filter' message")
    if "filter" not in message:
        raise Refused("Invalid filter: 'filter'")
    try:
        return LogFilter.model_validate(message["filter"])
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Refused(f"Invalid filter: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


async def _discard(socket: Socket) -> None:
    """Read until the client goes; pings are answered meanwhile."""
    while (await socket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
        pass


async def _send_all(socket: Socket, services: Services, wanted: LogFilter) -> None:
    if not services.settings.logs_stream_out_enabled:
        await asyncio.Event().wait()
    async with services.live_logs.follow(wanted) as follower:
        try:
            async for line in follower:
                await socket.send_frame(b'{"type":"log","log":' + line.json + b"}", WSMsgType.TEXT)
        finally:
            if follower.lost:
                logger.warning("A reader of live log lines was too slow, %d were left out", follower.lost)
