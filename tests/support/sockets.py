"""Speaking to the server's websockets as clients do (websockets.md, section 1)."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import aiohttp
import orjson
from aiohttp import WSMsgType

from tests.support.json import Json

Client: TypeAlias = aiohttp.ClientWebSocketResponse[Any]  # Any: whether it decodes text


@asynccontextmanager
async def connect(base_url: str, path: str, *, token: str | None = None, auth: bool = True) -> AsyncGenerator[Client]:
    """Connect with the sub-protocol and, unless told otherwise, authenticate."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(base_url + path, protocols=("prefect",)) as socket,
    ):
        assert socket.protocol == "prefect"
        if auth:
            await socket.send_json({"type": "auth", "token": token})
            assert (await frame(socket)) == {"type": "auth_success"}
        yield socket


async def frame(socket: Client, seconds: float = 10) -> Json:
    """Return the next frame, which must be JSON."""
    message = await socket.receive(timeout=seconds)
    assert message.type is WSMsgType.TEXT, message
    return orjson.loads(message.data)


async def closing(socket: Client) -> tuple[int | None, str]:
    """Return with what code and reason the server closes, which it must do next."""
    message = await socket.receive(timeout=10)
    assert message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED), message
    return socket.close_code, message.extra or ""
