"""The worker channel: one socket for signs of life and news of the pool, in place of requests (sdk.md, 27.3).

Where the server has none, or refuses it for good, the worker goes on with requests.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import orjson
from uuid_utils.compat import uuid7
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ostinato.client.lookup import api_url
from ostinato.client.sockets import TRANSPORT_ERRORS, SocketAuthenticationFailed, open_socket
from ostinato.settings import get_current_settings
from ostinato.utilities.waiting import end_all, in_background
from ostinato_wire.work_pools import WorkPool
from ostinato_wire.worker_channel import CLEANUP, HEARTBEATS, SNAPSHOTS, VERSION, CleanupKind

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    from ostinato_wire.base import JsonObject

logger = logging.getLogger("ostinato.workers")

SETUP_SECONDS = 10.0
LONGEST_PAUSE = 30.0
FINAL_CODES = frozenset({1002, 1008})
"""Close codes after which another try would end alike: a protocol error, or no permission."""
FINAL_STATUSES = frozenset({401, 403, 404, 405})
"""Statuses of an upgrade that is not to be had."""


CLEAN_UPS_AT_ONCE = 4
RENEW_SECONDS = 10.0
"""Seconds between two renewals of a clean-up's lease, which lasts for 30."""


class ChannelRefused(Exception):
    """The server has no channel for this worker."""


@dataclass(frozen=True)
class CleanUp:
    """A run whose cancelling took too long, and what it is on, as far as the server knows."""

    flow_run_id: UUID
    infrastructure_pid: str | None


@dataclass(frozen=True)
class Greeting:
    """What a worker says of itself; the interval is in seconds."""

    work_pool_name: str
    worker_name: str
    worker_type: str
    heartbeat_interval_seconds: int
    work_queue_names: list[str]
    metadata: JsonObject = field(default_factory=dict[str, Any])

    def hello(self, consumer_id: str, cleans_up: bool) -> JsonObject:
        """Return the payload of the first frame."""
        return {
            **self.heartbeat(consumer_id),
            "worker_type": self.worker_type,
            "supported_channel_versions": [VERSION],
            "requested_capabilities": [HEARTBEATS, SNAPSHOTS, *([CLEANUP] if cleans_up else [])],
            "work_queue_names": self.work_queue_names,
            "handled_cleanup_kinds": [CleanupKind.CANCELLING_TIMEOUT] if cleans_up else [],
            "max_cleanup_concurrency": CLEAN_UPS_AT_ONCE if cleans_up else 0,
            "create_pool_if_not_found": False,
            "default_base_job_template": {},
            "worker_metadata": {"integrations": [], **self.metadata},
        }

    def heartbeat(self, consumer_id: str) -> JsonObject:
        """Return the payload of a sign of life."""
        return {
            "consumer_id": consumer_id,
            "worker_name": self.worker_name,
            "heartbeat_interval_seconds": self.heartbeat_interval_seconds,
        }


