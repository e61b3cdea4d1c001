"""The two clients: thin drivers that carry out the steps of plans, in a thread or in an event loop."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from contextvars import ContextVar, Token
from threading import Lock
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

import httpx

from ostinato.client.exchange import CONTEXT_HEADERS, run_plan, session_from
from ostinato.client.operations import Operations
from ostinato.client.plans.admin import check_server_version
from ostinato.client.steps import Send, Sleep
from ostinato.client.transport import options
from ostinato.client.versions import SPOKEN_VERSION
from ostinato.settings import Settings

if TYPE_CHECKING:
    from ostinato.client import get_client as get_client
    from ostinato.client.steps import Exchange, Plan, Step

T = TypeVar("T")

CONTEXT_NAMES = frozenset(CONTEXT_HEADERS.values())

HttpxSettings: TypeAlias = Mapping[str, Any]  # Any: keywords of httpx's client classes

active_sync: ContextVar[SyncOstinatoClient | None] = ContextVar("active_sync", default=None)
active_async: ContextVar[OstinatoClient | None] = ContextVar("active_async", default=None)


class BaseClient(Operations):
    """What both clients know: their settings, the API URL, and how deep they have been entered."""

    def __init__(self, settings: Settings, api_url: str, httpx_settings: HttpxSettings | None = None) -> None:
        self.settings = settings
        self.api_url = api_url
        self._session = session_from(settings)
        self._httpx_settings = dict(httpx_settings or {})
        self._options: dict[str, Any] = {**options(settings, api_url), **self._httpx_settings}  # Any: keywords of httpx
        self._lock = Lock()
        self._depth = 0
        self._closed = False
        self._pid = os.getpid()

    def client_version(self) -> str:
        """Return the version of the reference whose API this client speaks."""
        return SPOKEN_VERSION

    @property
    def is_open(self) -> bool:
        """Whether the client has been entered and not left."""
        return self._depth > 0

    def speak_for(self, context: Mapping[str, str]) -> None:
        """Send requests in the name of another process: `context` are its headers that say which worker it was of."""
        others = {name: value for name, value in self._session.headers.items() if name not in CONTEXT_NAMES}
        self._session.headers = {**others, **context}

    def fits(self, settings: Settings, httpx_settings: HttpxSettings | None) -> bool:
        """Whether this client is open and was made for these settings."""
        return self.is_open and self.settings == settings and self._httpx_settings == dict(httpx_settings or {})

    def _enter(self) -> None:
        with self._lock:
            if self._closed:
                raise RuntimeError("The client cannot be started again after it was closed; call get_client() anew.")
            self._depth += 1

    def _leave(self) -> bool:
        """Return whether this was the last level."""
        with self._lock:
            self._depth -= 1
            self._closed = self._depth == 0
            return self._closed

    def _forked(self) -> bool:
        """Whether this process is a child of the one that opened the connections; they are the parent's alone."""
        if self._pid == os.getpid():
            return False
        self._pid = os.getpid()
        return True

    def _require_open(self) -> None:
        if self._depth == 0:
            raise RuntimeError("The client is not open; use it in a `with` block (`async with` for the async client).")


class SyncOstinatoClient(BaseClient):
    """A client whose methods return values. Threads may share it."""

    def __init__(self, settings: Settings, api_url: str, httpx_settings: HttpxSettings | None = None) -> None:
        super().__init__(settings, api_url, httpx_settings)
        self._http: httpx.Client = httpx.Client(**self._options)
        self._tokens: list[Token[SyncOstinatoClient | None]] = []

    def __enter__(self) -> Self:
        self._enter()
        self._tokens.append(active_sync.set(self))
        return self

    def __exit__(self, *_: object) -> None:
        _reset(active_sync, self._tokens.pop())
        if self._leave():
            self._http.close()

    def check_server_version(self) -> None:
        """Check once per process and URL that the server speaks this client's wire (see `admin`)."""
        if self.settings.client.server_version_check_enabled:
            self.run_sync(check_server_version(self.api_url))

    def run_sync(self, plan: Plan[T]) -> T:
        """Return the value of `plan`."""
        self._require_open()
        return self._drive(run_plan(self._session, plan))

    def _drive(self, exchange: Exchange[T]) -> T:
        try:
            step = next(exchange)
            while True:
                try:
                    response = self._do(step)
                except httpx.RequestError as error:
                    step = exchange.throw(error)
                else:
                    step = exchange.send(response)
        except StopIteration as end:
            return end.value

    def _do(self, step: Step) -> httpx.Response | None:
        if isinstance(step, Sleep):
            time.sleep(step.seconds)
            return None
        if self._forked():
            self._http = httpx.Client(**self._options)
        return self._http.request(**_arguments(step))


class OstinatoClient(BaseClient):
    """A client whose methods are coroutines. It belongs to the event loop that it was entered in."""

    def __init__(self, settings: Settings, api_url: str, httpx_settings: HttpxSettings | None = None) -> None:
        super().__init__(settings, api_url, httpx_settings)
        self._http: httpx.AsyncClient = httpx.AsyncClient(**self._options)
        self._tokens: list[Token[OstinatoClient | None]] = []
        self.loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Self:
        self._enter()
        self.loop = asyncio.get_running_loop()
        self._tokens.append(active_async.set(self))
        return self

    async def __aexit__(self, *_: object) -> None:
        _reset(active_async, self._tokens.pop())
        if self._leave():
            await self._http.aclose()

    async def check_server_version(self) -> None:
        """Check once per process and URL that the server speaks this client's wire (see `admin`)."""
        if self.settings.client.server_version_check_enabled:
            await self.run_async(check_server_version(self.api_url))

    async def run_async(self, plan: Plan[T]) -> T:
        """Return the value of `plan`."""
        self._require_open()
        return await self._drive(run_plan(self._session, plan))

    async def _drive(self, exchange: Exchange[T]) -> T:
        try:
            step = next(exchange)
            while True:
                try:
                    response = await self._do(step)
                except httpx.RequestError as error:
                    step = exchange.throw(error)
                else:
                    step = exchange.send(response)
        except StopIteration as end:
            return end.value

    async def _do(self, step: Step) -> httpx.Response | None:
        if isinstance(step, Sleep):
            await asyncio.sleep(step.seconds)
            return None
        if self._forked():
            self._http = httpx.AsyncClient(**self._options)
        return await self._http.request(**_arguments(step))


def _arguments(step: Send) -> dict[str, Any]:  # Any: keywords of httpx
    request = step.request
    headers = {**step.headers}
    if request.content is not None:
        headers["Content-Type"] = "application/json"
    arguments: dict[str, Any] = {"method": request.method, "url": request.path, "headers": headers}  # Any: as above
    if request.content is not None:
        arguments["content"] = request.content
    if request.query is not None:
        arguments["params"] = request.query
    return arguments | dict(request.extra)


def _reset(variable: ContextVar[T], token: Token[T]) -> None:
    """Restore what the variable was; a client may be left in another context (task, thread) than it was entered in."""
    try:
        variable.reset(token)
    except ValueError:
        pass


PrefectClient = OstinatoClient
SyncPrefectClient = SyncOstinatoClient
"""The names that flows have for both which come from the reference."""


def __getattr__(name: str) -> Any:  # Any: the function has overloads, told to type checkers above
    if name == "get_client":
        from ostinato.client import get_client

        return get_client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
