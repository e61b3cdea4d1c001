"""How every websocket begins (websockets.md, section 1): sub-protocol, authentication, limits."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal, TypeAlias, cast

import orjson
from aiohttp import WSMsgType, web
from pydantic import SecretStr

from ostinato_api.deps import SERVICES, Services

Socket: TypeAlias = web.WebSocketResponse[Literal[False]]
Serve = Callable[[Socket, Services], Awaitable[None]]
SOCKETS = web.AppKey("sockets", set[Socket])
"""All open sockets of the application."""
SOCKET_HANDLERS = web.AppKey("socket_handlers", set[Any])  # Any: a handler, as aiohttp types it
"""The handlers of all sockets: their clients authenticate in-band."""

SUBPROTOCOL: Final = "prefect"
MOST_BYTES: Final = 16 * 1024 * 1024
"""Size of a frame, at most; the client sends up to 1.5 MB."""
AUTH_WITHIN: Final = 30.0
"""Seconds in which a client must authenticate."""
CLOSE_WITHIN: Final = 2.0
"""Seconds in which a client must answer a close."""
MOST_REASON_BYTES: Final = 123

POLICY_VIOLATION: Final = 1008
PROTOCOL_ERROR: Final = 1002
SUCCESS: Final = b'{"type":"auth_success"}'


async def serve_socket(
    request: web.Request,
    serve: Serve,
    *,
    autoping: bool = True,
    allow_legacy: bool = True,
    refusal: str | None = None,
) -> web.StreamResponse:
    """Open a socket, authenticate its client, let `serve` talk to it, and close it.

    `autoping`: answer pings at once, for those who need not do it themselves. `refusal` replaces the reason that
    is told where authentication fails. A client without the sub-protocol is answered 403 where it would have to
    authenticate, or where not `allow_legacy`.
    """
    services = request.app[SERVICES]
    expected = services.settings.api_auth_string
    is_legacy = not _offers_subprotocol(request)
    if is_legacy and (expected is not None or not allow_legacy):
        return web.Response(status=403)
    socket = _make(request, autoping)
    await socket.prepare(request)
    sockets = request.app[SOCKETS]
    sockets.add(socket)
    try:
        if is_legacy or await _authenticate(socket, expected, refusal):
            await serve(socket, services)
    except ConnectionResetError:
        pass  # The client has gone while it was sent to.
    finally:
        sockets.discard(socket)
        if not socket.closed:
            await socket.close()
    return socket


async def close(socket: Socket, code: int, reason: str) -> None:
    """Close with a reason, cut to what a close frame holds."""
    message = reason.encode()[:MOST_REASON_BYTES].decode(errors="ignore").encode()
    await socket.close(code=code, message=message)


def _make(request: web.Request, autoping: bool) -> Socket:
    # Compression would cost more time than the network does, on both sides.
    return web.WebSocketResponse(
        protocols=(SUBPROTOCOL,),
        autoping=autoping,
        autoclose=False,
        heartbeat=request.app[SERVICES].settings.api_websocket_ping_interval,
        timeout=CLOSE_WITHIN,
        max_msg_size=MOST_BYTES,
        compress=False,
        decode_text=False,
    )


def _offers_subprotocol(request: web.Request) -> bool:
    offered = request.headers.getall("Sec-WebSocket-Protocol", [])
    return any(part.strip() == SUBPROTOCOL for line in offered for part in line.split(","))


async def _authenticate(socket: Socket, expected: SecretStr | None, refusal: str | None) -> bool:
    try:
        async with asyncio.timeout(AUTH_WITHIN):
            frame = await _first_frame(socket)
    except TimeoutError:
        await close(socket, POLICY_VIOLATION, refusal or "Expected 'auth' message")
        return False
    if frame is None:
        return False
    reason = _why_refused(frame, expected)
    if reason is not None:
        await close(socket, POLICY_VIOLATION, refusal or reason)
        return False
    await socket.send_frame(SUCCESS, WSMsgType.TEXT)
    return True


async def _first_frame(socket: Socket) -> bytes | None:
    """Return the first frame of data, None where the client goes before; pings are answered at once."""
    while True:
        message = await socket.receive()
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            return message.data
        if message.type is WSMsgType.PING:
            await socket.pong(message.data)
        elif message.type is not WSMsgType.PONG:
            return None


def _why_refused(frame: bytes, expected: SecretStr | None) -> str | None:
    message = parse_object(frame)
    if message is None or message.get("type") != "auth":
        return "Expected 'auth' message"
    if expected is None:
        return None
    token = message.get("token")
    if not isinstance(token, str) or not token:
        return "Auth required but no token provided"
    is_same = hmac.compare_digest(token.encode(), expected.get_secret_value().encode())
    return None if is_same else "Invalid token"


def parse_object(frame: bytes) -> dict[str, Any] | None:  # Any: any JSON value
    """Return the JSON object of a frame, None where it is none."""
    try:
        message = orjson.loads(frame)
    except orjson.JSONDecodeError:
        return None
    return cast(dict[str, Any], message) if isinstance(message, dict) else None  # Any: as above; JSON's keys are text