class WorkerChannel:
    """Keeps the channel open; `take_pool` is called with each state of the pool that the server tells.

    `clean_up` ends what a run is left on; it returns False to leave that to another worker of the pool.
    """

    def __init__(
        self,
        greeting: Greeting,
        take_pool: Callable[[WorkPool], None],
        clean_up: Callable[[CleanUp], Awaitable[bool]] | None = None,
    ) -> None:
        self.is_open = False
        self._greeting = greeting
        self._take_pool = take_pool
        self._clean_up = clean_up
        self._cleaning: set[asyncio.Task[None]] = set()
        self._consumer_id = str(uuid4())

    async def run(self) -> None:
        """Keep it open until this is cancelled, or the server refuses it for good."""
        failures = 0
        while True:
            try:
                await self._connect_once()
                failures = 0
            except ChannelRefused as refusal:
                logger.debug("No channel for this worker (%s); it asks by requests.", refusal)
                return
            except TRANSPORT_ERRORS as error:
                failures = 0 if self.is_open else failures + 1
                logger.debug("The worker's channel is lost (%s); it is opened again.", error)
            finally:
                self.is_open = False
            await asyncio.sleep(min(2.0**failures, LONGEST_PAUSE))

    async def _connect_once(self) -> None:
        settings = get_current_settings()
        path = f"/work_pools/{self._greeting.work_pool_name}/workers/connect"
        try:
            async with open_socket(settings, api_url(settings), path) as socket:
                interval = await self._set_up(socket)
                self.is_open = True
                beating = asyncio.create_task(self._beat(socket, interval))
                try:
                    async for text in socket:
                        self._take(socket, orjson.loads(text))
                finally:
                    await end_all((beating, *self._cleaning))
        except SocketAuthenticationFailed as refused:
            raise ChannelRefused(str(refused)) from refused
        except (InvalidStatus, ConnectionClosed) as error:
            if _is_final(error):
                raise ChannelRefused(str(error)) from error
            raise
        except (ValueError, KeyError, TypeError) as wrong:  # pydantic's errors and those of JSON are ValueErrors
            raise ChannelRefused(f"a frame that cannot be read: {wrong}") from wrong

    async def _set_up(self, socket: ClientConnection) -> float:
        """Greet, and return the seconds between signs of life that the server wants."""
        await self._send(socket, "worker.hello.v1", self._greeting.hello(self._consumer_id, self._clean_up is not None))
        async with asyncio.timeout(SETUP_SECONDS):
            frame: JsonObject = orjson.loads(await socket.recv())
        if frame["type"] != "worker.ready.v1":
            raise ChannelRefused(f"the answer to the greeting is {frame['type']}")
        ready: dict[str, Any] = frame["payload"]  # Any: JSON
        if snapshot := ready.get("initial_snapshot"):
            self._take_pool(WorkPool.model_validate(snapshot["work_pool"]))
        return float(ready.get("effective_heartbeat_interval_seconds") or self._greeting.heartbeat_interval_seconds)

    async def _beat(self, socket: ClientConnection, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await self._send(socket, "worker.heartbeat.v1", self._greeting.heartbeat(self._consumer_id))

    def _take(self, socket: ClientConnection, frame: JsonObject) -> None:
        if frame["type"] == "work_pool.snapshot.v1":
            self._take_pool(WorkPool.model_validate(frame["payload"]["work_pool"]))
        elif frame["type"] == "cleanup.message.v1" and self._clean_up is not None:
            task = asyncio.create_task(self._answer(socket, frame["payload"], self._clean_up))
            self._cleaning.add(task)
            task.add_done_callback(self._cleaning.discard)

    async def _answer(
        self, socket: ClientConnection, message: JsonObject, clean_up: Callable[[CleanUp], Awaitable[bool]]
    ) -> None:
        """Clean up, keeping the lease meanwhile, and say what became of it. Where that fails the lease runs out."""
        reservation = {name: message[name] for name in ("message_id", "reservation_token")}
        target: dict[str, Any] = message["target"]  # Any: JSON

        async def renew() -> None:
            while True:
                await asyncio.sleep(RENEW_SECONDS)
                await self._send(socket, "cleanup.renew.v1", reservation)

        async with in_background(renew()):
            is_gone = await clean_up(CleanUp(UUID(target["flow_run_id"]), target.get("infrastructure_pid")))
        if is_gone:
            await self._send(socket, "cleanup.ack.v1", reservation)
        else:
            reason = "The infrastructure of the run is out of this worker's reach."
            await self._send(socket, "cleanup.release.v1", {**reservation, "reason": reason})

    @staticmethod
    async def _send(socket: ClientConnection, type_: str, payload: JsonObject) -> None:
        frame = {"type": type_, "id": str(uuid7()), "sent_at": datetime.now(UTC), "payload": payload}
        await socket.send(orjson.dumps(frame), text=True)


def _is_final(error: InvalidStatus | ConnectionClosed) -> bool:
    """Whether another try would end alike."""
    if isinstance(error, InvalidStatus):
        return error.response.status_code in FINAL_STATUSES
    return error.rcvd is not None and error.rcvd.code in FINAL_CODES
