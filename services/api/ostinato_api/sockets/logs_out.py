"""`/logs/out`: log lines that a filter matches, as they come (websockets.md, section 5)."""

import asyncio
import logging

from aiohttp import WSMsgType, web

from ostinato_api.deps import Services
from ostinato_api.sockets.filtered import serve_filtered
from ostinato_api.sockets.handshake import Socket, serve_socket
from ostinato_wire.logs import LogFilter

logger = logging.getLogger("ostinato.server.logs")


async def serve(request: web.Request) -> web.StreamResponse:
    """Send lines until the client goes."""
    return await serve_socket(request, _serve)


async def _serve(socket: Socket, services: Services) -> None:
    await serve_filtered(socket, LogFilter, lambda wanted, _: _send_all(socket, services, wanted))


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
