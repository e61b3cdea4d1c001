"""The worker channel where the server has none, refuses it, or goes away."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import orjson
import pytest
from aiohttp import web

from ostinato.settings import temporary_settings
from ostinato.workers.channel import CleanUp, Greeting, WorkerChannel
from ostinato.workers.held import metadata
from ostinato_wire.work_pools import WorkPool
from tests.support.stub_api import StubServer

POOL = {"id": "01a2bf52-0000-7000-8000-000000000000", "created": None, "updated": None, "name": "p", "type": "process"}
READY = {
    "type": "worker.ready.v1",
    "payload": {"effective_heartbeat_interval_seconds": 30, "initial_snapshot": {"work_pool": POOL}},
}
After = Callable[[web.WebSocketResponse], Awaitable[object]]


@asynccontextmanager
async def channel_of(
    after: After, clean_up: Callable[[CleanUp], Awaitable[bool]] | None = None
) -> AsyncGenerator[tuple[WorkerChannel, list[WorkPool]]]:
    """A channel to a server that authenticates, and then does what the test says."""

    async def handle(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=("prefect",))
        await socket.prepare(request)
        await socket.receive()
        await socket.send_json({"type": "auth_success"})
        await after(socket)
        await socket.close()
        return socket

    server = StubServer(handle)
    server.start()
    pools: list[WorkPool] = []
    with temporary_settings({"api.url": server.api_url}):
        greeting = Greeting("p", "w", "process", 30, [], metadata("aiohttp"))
        yield WorkerChannel(greeting, pools.append, clean_up), pools
    await asyncio.to_thread(server.stop)


async def test_a_server_without_a_channel_is_asked_by_requests() -> None:
    async def handle(_: web.Request) -> web.StreamResponse:
        raise web.HTTPNotFound

    server = StubServer(handle)
    server.start()
    with temporary_settings({"api.url": server.api_url}):
        await asyncio.wait_for(WorkerChannel(Greeting("p", "w", "process", 30, []), print).run(), 10)
    await asyncio.to_thread(server.stop)


@pytest.mark.parametrize("code", [1002, 1008])
async def test_a_refusal_is_final(code: int) -> None:
    async with channel_of(lambda socket: socket.close(code=code)) as (channel, pools):
        await asyncio.wait_for(channel.run(), 10)
    assert (channel.is_open, pools) == (False, [])


async def test_a_frame_that_cannot_be_read_is_final() -> None:
    async def answer(socket: web.WebSocketResponse) -> None:
        await socket.receive()
        await socket.send_str("no json")

    async with channel_of(answer) as (channel, _):
        await asyncio.wait_for(channel.run(), 10)


async def test_a_lost_channel_is_opened_again() -> None:
    greetings: list[object] = []

    async def greet_and_leave(socket: web.WebSocketResponse) -> None:
        greetings.append(orjson.loads((await socket.receive()).data))
        await socket.send_str(orjson.dumps(READY).decode())
        if len(greetings) == 1:
            await socket.close(code=1011)
            return
        await socket.receive()

    async with channel_of(greet_and_leave) as (channel, pools):
        running = asyncio.create_task(channel.run())
        while len(pools) < 2:  # noqa: ASYNC110 - the server is in another thread
            await asyncio.sleep(0.02)
        assert channel.is_open
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert [pool.name for pool in pools] == ["p", "p"]


async def test_a_worker_tells_what_it_is_made_of() -> None:
    hellos: list[dict[str, Any]] = []

    async def listen(socket: web.WebSocketResponse) -> None:
        hellos.append(orjson.loads((await socket.receive()).data)["payload"])
        await socket.close(code=1008)

    async with channel_of(listen) as (channel, _):
        await asyncio.wait_for(channel.run(), 10)
    assert [made["name"] for made in hellos[0]["worker_metadata"]["integrations"]] == ["ostinato", "aiohttp"]


@pytest.mark.parametrize(("is_gone", "answer"), [(True, "cleanup.ack.v1"), (False, "cleanup.release.v1")])
async def test_what_a_run_is_left_on_is_cleaned_up_and_answered(is_gone: bool, answer: str) -> None:
    answers: list[dict[str, Any]] = []
    asked: list[CleanUp] = []
    message = {"message_id": "m", "reservation_token": "t", "target": {"flow_run_id": POOL["id"]}}

    async def hand_over(socket: web.WebSocketResponse) -> None:
        hello = orjson.loads((await socket.receive()).data)
        assert hello["payload"]["handled_cleanup_kinds"] == ["cancelling_timeout_teardown.v1"]
        await socket.send_str(orjson.dumps(READY).decode())
        frame = {"type": "cleanup.message.v1", "payload": message}
        await socket.send_str(orjson.dumps(frame).decode())
        answers.append(orjson.loads((await socket.receive()).data))
        await socket.close(code=1008)

    async def clean_up(message: CleanUp) -> bool:
        asked.append(message)
        return is_gone

    async with channel_of(hand_over, clean_up) as (channel, _):
        await asyncio.wait_for(channel.run(), 10)
    assert asked == [CleanUp(UUID(POOL["id"] or ""), None)]
    assert (answers[0]["type"], answers[0]["payload"]["message_id"]) == (answer, "m")
