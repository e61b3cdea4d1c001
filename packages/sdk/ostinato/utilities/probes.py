"""A little HTTP server for probes: it answers a few fixed paths with JSON, one request a connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import orjson

REQUEST_SECONDS = 5.0
MOST_BYTES = 8192

Answer = tuple[HTTPStatus, Any]  # Any: JSON
Answers = Mapping[tuple[str, str], Callable[[], Answer]]
"""What answers a method and a path."""


@asynccontextmanager
async def probe_server(answers: Answers, host: str, port: int) -> AsyncGenerator[int]:
    """Serve within the block; yields the port. Raises OSError if it is taken."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                request = await reader.readuntil(b"\r\n\r\n")
                writer.write(_response(*_answer(request, answers)))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # who asked went away, or did not speak HTTP
        finally:
            writer.close()

    server = await asyncio.start_server(answer, host, port, limit=MOST_BYTES)
    async with server:
        yield server.sockets[0].getsockname()[1]


def health(is_healthy: bool, who: str) -> Answer:
    """Return what a probe of a worker or runner is told."""
    if is_healthy:
        return HTTPStatus.OK, {"message": "OK"}
    return HTTPStatus.SERVICE_UNAVAILABLE, {"message": f"{who} may be unresponsive at this time"}


def _answer(request: bytes, answers: Answers) -> Answer:
    method, _, rest = request.partition(b" ")
    path = rest.partition(b" ")[0].partition(b"?")[0].decode(errors="replace")
    found = answers.get((method.decode(errors="replace"), path))
    if found is not None:
        return found()
    if any(path == known for _, known in answers):
        return HTTPStatus.METHOD_NOT_ALLOWED, {"detail": "Method Not Allowed"}
    return HTTPStatus.NOT_FOUND, {"detail": "Not Found"}


def _response(status: HTTPStatus, content: Any) -> bytes:  # Any: JSON
    body = orjson.dumps(content)
    head = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join([*head, "", ""]).encode() + body
