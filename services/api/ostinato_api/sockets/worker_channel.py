"""`/work_pools/{name}/workers/connect`: a worker's signs of life, its pool as it is now, and what is to be cleaned up.

See websockets.md, section 7.
"""

import asyncio
from collections import deque
from typing import Any, Final
from uuid import UUID

from aiohttp import WSMsgType, web
from pydantic import ValidationError

from ostinato_api.deps import Services
from ostinato_api.sockets.handshake import POLICY_VIOLATION, PROTOCOL_ERROR, Socket, close, serve_socket
from ostinato_api.sockets.worker_hub import HUB
from ostinato_core.answer_json import dumps
from ostinato_core.clock import utc_now
from ostinato_core.errors import Conflict, LostRace, Unavailable
from ostinato_core.ids import new_id
from ostinato_core.job_variables import BlockNotFound
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.work_pools.errors import JobVariablesInvalid, WorkPoolNotFound, WorkPoolReserved
from ostinato_core.work_pools.rows import pool_json
from ostinato_core.work_queues.errors import WorkQueueOfPoolNotFound
from ostinato_core.worker_cleanup import operations as cleanup
from ostinato_core.worker_cleanup.operations import FAILED, NOT_ACCEPTED, Answer
from ostinato_core.workers.channel import Post, beat, snapshot, take_post
from ostinato_wire.worker_channel import (
    CAPABILITIES,
    CLEANUP,
    CLIENT_FRAME,
    VERSION,
    AckFrame,
    CleanupFrame,
    Heartbeat,
    HeartbeatFrame,
    Hello,
    HelloFrame,
    RenewFrame,
    frame,
)

INTERNAL_ERROR: Final = 1011
MERGE_WITHIN: Final = 0.05
"""Seconds for which a change of the pool waits for the next one, to be told together."""
TOLD: Final = ("base_job_template", "concurrency_limit", "is_paused", "storage_configuration")
"""Members of a pool whose change is told at once."""


