"""`/task_runs/subscriptions/scheduled`: background task runs for a worker, one at a time (websockets.md, section 6)."""

import asyncio
from typing import Any, Final

from aiohttp import WSMsgType, web

from ostinato_api.deps import Services
from ostinato_api.endpoint import dumps
from ostinato_api.sockets.handshake import Socket, close, parse_object, serve_socket
from ostinato_core.errors import Unavailable
from ostinato_core.task_workers.dispatcher import Subscription

OK: Final = 1000
TRY_AGAIN_LATER: Final = 1013
PROTOCOL_VIOLATION: Final = 4001


class Violation(Exception):
    """The client did not keep to the protocol; the text is the close reason."""


async def serve(request: web.Request) -> web.StreamResponse:
    """Hand out runs until the worker goes."""
    return await serve_socket(request, _serve)


async def _serve(socket: Socket, services: Services) -> None:
    message = await socket.receive()
    if not _is_data(message.type):
        return
    try:
        keys, client_id = read_subscribe_frame(message.data)
        async with services.task_runs.subscribe(client_id, keys) as subscription:
            await _hand_out(socket, subscription)
        await close(socket, OK, "")
    except Violation as violation:
        await close(socket, PROTOCOL_VIOLATION, f"Protocol violation: {violation}")
    except Unavailable as error:
        await close(socket, TRY_AGAIN_LATER, error.message)


def read_subscribe_frame(frame: bytes) -> tuple[list[str], str]:
    """Return the keys of the tasks and who asks for them. Errors: Violation."""
    message = parse_object(frame)
    if message is None or message.get("type") != "subscribe":
        raise Violation("expected 'subscribe' message")
    keys: Any = message.get("keys")  # Any: any JSON value
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) for key in keys):  # pyright: ignore[reportUnknownVariableType]  # any JSON list
        raise Violation("expected 'keys' in subscribe message")
    client_id = message.get("client_id")
    if not isinstance(client_id, str) or not client_id:
        raise Violation("expected 'client_id' in subscribe message")
    return keys, client_id  # pyright: ignore[reportUnknownVariableType]  # as above


async def _hand_out(socket: Socket, subscription: Subscription) -> None:
    """Send runs, each after the former is confirmed, until the worker goes or quits. Errors: Violation."""
    incoming = asyncio.ensure_future(socket.receive())
    try:
        while True:
            wanted = asyncio.ensure_future(subscription.next())
            try:
                while not wanted.done():
                    await asyncio.wait((wanted, incoming), return_when=asyncio.FIRST_COMPLETED)
                    if incoming.done():
                        said = incoming.result()
                        if _ends(said.type, said.data):
                            return
                        incoming = asyncio.ensure_future(socket.receive())
            finally:
                wanted.cancel()
            await socket.send_frame(dumps(wanted.result()), WSMsgType.TEXT)
            answer = await incoming
            if _ends(answer.type, answer.data):
                return
            if (parse_object(answer.data) or {}).get("type") != "ack":
                raise Violation("expected 'ack' message")
            await subscription.confirm()
            incoming = asyncio.ensure_future(socket.receive())
    finally:
        incoming.cancel()


def _is_data(kind: WSMsgType) -> bool:
    return kind in (WSMsgType.TEXT, WSMsgType.BINARY)


def _ends(kind: WSMsgType, data: bytes) -> bool:
    """Whether the worker is gone, or says that it goes; other frames of one that has no run say nothing."""
    return not _is_data(kind) or (parse_object(data) or {}).get("type") == "quit"
