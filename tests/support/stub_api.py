"""A server in a thread whose answers a test decides; and one that takes events, with faults to order."""

import asyncio
import gc
import json
import socket
import ssl
import warnings
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any, Self

from aiohttp import WSMsgType, web

TURNS = 50
"""Of the event loop, until the last of what was aborted has been closed: three at most, with TLS some more."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class StubServer:
    """Serves one handler for every path on 127.0.0.1; it can be stopped at once and started again on its port."""

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None = None) -> None:
        self._handler = handler
        self._tls = tls
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.api_url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/api"
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._runner: web.AppRunner | None = None

    def start(self) -> None:
        """Start; returns when it accepts connections."""
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)

    def stop(self) -> None:
        """Cut all connections and stop; does nothing if it does not run."""
        if self._loop is None or self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        self._loop = self._thread = self._runner = None
        # Nobody can close what is in the midst of a TLS handshake: asyncio gives no way to find it.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self._tls, reuse_address=True).start()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        return await self._handler(request)

    async def _stop(self) -> None:
        server = self._runner.server if self._runner is not None else None
        _abort(server)
        if self._runner is not None:
            await self._runner.cleanup()
        # Connections that are about to be accepted, and whose first bytes were no request, are tasks of the loop. One
        # that came at the last moment begins after the clean-up, which knew nothing of it.
        for _ in range(TURNS):
            _abort(server)
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            await asyncio.sleep(0)


def _abort(server: web.Server | None) -> None:
    for connection in server.connections if server is not None else ():
        if connection.transport is not None:
            connection.transport.abort()


@contextmanager
def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> Generator[StubServer]:
    """Run a server for the block."""
    server = StubServer(handler, tls)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class PaperApi:
    """The API of something that only exists on paper: subclasses answer requests, and keep what is asked of them."""

    url = ""
    """Where it is served."""

    @contextmanager
    def serving(self) -> Generator[Self]:
        """Serve the API while the block lasts."""
        with serving(self.answer) as server:
            self.url = server.api_url.removesuffix("/api")
            yield self

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        raise NotImplementedError


@dataclass
class Taken:
    """A request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any  # JSON


class RecordingApi:
    """Answers each request by `answers[(method, path)]`, else 404, and keeps what was asked.

    An answer is a JSON value, a `web.Response` factory, or a list of these, used one after another.
    """

    def __init__(self, answers: dict[tuple[str, str], Any] | None = None) -> None:  # Any: as the class says
        self.answers = answers or {}
        self.taken: list[Taken] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer `request`."""
        text = await request.text()
        path = request.path.removeprefix("/api")
        body = json.loads(text) if text else None
        self.taken.append(Taken(request.method, path, dict(request.query), dict(request.headers), body))
        answer = self.answers.get((request.method, path), not_found)
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]  # pyright: ignore - a list of answers
        return answer() if callable(answer) else web.json_response(answer)  # pyright: ignore - a factory

    def of(self, method: str, path: str) -> list[Taken]:
        """Return the requests of one route."""
        return [taken for taken in self.taken if (taken.method, taken.path) == (method, path)]


def not_found() -> web.Response:
    """Return a 404."""
    return web.json_response({"detail": "Not Found"}, status=404)


@dataclass
class EventsIn:
    """Takes events like a server that stores them when it is pinged: the rest is lost when it hangs up."""

    token: str | None = None
    hang_up_after: list[int] = field(default_factory=list[int])
    """Frames after which the next connections are cut, one each."""
    withhold_pongs: int = 0
    """How many further event pings get no answer."""
    poison: str | None = None
    """The name of an event at which the connection is cut."""
    stored: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    connections: int = 0
    tokens: list[str | None] = field(default_factory=list[str | None])
    changed: Condition = field(default_factory=Condition)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection."""
        ws = web.WebSocketResponse(protocols=("prefect",), autoping=False)
        await ws.prepare(request)
        self.connections += 1
        limit = self.hang_up_after.pop(0) if self.hang_up_after else None
        taken: list[dict[str, Any]] = []
        greeted = False
        async for message in ws:
            if message.type is WSMsgType.PING:
                if greeted and self.withhold_pongs:
                    self.withhold_pongs -= 1
                    continue
                self._store(taken)
                await ws.pong(message.data)
            elif message.type is WSMsgType.TEXT and not greeted:
                self.tokens.append(json.loads(message.data)["token"])
                if self.token is not None and self.tokens[-1] != self.token:
                    await ws.close(code=1008, message=b"Invalid token")
                    break
                greeted = True
                await ws.send_str('{"type":"auth_success"}')
            elif message.type is WSMsgType.TEXT:
                event = json.loads(message.data)
                taken.append(event)
                if event["event"] == self.poison or len(taken) == limit:
                    assert request.transport is not None
                    request.transport.abort()
                    return ws
        if ws.close_code == 1000:
            self._store(taken)
        return ws

    def _store(self, taken: list[dict[str, Any]]) -> None:
        with self.changed:
            self.stored += taken
            taken.clear()
            self.changed.notify_all()

    def names(self) -> list[str]:
        """Return the names of the stored events in order of their first arrival, each id once."""
        return list({event["id"]: event["event"] for event in self.stored}.values())

    def wait_for(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        """Wait until `condition` holds; it is looked at whenever events are stored."""
        with self.changed:
            assert self.changed.wait_for(condition, seconds)
