"""Opening a websocket of the API: address, TLS, proxies, headers and the handshake of the sub-protocol `prefect`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from ostinato.client.exchange import authorization
from ostinato.client.transport import ssl_context
from ostinato.exceptions import OstinatoError
from ostinato_wire.base import Json

if TYPE_CHECKING:
    from ostinato.settings import Settings

SUBPROTOCOL = Subprotocol("prefect")
POLICY_VIOLATION = 1008
OPEN_SECONDS = 10.0
PING_EVERY_SECONDS = 20.0
PING_TIMEOUT_SECONDS = 60.0
"""Longer than usual: a server answers a ping when it has stored what came before, which may take a while."""
MAX_FRAME_BYTES = 32 * 1024 * 1024

TRANSPORT_ERRORS = (OSError, WebSocketException, TimeoutError, EOFError)
"""What a socket that is gone, refused or silent raises."""


class SocketAuthenticationFailed(RuntimeError, OstinatoError):
    """The server refused the handshake; the text has its reason."""


def socket_url(api_url: str, path: str) -> str:
    """Return the URL of a websocket below `api_url`; `path` starts with a slash."""
    scheme, rest = api_url.split("://", 1)
    return f"{'wss' if scheme == 'https' else 'ws'}://{rest}{path}"


@asynccontextmanager
async def open_socket(settings: Settings, api_url: str, path: str) -> AsyncGenerator[ClientConnection]:
    """Yield a connection that is ready for the first frame; it is closed with 1000 at the end.

    Raises SocketAuthenticationFailed, or one of TRANSPORT_ERRORS if the server cannot be reached.
    """
    url = socket_url(api_url, path)
    async with connect(
        url,
        subprotocols=[SUBPROTOCOL],
        additional_headers={**settings.client.custom_headers, **authorization(settings)},
        ssl=ssl_context(settings) if url.startswith("wss:") else None,
        compression=None,
        open_timeout=OPEN_SECONDS,
        close_timeout=2,
        ping_interval=PING_EVERY_SECONDS,
        ping_timeout=PING_TIMEOUT_SECONDS,
        max_size=MAX_FRAME_BYTES,
    ) as socket:
        async with asyncio.timeout(OPEN_SECONDS):
            await _shake_hands(socket, _token(settings))
        yield socket


def _token(settings: Settings) -> str | None:
    secret = settings.api.auth_string or settings.api.key
    return None if secret is None else secret.get_secret_value()


async def _shake_hands(socket: ClientConnection, token: str | None) -> None:
    try:
        await (await socket.ping())
        await socket.send(orjson.dumps({"type": "auth", "token": token}), text=True)
        answer: Json = orjson.loads(await socket.recv())
    except ConnectionClosed as error:
        if error.rcvd is not None and error.rcvd.code == POLICY_VIOLATION:
            raise SocketAuthenticationFailed(f"The server refused the credentials: {error.rcvd.reason}") from error
        raise
    except orjson.JSONDecodeError as error:
        raise SocketAuthenticationFailed("The server answered the handshake with no JSON.") from error
    if not isinstance(answer, dict) or answer.get("type") != "auth_success":  # pyright: ignore[reportUnknownMemberType] - JSON
        raise SocketAuthenticationFailed("The server answered the handshake with something else than auth_success.")
