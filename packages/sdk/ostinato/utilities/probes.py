"""A small HTTP server for probes: fixed paths, `GET` only, JSON answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager

Answer = tuple[str, bytes]
"""The status line's text ("200 OK") and a JSON body."""

REQUEST_SECONDS = 5.0
MOST_BYTES = 8192
NOT_FOUND: Answer = ("404 Not Found", b'{"detail":"Not Found"}')


@asynccontextmanager
async def probe_server(paths: Mapping[bytes, Callable[[], Answer]], host: str, port: int) -> AsyncGenerator[int]:
    """Serve the paths within the block; yields the port. Raises OSError if it is taken."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                request = await reader.readuntil(b"\r\n\r\n")
                path = b"".join(request.split(b" ", 2)[1:2])
                writer.write(_response(*paths.get(path, lambda: NOT_FOUND)()))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # who asked went away, or did not speak HTTP
        finally:
            writer.close()

    server = await asyncio.start_server(answer, host, port, limit=MOST_BYTES)
    async with server:
        yield server.sockets[0].getsockname()[1]


def _response(status: str, body: bytes) -> bytes:
    head = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close"]
    return "\r\n".join([*head, "", ""]).encode() + body
