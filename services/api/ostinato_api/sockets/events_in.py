"""`/events/in`: a client's events. A pong says that all it sent before is committed (websockets.md, section 2)."""

import asyncio
import logging
from collections import deque

from aiohttp import WSMsgType, web

from ostinato_api.deps import Services
from ostinato_api.sockets.handshake import Socket, close, serve_socket
from ostinato_core.errors import Unavailable
from ostinato_core.events.ingest import Ingestor
from ostinato_core.events.parsing import InvalidEvent, NotJson, parse

logger = logging.getLogger("ostinato.server.events")

OK, UNSUPPORTED_DATA, TRY_AGAIN_LATER = 1000, 1003, 1013

TURN = 16
"""Frames of one connection that are taken in before others get their turn, however many have come."""


async def serve(request: web.Request) -> web.StreamResponse:
    """Take a client's events in until it goes."""
    return await serve_socket(request, _serve, autoping=False)


async def _serve(socket: Socket, services: Services) -> None:
    intake = Intake(services.ingestor, services.settings.events_maximum_size_bytes)
    try:
        code, reason = await _receive(socket, intake)
        await intake.settled()
    except Unavailable as error:
        code, reason = TRY_AGAIN_LATER, error.message
    intake.report()
    await close(socket, code, reason)


async def _receive(socket: Socket, intake: "Intake") -> tuple[int, str]:
    """Read frames until the client goes; return with what code and reason to close. Errors: Unavailable."""
    while True:
        message = await socket.receive()
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            try:
                await intake.take(message.data)
            except NotJson as error:
                return UNSUPPORTED_DATA, f"A frame is not JSON: {error}"
        elif message.type is WSMsgType.PING:
            await intake.settled()
            await socket.pong(message.data)
        elif message.type is not WSMsgType.PONG:
            return OK, ""


class Intake:
    """What one connection has brought, and whether it is stored."""

    def __init__(self, ingestor: Ingestor, maximum_size: int) -> None:
        self._ingestor = ingestor
        self._maximum_size = maximum_size
        self._unsettled: deque[asyncio.Future[None]] = deque()
        self._skipped = 0
        self._frames = 0

    async def take(self, frame: bytes) -> None:
        """Take an event in; waits where the server has too much to write, so that the client is not read from.

        An invalid event is left out: the client would send it for ever. Errors: NotJson; Unavailable where events
        taken in before could not be stored.
        """
        while self._unsettled and self._unsettled[0].done():
            self._unsettled.popleft().result()
        self._frames += 1
        if self._frames % TURN == 0:
            await asyncio.sleep(0)
        try:
            event = parse(frame, self._maximum_size)
        except InvalidEvent as error:
            self._skipped += 1
            if self._skipped == 1:
                logger.warning("An event is skipped, it is not valid: %s", error)
            return
        await self._ingestor.room()
        stored = self._ingestor.take(event)
        if not self._unsettled or self._unsettled[-1] is not stored:
            self._unsettled.append(stored)

    async def settled(self) -> None:
        """Return once all that was taken in is committed. Errors: Unavailable."""
        while self._unsettled:
            await asyncio.shield(self._unsettled[0])
            self._unsettled.popleft()

    def report(self) -> None:
        """Log how many events were left out."""
        if self._skipped > 1:
            logger.warning("%d events of a connection were skipped, they were not valid", self._skipped)
