"""What sockets have in common that send what a filter matches: they read the filter, and end when the client goes.

An extension of the wire: more filters may follow, each with the name of a `channel` of its own, which takes the place
of the one that had the name before; null ends a channel. So one socket serves a client whose interest changes.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, Generic, TypeVar

from aiohttp import WSMsgType
from pydantic import ValidationError

from ostinato_api.sockets.handshake import PROTOCOL_ERROR, Socket, close, parse_object
from ostinato_wire.base import JsonObject, WireModel

F = TypeVar("F", bound=WireModel)
Send = Callable[[F, JsonObject], Coroutine[Any, Any, None]]  # Any: what coroutines pass on

MOST_CHANNELS: Final = 16
"""Channels that a client may have open at a time."""


class _Refused(Exception):
    """A frame of the client is not what it must be."""


class _Ended(Exception):
    """What sends has nothing more to send, ever."""


async def serve_filtered(socket: Socket, model: type[F], send: Send[F]) -> None:
    """Read the filter and let `send` work, which gets it and the whole frame, until the client goes.

    `send` works for each channel as well, whose name is in its frame. A frame that is no filter closes the socket; of
    later ones only those with a channel count. Errors: those of `send`.
    """
    message = await socket.receive()
    if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
        return
    try:
        async with asyncio.TaskGroup() as group:
            channels = _Channels(group, model, send)
            channels.begin(message.data)
            while (message := await socket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
                channels.take(message.data)
            channels.end()
    except ExceptionGroup as group:
        await _settle(socket, group.exceptions[0])


async def _settle(socket: Socket, error: Exception) -> None:
    if isinstance(error, _Refused):
        await close(socket, PROTOCOL_ERROR, str(error))
    elif not isinstance(error, _Ended):
        raise error


class _Channels(Generic[F]):
    """What is sent to one client: by its first filter, and by those of its channels."""

    def __init__(self, group: asyncio.TaskGroup, model: type[F], send: Send[F]) -> None:
        self._group = group
        self._model = model
        self._send = send
        self._tasks: dict[str | None, asyncio.Task[None]] = {}

    def begin(self, data: bytes) -> None:
        """Take the first frame, which must have a filter."""
        frame = parse_object(data)
        if frame is None or frame.get("type") != "filter":
            raise _Refused("Expected 'filter' message")
        if "filter" not in frame:
            raise _Refused("Invalid filter: 'filter'")
        self._open(_channel_of(frame), frame)

    def take(self, data: bytes) -> None:
        """Take a later frame."""
        frame = parse_object(data)
        channel = None if frame is None else _channel_of(frame)
        if frame is None or frame.get("type") != "filter" or channel is None:
            return
        before = self._tasks.pop(channel, None)
        if before is not None:
            before.cancel()
        if frame.get("filter") is not None:
            if len(self._tasks) >= MOST_CHANNELS:
                raise _Refused(f"Too many channels: {MOST_CHANNELS} at most")
            self._open(channel, frame)

    def end(self) -> None:
        """Stop all sending: the client has gone."""
        for task in self._tasks.values():
            task.cancel()

    def _open(self, channel: str | None, frame: JsonObject) -> None:
        self._tasks[channel] = self._group.create_task(self._work(_read(self._model, frame), frame))

    async def _work(self, wanted: F, frame: JsonObject) -> None:
        await self._send(wanted, frame)
        raise _Ended


def _channel_of(frame: JsonObject) -> str | None:
    channel = frame.get("channel")
    return channel if isinstance(channel, str) else None


def _read(model: type[F], frame: JsonObject) -> F:
    try:
        return model.model_validate(frame["filter"])
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _Refused(f"Invalid filter: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
