"""The health endpoint of a worker: `GET /health` answers 200 while it asks for runs, else 503."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from ostinato.utilities.probes import Answer, probe_server

HEALTHY: Answer = ("200 OK", b'{"message":"OK"}')
UNHEALTHY: Answer = ("503 Service Unavailable", b'{"message":"Worker may be unresponsive at this time"}')


@asynccontextmanager
async def health_server(is_healthy: Callable[[], bool], host: str, port: int) -> AsyncGenerator[int]:
    """Serve the endpoint within the block; yields the port. Raises OSError if it is taken."""
    async with probe_server({b"/health": lambda: HEALTHY if is_healthy() else UNHEALTHY}, host, port) as bound:
        yield bound
