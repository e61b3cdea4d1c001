"""The socket by which a task worker is given runs (websockets.md, section 6), opened again whenever it is lost.

A worker tells a server its id with the subscription. A server that knows this answers `subscribed`: it regards what the
worker has taken as held by that id, over any number of connections, until the run has ended; where the id is silent
for longer than the lease the run is given to another worker. It also sends no run before the worker has room, and tells
which of its runs are to be cancelled. Other servers give a run away with its `ack`, and send the next one then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ostinato.client.lookup import api_url
from ostinato.client.runs import TaskRun
from ostinato.client.sockets import POLICY_VIOLATION, TRANSPORT_ERRORS, SocketAuthenticationFailed, open_socket
from ostinato.runner.cancellations import jittered
from ostinato.settings import get_current_settings
from ostinato.utilities.waiting import end_all, in_background

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

logger = logging.getLogger("ostinato.task_worker")

PATH = "/task_runs/subscriptions/scheduled"
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 5.0
"""Seconds between attempts to connect: a server that comes back must hear of us before it takes us for dead."""
FINAL_STATUSES = frozenset({401, 403, 404, 405})
SUBSCRIBED = "subscribed"
CANCEL = "cancel"


class FeedRefused(RuntimeError):
    """The server does not let this worker subscribe; the text says why."""


class Room:
    """Whether the worker takes another run now."""

    def __init__(self) -> None:
        self._has_room = asyncio.Event()
        self.is_closed = asyncio.Event()

    @property
    def is_free(self) -> bool:
        """Whether there is room."""
        return self._has_room.is_set()

    def update(self, is_free: bool) -> None:
        """Note whether there is room."""
        if is_free and not self.is_closed.is_set():
            self._has_room.set()
        else:
            self._has_room.clear()

    def close(self) -> None:
        """Take no more, for good."""
        self._has_room.clear()
        self.is_closed.set()

    async def wait(self) -> None:
        """Wait until there is room."""
        await self._has_room.wait()


class TaskRunFeed:
    """Calls `take` with each run that the server gives this worker, while there is room."""

    def __init__(
        self,
        keys: list[str],
        client_id: str,
        worker_id: UUID,
        room: Room,
        take: Callable[[TaskRun], None],
        cancel: Callable[[UUID], None],
        held: Callable[[], list[UUID]],
    ) -> None:
        self._greeting = {"type": "subscribe", "keys": keys, "client_id": client_id, "worker_id": str(worker_id)}
        self._room = room
        self._take = take
        self._cancel = cancel
        self._held = held
        self.is_connected = asyncio.Event()
        self.is_held_for = False
        """Whether the server, when it was last heard, regarded runs as held by their worker."""
        self._is_asked = asyncio.Event()
        """Set while the server, which regards runs as held, waits to be told that there is room again."""

    async def run(self) -> None:
        """Stay subscribed until this is cancelled. Once the room is closed the connection only says: still alive.

        Returns then if the server does not care. Raises FeedRefused if it refuses for good.
        """
        failures = 0
        while not self._room.is_closed.is_set() or self.is_held_for:
            try:
                await self._connect_once()
                failures = 0
            except SocketAuthenticationFailed as error:
                raise FeedRefused(str(error)) from error
            except TRANSPORT_ERRORS as error:
                _raise_if_final(error)
                failures = 0 if self.is_connected.is_set() else failures + 1
                level = logging.WARNING if failures in (0, 1) else logging.DEBUG
                logger.log(level, "The server's task queue cannot be reached (%s); it is tried again.", error)
            finally:
                self.is_connected.clear()
            await asyncio.sleep(jittered(min(FIRST_PAUSE * 2**failures, LONGEST_PAUSE)))

    async def _connect_once(self) -> None:
        """Take runs over one connection; return when the room was closed while it was open."""
        settings, is_closing = get_current_settings(), self._room.is_closed.is_set()
        async with open_socket(settings, api_url(settings), PATH) as socket:
            is_free, held = self._room.is_free, [str(run_id) for run_id in self._held()]
            await self._send(socket, {**self._greeting, "holding": held, "more": is_free})
            self.is_connected.set()
            taking = asyncio.create_task(self._receive(socket, was_free=is_free))
            closing = asyncio.create_task(self._room.is_closed.wait())
            try:
                await asyncio.wait((taking,) if is_closing else (taking, closing), return_when="FIRST_COMPLETED")
                if taking.done():
                    taking.result()
                else:
                    await self._send(socket, {"type": "quit"})  # a run that was sent meanwhile is given back by this
            finally:
                await end_all((taking, closing))

    async def _receive(self, socket: ClientConnection, *, was_free: bool) -> None:
        self.is_held_for, is_told = False, was_free
        self._is_asked.clear()
        async with in_background(self._ask_for_more(socket)):
            while True:
                message: dict[str, Any] = orjson.loads(await socket.recv())  # Any: JSON
                if message.get("type") == CANCEL:
                    self._cancel(UUID(message["task_run_id"]))
                    continue
                if message.get("type") == SUBSCRIBED:
                    self.is_held_for = True
                else:
                    await self._room_on(socket)  # a server that does not know it sends a run without being asked
                    self._take(TaskRun.model_validate(message))
                    is_told = self._room.is_free
                    await self._send(socket, {"type": "ack", "more": is_told})
                if self.is_held_for and not is_told:
                    self._is_asked.set()

    async def _ask_for_more(self, socket: ClientConnection) -> None:
        """Tell the server whenever there is room that it does not know of."""
        while True:
            await self._is_asked.wait()
            await self._room.wait()
            self._is_asked.clear()
            await self._send(socket, {"type": "more"})

    async def _room_on(self, socket: ClientConnection) -> None:
        """Wait for room; raises ConnectionClosed if the connection is lost meanwhile."""
        room, lost = asyncio.create_task(self._room.wait()), asyncio.create_task(socket.wait_closed())
        try:
            await asyncio.wait((room, lost), return_when="FIRST_COMPLETED")
            if lost.done():
                await socket.recv()  # raises, with what closed it
        finally:
            await end_all((room, lost))

    @staticmethod
    async def _send(socket: ClientConnection, frame: dict[str, Any]) -> None:  # Any: JSON
        await socket.send(orjson.dumps(frame), text=True)


def _raise_if_final(error: BaseException) -> None:
    if isinstance(error, InvalidStatus) and error.response.status_code in FINAL_STATUSES:
        raise FeedRefused(str(error)) from error
    if isinstance(error, ConnectionClosed) and error.rcvd is not None and error.rcvd.code in (POLICY_VIOLATION, 4001):
        raise FeedRefused(error.rcvd.reason) from error
