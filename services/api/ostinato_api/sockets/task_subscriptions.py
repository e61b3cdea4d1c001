"""`/task_runs/subscriptions/scheduled`: background task runs for a worker, one at a time (websockets.md, section 6)."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from aiohttp import WSMsgType, web

from ostinato_api.deps import Services
from ostinato_api.sockets.handshake import Socket, close, parse_object, serve_socket
from ostinato_core.answer_json import dumps
from ostinato_core.errors import Unavailable
from ostinato_core.task_workers.dispatcher import Subscription

OK: Final = 1000
TRY_AGAIN_LATER: Final = 1013
PROTOCOL_VIOLATION: Final = 4001
MOST_HELD: Final = 10_000
"""Runs at most that a worker may say it holds; those above are left to themselves."""
_SUBSCRIBED: Final = dumps({"type": "subscribed"})


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
        asked = read_subscribe_frame(message.data)
        async with services.task_runs.subscribe(
            asked.client_id, asked.keys, asked.worker_id, asked.holding
        ) as subscription:
            if asked.worker_id is not None:
                await socket.send_frame(_SUBSCRIBED, WSMsgType.TEXT)
            telling = asyncio.ensure_future(_tell_of_cancellations(socket, subscription))
            try:
                await _hand_out(socket, subscription, wants_more=asked.more)
            finally:
                telling.cancel()
        await close(socket, OK, "")
    except Violation as violation:
        await close(socket, PROTOCOL_VIOLATION, f"Protocol violation: {violation}")
    except Unavailable as error:
        await close(socket, TRY_AGAIN_LATER, error.message)


@dataclass(frozen=True, slots=True)
class Subscribe:
    """What a worker asks for: runs of which tasks, and under which name.

    The other members are only ours: a worker that tells its `worker_id` holds what it takes until it has ended, also
    what it is `holding` already, is sent a run only when it wants `more`, and is told which of them to `cancel`.
    """

    keys: list[str]
    client_id: str
    worker_id: UUID | None
    holding: list[UUID]
    more: bool


def read_subscribe_frame(frame: bytes) -> Subscribe:
    """Return what a worker asks for. Errors: Violation."""
    message = parse_object(frame)
    if message is None or message.get("type") != "subscribe":
        raise Violation("expected 'subscribe' message")
    keys: Any = message.get("keys")  # Any: any JSON value
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) for key in keys):  # pyright: ignore[reportUnknownVariableType]  # any JSON list
        raise Violation("expected 'keys' in subscribe message")
    client_id = message.get("client_id")
    if not isinstance(client_id, str) or not client_id:
        raise Violation("expected 'client_id' in subscribe message")
    try:
        worker_id = UUID(message["worker_id"]) if message.get("worker_id") else None
        holding = [UUID(each) for each in message.get("holding") or ()][:MOST_HELD]
    except (TypeError, ValueError, AttributeError):
        raise Violation("expected ids in 'worker_id' and 'holding' of subscribe message") from None
    return Subscribe(keys, client_id, worker_id, holding, message.get("more") is not False)  # pyright: ignore[reportUnknownArgumentType]  # as above


async def _tell_of_cancellations(socket: Socket, subscription: Subscription) -> None:
    """Send the id of each run that the worker has to cancel, until this is cancelled or the worker is gone."""
    with suppress(ConnectionError):
        while True:
            run_id = await subscription.next_cancelled()
            await socket.send_frame(dumps({"type": "cancel", "task_run_id": str(run_id)}), WSMsgType.TEXT)


async def _hand_out(socket: Socket, subscription: Subscription, *, wants_more: bool) -> None:
    """Send runs, each after the former is confirmed, until the worker goes or quits. Errors: Violation."""
    incoming = asyncio.ensure_future(socket.receive())
    try:
        while True:
            while not wants_more:
                said = await incoming
                if _ends(said.type, said.data):
                    return
                wants_more = (parse_object(said.data) or {}).get("type") == "more"
                incoming = asyncio.ensure_future(socket.receive())
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
            ack = parse_object(answer.data) or {}
            if ack.get("type") != "ack":
                raise Violation("expected 'ack' message")
            await subscription.confirm()
            wants_more = subscription.worker_id is None or ack.get("more") is not False
            incoming = asyncio.ensure_future(socket.receive())
    finally:
        incoming.cancel()


def _is_data(kind: WSMsgType) -> bool:
    return kind in (WSMsgType.TEXT, WSMsgType.BINARY)


def _ends(kind: WSMsgType, data: bytes) -> bool:
    """Whether the worker is gone, or says that it goes; other frames of one that has no run say nothing."""
    return not _is_data(kind) or (parse_object(data) or {}).get("type") == "quit"