class Ended(Exception):
    """The server ends the channel; `reason` is one of the words that clients know."""

    def __init__(self, reason: str, code: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


def _protocol_error() -> Ended:
    return Ended("protocol_error", PROTOCOL_ERROR)


def _no_access() -> Ended:
    return Ended("authorization_failed", POLICY_VIOLATION)


async def serve(request: web.Request) -> web.StreamResponse:
    """Talk with a worker until it goes."""
    name = request.match_info["work_pool_name"]
    hub = request.app[HUB]

    async def talk(socket: Socket, services: Services) -> None:
        try:
            channel = await _open(socket, services, name)
            async with hub.joined(services, channel):
                await channel.run()
        except Ended as end:
            await close(socket, end.code, end.reason)

    return await serve_socket(request, talk, allow_legacy=False, refusal="authentication_failed")


async def _open(socket: Socket, services: Services, pool_name: str) -> "Channel":
    """Take the worker's hello and answer it. Errors: Ended."""
    message = await socket.receive()
    try:
        hello = HelloFrame.model_validate_json(_data(message)).payload
    except ValidationError:
        raise _protocol_error() from None
    if VERSION not in hello.supported_channel_versions:
        raise Ended("unsupported_version", POLICY_VIOLATION)
    try:
        post = await services.database.write(lambda tx: take_post(tx, pool_name, hello))
    except (WorkPoolNotFound, WorkQueueOfPoolNotFound, WorkPoolReserved):
        raise _no_access() from None
    except (JobVariablesInvalid, BlockNotFound, ValidationError):
        raise _protocol_error() from None
    except (Unavailable, Conflict, LostRace):
        raise Ended("transient_server_error", INTERNAL_ERROR) from None
    channel = Channel(socket, services, pool_name, hello, post)
    await channel.begin()
    return channel


def _data(message: Any) -> bytes:  # Any: a message of the socket, whose data may be of many types
    if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
        raise _protocol_error()
    return message.data


class Channel:
    """One worker's connection. At most one change of the pool and a bounded number of messages wait to be sent."""

    def __init__(self, socket: Socket, services: Services, pool_name: str, hello: Hello, post: Post) -> None:
        self.pool_id: UUID = post.pool["id"]
        self.kinds = {kind.value for kind in hello.handled_cleanup_kinds}
        self.most_messages = hello.cleanup_concurrency()
        self.queue_ids = {queue["id"] for queue in post.queues} if hello.work_queue_names else None
        self._in_hand: dict[UUID, Row] = {}
        self._outbox: deque[Row] = deque()
        self._pool_changed = False
        self._signal = asyncio.Event()
        self._socket = socket
        self._services = services
        self._pool_name = pool_name
        self._hello = hello
        self._post = post
        self._told: JsonDict = {}
        self._sequence = 0

    def room_for(self, kind: str) -> bool:
        """Whether the worker can take another clean-up message of a kind."""
        if kind not in self.kinds:
            return False
        now = utc_now()
        self._in_hand = {key: row for key, row in self._in_hand.items() if row["lease_expires_at"] > now}
        return len(self._in_hand) < self.most_messages

    def serves(self, queue_id: UUID | None) -> bool:
        """Whether the worker serves a queue; without names, it serves all."""
        return self.queue_ids is None or queue_id in self.queue_ids

    def hand_over(self, message: Row) -> None:
        """Let a reserved clean-up message be sent."""
        self._in_hand[message["id"]] = message
        self._outbox.append(message)
        self._signal.set()

    def pool_changed(self) -> None:
        """Let the pool be looked at, and told if it is another now."""
        self._pool_changed = True
        self._signal.set()

    async def begin(self) -> None:
        """Note the first sign of life and answer the hello. Errors: Ended."""
        hello = self._hello
        pool = pool_json(await self._beat(hello.heartbeat_interval_seconds))
        accepted = [name for name in dict.fromkeys(hello.requested_capabilities) if name in CAPABILITIES]
        self._sequence, self._told = 1, pool
        ready: JsonDict = {
            "consumer_id": hello.consumer_id,
            "worker_id": None,
            "selected_channel_version": VERSION,
            "effective_heartbeat_interval_seconds": hello.heartbeat_interval_seconds,
            "accepted_capabilities": accepted,
            "rejected_capabilities": [name for name in hello.requested_capabilities if name not in CAPABILITIES],
            "effective_max_cleanup_concurrency": self.most_messages,
            "resolved_work_queues": [{"id": row["id"], "name": row["name"]} for row in self._post.queues],
            "initial_snapshot": {"snapshot_sequence": 1, "reason": "initial", "work_pool": pool},
        }
        await self._send("worker.ready.v1", ready)

    async def run(self) -> None:
        """Talk until the worker goes. Errors: Ended."""
        receiving = asyncio.create_task(self._receive_all())
        sending = asyncio.create_task(self._send_all())
        try:
            await asyncio.wait((receiving, sending), return_when=asyncio.FIRST_COMPLETED)
            for task in (receiving, sending):
                if task.done():
                    task.result()
        except Unavailable:
            raise Ended("transient_server_error", INTERNAL_ERROR) from None
        finally:
            receiving.cancel()
            sending.cancel()
            await asyncio.gather(receiving, sending, return_exceptions=True)
            await self._give_back()

    async def _receive_all(self) -> None:
        while (message := await self._socket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
            try:
                received = CLIENT_FRAME.validate_json(_data(message))
            except ValidationError:
                raise _protocol_error() from None
            if isinstance(received, HeartbeatFrame):
                await self._take_heartbeat(received.payload)
            else:
                await self._take_answer(received)

    async def _take_heartbeat(self, heartbeat: Heartbeat) -> None:
        if (heartbeat.consumer_id, heartbeat.worker_name) != (self._hello.consumer_id, self._hello.worker_name):
            raise _protocol_error()
        pool = pool_json(await self._beat(heartbeat.heartbeat_interval_seconds))
        if pool["updated"] != self._told["updated"]:
            await self._send_snapshot(pool, "heartbeat_reconciliation")

    async def _beat(self, interval: int) -> Row:
        name, worker = self._pool_name, self._hello.worker_name
        try:
            return await self._services.database.write(lambda tx: beat(tx, name, worker, interval))
        except WorkPoolNotFound:
            raise _no_access() from None
        except (Unavailable, Conflict, LostRace):
            raise Ended("heartbeat_persistence_failed", INTERNAL_ERROR) from None

    async def _take_answer(self, received: CleanupFrame) -> None:
        asked = received.payload
        answer = NOT_ACCEPTED if CLEANUP not in self._hello.requested_capabilities else await self._apply(received)
        if not isinstance(received, RenewFrame) or answer.status != "accepted":
            self._in_hand.pop(asked.message_id, None)
        elif (held := self._in_hand.get(asked.message_id)) is not None:
            self._in_hand[asked.message_id] = {**held, "lease_expires_at": answer.lease}
        cleanup.announce()
        result: JsonDict = {
            "request_frame_id": received.id,
            "message_id": asked.message_id,
            "operation": received.type.split(".")[1],
            "status": answer.status,
            "lease_expires_at": answer.lease,
            "reason": answer.reason,
            "detail": None,
        }
        await self._send("cleanup.operation_result.v1", result)

    async def _apply(self, received: CleanupFrame) -> Answer:
        operation = (
            cleanup.acknowledge
            if isinstance(received, AckFrame)
            else cleanup.renew
            if isinstance(received, RenewFrame)
            else cleanup.release
        )
        asked = received.payload
        try:
            return await self._services.database.write(
                lambda tx: operation(tx, self.pool_id, asked.message_id, asked.reservation_token)
            )
        except (Unavailable, Conflict, LostRace):
            return FAILED

    async def _send_all(self) -> None:
        while True:
            await self._signal.wait()
            self._signal.clear()
            while self._outbox:
                await self._send("cleanup.message.v1", _message_json(self._outbox[0]))
                self._outbox.popleft()
            if self._pool_changed:
                await asyncio.sleep(MERGE_WITHIN)
                self._pool_changed = False
                await self._tell_pool()

    async def _tell_pool(self) -> None:
        pool = await self._services.database.lookup(lambda tx: snapshot(tx, self._pool_name))
        if pool is None or pool["id"] != self.pool_id:
            raise _no_access()
        if any(pool[member] != self._told[member] for member in TOLD):
            await self._send_snapshot(pool, "work_pool_updated")

    async def _send_snapshot(self, pool: JsonDict, reason: str) -> None:
        self._sequence += 1
        self._told = pool
        content: JsonDict = {"snapshot_sequence": self._sequence, "reason": reason, "work_pool": pool}
        await self._send("work_pool.snapshot.v1", content)

    async def _send(self, type_: str, payload: JsonDict) -> None:
        await self._socket.send_frame(dumps(frame(type_, new_id(), utc_now(), payload)), WSMsgType.TEXT)

    async def _give_back(self) -> None:
        """Release what was reserved for the worker and could not be sent."""
        for message in self._outbox:
            token: str = message["reservation_token"]
            key: UUID = message["id"]
            try:
                await self._services.database.write(
                    lambda tx, key=key, token=token: cleanup.release(tx, self.pool_id, key, token)
                )
            except (Unavailable, Conflict, LostRace):
                return  # the leases run out by themselves


def _message_json(message: Row) -> JsonDict:
    return {
        "message_id": message["id"],
        "kind": message["kind"],
        "reservation_token": message["reservation_token"],
        "lease_expires_at": message["lease_expires_at"],
        "delivery_count": message["delivery_count"],
        "work_queue_id": message["work_queue_id"],
        "target": message["target"],
        "data": message["data"],
    }
