"""A light HTTP and websocket client on bare asyncio: pre-encoded requests, so that the load generator stays cheap."""

import asyncio
import base64
import os
import struct


class BadAnswer(Exception):
    """The server answered something else than the workload expects."""


def encode_request(method: str, path: str, body: bytes = b"") -> bytes:
    """Return the bytes of one keep-alive HTTP/1.1 request with a JSON body."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"User-Agent: ostinato-benchmark\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class HttpConnection:
    """One keep-alive connection; one request at a time."""

    def __init__(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._port = port
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> "HttpConnection":
        """Connect to 127.0.0.1:`port`."""
        return cls(port, *await asyncio.open_connection("127.0.0.1", port, limit=16 * 2**20))

    async def reopen(self) -> None:
        """Connect anew after a failure; a server may close a connection on which it failed."""
        self._writer.close()
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=16 * 2**20)

    async def send(self, request: bytes) -> tuple[int, bytes]:
        """Send an encoded request and return (status, body)."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        start = head.lower().find(b"content-length:")
        if start < 0:
            if status == 204:
                return status, b""
            raise BadAnswer(f"no Content-Length in {head!r}")
        length = int(head[start + 15 : head.index(b"\r\n", start)])
        return status, await self._reader.readexactly(length) if length else b""

    async def expect(self, request: bytes, statuses: tuple[int, ...], part: bytes = b"") -> bytes:
        """Send a request; raise `BadAnswer` unless the status is one of `statuses` and the body holds `part`."""
        status, body = await self.send(request)
        if status not in statuses or part not in body:
            raise BadAnswer(f"{status} {body[:300]!r}")
        return body

    def close(self) -> None:
        """Drop the connection."""
        self._writer.close()


def encode_frame(payload: bytes, opcode: int = 0x1) -> bytes:
    """Return a masked client frame; the mask is zero, so that the payload needs no copy."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    return head + b"\0\0\0\0" + payload


class EventSocket:
    """A client of `/events/in`; its ping is answered when all events before it are taken over."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> "EventSocket":
        """Connect to 127.0.0.1:`port` and pass the handshake of the `prefect` sub-protocol."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            (
                f"GET /api/events/in HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
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
        if opcode != 0x1 or b"auth_success" not in payload:
            raise BadAnswer(f"handshake failed: {payload!r}")
        return socket

    async def send(self, frames: bytes) -> None:
        """Send encoded frames, waiting while the server pushes back."""
        self._writer.write(frames)
        await self._writer.drain()

    async def ping(self) -> None:
        """Send a ping and wait for its pong."""
        self._writer.write(encode_frame(b"checkpoint", 0x9))
        while True:
            opcode, payload = await self._receive()
            if opcode == 0xA:
                return
            if opcode == 0x9:
                self._writer.write(encode_frame(payload, 0xA))
            else:
                raise BadAnswer(f"unexpected frame {opcode:#x}: {payload[:200]!r}")

    async def close(self) -> None:
        """Close in order (1000)."""
        self._writer.write(encode_frame(struct.pack("!H", 1000), 0x8))
        await self._writer.drain()
        self._writer.close()

    async def _receive(self) -> tuple[int, bytes]:
        first, second = await self._reader.readexactly(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", await self._reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
        return first & 0x0F, await self._reader.readexactly(size)
