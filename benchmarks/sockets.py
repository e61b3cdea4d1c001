"""A light websocket client on bare asyncio for `/events/in` and `/events/out`."""

import asyncio
import base64
import os
import struct
from collections.abc import AsyncIterator
from typing import Self

from benchmarks.wire import BadAnswer

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


def encode_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """Return a masked client frame; the mask is zero, so that the payload needs no copy."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    return head + b"\0\0\0\0" + payload


class Socket:
    """A websocket of the `prefect` sub-protocol; a ping is answered when all events before it are taken over."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int, path: str = "/api/events/in") -> Self:
        """Connect to 127.0.0.1:`port` and pass the handshake."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            (
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: prefect\r\n\r\n"
            ).encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise BadAnswer(f"upgrade refused: {head!r}")
        socket = cls(reader, writer)
        await socket.ping()
        writer.write(encode_frame(b'{"type":"auth","token":null}'))
        opcode, payload = await socket._receive()
        if opcode != TEXT or b"auth_success" not in payload:
            raise BadAnswer(f"handshake failed: {payload!r}")
        return socket

    async def send(self, frames: bytes) -> None:
        """Send encoded frames, waiting while the server pushes back."""
        self._writer.write(frames)
        await self._writer.drain()

    async def ping(self) -> None:
        """Send a ping and wait for its pong."""
        self._writer.write(encode_frame(b"checkpoint", PING))
        while True:
            opcode, payload = await self._receive()
            if opcode == PONG:
                return
            self._answer(opcode, payload)

    async def messages(self) -> AsyncIterator[bytes]:
        """Yield the text frames that come, until the caller stops."""
        while True:
            opcode, payload = await self._receive()
            if opcode == TEXT:
                yield payload
            else:
                self._answer(opcode, payload)

    async def close(self) -> None:
        """Close in order (1000)."""
        self._writer.write(encode_frame(struct.pack("!H", 1000), CLOSE))
        await self._writer.drain()
        self._writer.close()

    def _answer(self, opcode: int, payload: bytes) -> None:
        if opcode != PING:
            raise BadAnswer(f"unexpected frame {opcode:#x}: {payload[:200]!r}")
        self._writer.write(encode_frame(payload, PONG))

    async def _receive(self) -> tuple[int, bytes]:
        first, second = await self._reader.readexactly(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", await self._reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
        return first & 0x0F, await self._reader.readexactly(size)
