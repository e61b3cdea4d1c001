"""What sockets have in common that send what a filter matches: they read the filter, and end when the client goes."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from aiohttp import WSMsgType
from pydantic import ValidationError

from ostinato_api.sockets.handshake import PROTOCOL_ERROR, Socket, close, parse_object
from ostinato_wire.base import JsonObject, WireModel

F = TypeVar("F", bound=WireModel)


class _Refused(Exception):
    """The client's filter frame is not what it must be."""


async def serve_filtered(
    socket: Socket,
    model: type[F],
    send: Callable[[F, JsonObject], Coroutine[Any, Any, None]],  # Any: what coroutines pass on
) -> None:
    """Read the filter and let `send` work, which gets it and the whole frame, until the client goes.

    A frame that is no filter closes the socket. Errors: those of `send`.
    """
    message = await socket.receive()
    if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
        return
    try:
        wanted, frame = _read(message.data, model)
    except _Refused as error:
        await close(socket, PROTOCOL_ERROR, str(error))
        return
    sending = asyncio.create_task(send(wanted, frame))
    listening = asyncio.create_task(_discard(socket))
    try:
        await asyncio.wait((sending, listening), return_when=asyncio.FIRST_COMPLETED)
        if sending.done():
            sending.result()
    finally:
        sending.cancel()
        listening.cancel()
        await asyncio.gather(sending, listening, return_exceptions=True)


def _read(data: bytes, model: type[F]) -> tuple[F, JsonObject]:
    frame = parse_object(data)
    if frame is None or frame.get("type") != "filter":
        raise _Refused("Expected 'filter' message")
    if "filter" not in frame:
        raise _Refused("Invalid filter: 'filter'")
    try:
        return model.model_validate(frame["filter"]), frame
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _Refused(f"Invalid filter: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


async def _discard(socket: Socket) -> None:
    """Read until the client goes; pings are answered meanwhile."""
    while (await socket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
        pass
