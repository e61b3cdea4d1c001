"""An HTTP server that keeps what it is sent, and answers as a test says."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Answering = Callable[[web.Request], web.StreamResponse]


@dataclass
class Received:
    """One request; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What was received, and the next answers; `silent` takes requests and says nothing."""

    url: str = ""
    received: list[Received] = field(default_factory=list[Received])
    answers: list[web.StreamResponse] = field(default_factory=list[web.StreamResponse])
    silent: bool = False

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Keep a request, and answer it."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append(Received(request.method, request.path_qs, headers, await request.read()))
        if self.silent:
            await asyncio.Event().wait()
        return self.answers.pop(0) if self.answers else web.Response(text="ok")


@asynccontextmanager
async def receiving() -> AsyncGenerator[Receiver]:
    """Serve a receiver on 127.0.0.1."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield receiver
    finally:
        await runner.cleanup()
