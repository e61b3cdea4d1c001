"""A client of `/events/in` that loses nothing: it keeps what no pong has confirmed and sends it again."""

import asyncio

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidMessage
from websockets.typing import Subprotocol

from tests.support.json import Json

CHECKPOINT_AT = 700
"""Unconfirmed events at which the reference client asks for a pong (websockets.md, section 2.2)."""

RECONNECT_EVERY = 0.05
"""Seconds between attempts to connect to a server that is away."""

LOST = (ConnectionClosed, InvalidMessage, OSError, EOFError)
"""What a connection raises when the server goes away."""


class EventClient:
    """Sends events to `/events/in` at least once, over as many connections as it takes."""

    def __init__(self, api_url: str) -> None:
        self._url = api_url.replace("http://", "ws://") + "/events/in"
        self._unconfirmed: list[bytes] = []
        self._socket: ClientConnection | None = None
        self.connections = 0

    async def send(self, event: Json) -> None:
        """Send one event; returns when it is written, and sends it again on a new connection until it is confirmed."""
        frame = orjson.dumps(event)
        self._unconfirmed.append(frame)
        try:
            if self._socket is None:
                raise EOFError
            await self._socket.send(frame.decode())
            if len(self._unconfirmed) >= CHECKPOINT_AT:
                await self._checkpoint(self._socket)
        except LOST:
            await self._reconnect()

    async def confirm(self) -> None:
        """Return when a pong has confirmed every event that was sent."""
        while self._unconfirmed:
            try:
                if self._socket is None:
                    raise EOFError
                await self._checkpoint(self._socket)
            except LOST:
                await self._reconnect()

    async def close(self) -> None:
        """Close in order."""
        if self._socket is not None:
            await self._socket.close()

    async def _checkpoint(self, socket: ClientConnection) -> None:
        confirmed = len(self._unconfirmed)
        await (await socket.ping())
        del self._unconfirmed[:confirmed]

    async def _reconnect(self) -> None:
        """Connect until it works, and send all unconfirmed events again, in order."""
        while True:
            try:
                self._socket = await self._connect()
                for frame in self._unconfirmed:
                    await self._socket.send(frame.decode())
            except LOST:
                self._socket = None
                await asyncio.sleep(RECONNECT_EVERY)
            else:
                return

    async def _connect(self) -> ClientConnection:
        socket = await connect(self._url, subprotocols=[Subprotocol("prefect")], proxy=None)
        await (await socket.ping())
        await socket.send('{"type": "auth", "token": null}')
        answer = orjson.loads(await socket.recv())
        assert answer == {"type": "auth_success"}, answer
        self.connections += 1
        return socket
