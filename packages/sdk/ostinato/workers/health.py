"""The health endpoint of a worker: `GET /health` answers 200 while it asks for runs, else 503."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

REQUEST_SECONDS = 5.0
MOST_BYTES = 8192


@asynccontextmanager
async def health_server(is_healthy: Callable[[], bool], host: str, port: int) -> AsyncGenerator[int]:
    """Serve the endpoint within the block; yields the port. Raises OSError if it is taken."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                request = await reader.readuntil(b"\r\n\r\n")
                writer.write(_response(request, is_healthy()))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # who asked went away, or did not speak HTTP
        finally:
            writer.close()

    server = await asyncio.start_server(answer, host, port, limit=MOST_BYTES)
    async with server:
        yield server.sockets[0].getsockname()[1]


def _response(request: bytes, healthy: bool) -> bytes:
    path = request.split(b" ", 2)[1:2]
    if path != [b"/health"]:
        status, body = "404 Not Found", b'{"detail":"Not Found"}'
    elif healthy:
        status, body = "200 OK", b'{"message":"OK"}'
    else:
        status, body = "503 Service Unavailable", b'{"message":"Worker may be unresponsive at this time"}'
    head = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close"]
    return "\r\n".join([*head, "", ""]).encode() + body
