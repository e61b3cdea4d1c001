"""All five websockets through the proxy: they hold while idle and across a reload, and a stranger is told why not."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.e2e.stack import Stack
from tests.support.json import Json

HELLO: Json = {
    "type": "worker.hello.v1",
    "id": "019a0000-0000-7000-8000-000000000001",
    "sent_at": "2026-01-01T00:00:00Z",
    "payload": {
        "consumer_id": "019a0000-0000-7000-8000-000000000002",
        "worker_name": "e2e",
        "worker_type": "process",
        "heartbeat_interval_seconds": 30,
        "supported_channel_versions": ["work_pool_worker_channel.v1"],
        "requested_capabilities": ["worker_heartbeat.v1", "work_pool_snapshot.v1"],
        "work_queue_names": [],
        "handled_cleanup_kinds": [],
        "max_cleanup_concurrency": 0,
        "create_pool_if_not_found": True,
    },
}
WORKER_CHANNEL = "/work_pools/sockets/workers/connect"
FIRST_FRAMES: dict[str, Json] = {
    "/events/in": None,
    "/events/out": {"type": "filter", "filter": {"occurred": {"since": "2026-01-01T00:00:00Z"}}},
    "/logs/out": {"type": "filter", "filter": {}},
    "/task_runs/subscriptions/scheduled": {"type": "subscribe", "keys": ["a-task"], "client_id": "e2e"},
    WORKER_CHANNEL: HELLO,
}
IDLE_SECONDS = 10.0
"""More than twice as long as the proxy leaves a socket open without a sign of life."""


@asynccontextmanager
async def connected(stack: Stack, path: str) -> AsyncGenerator[ClientConnection]:
    url = stack.api_url.replace("https", "wss") + path
    async with connect(url, ssl=stack.context(), subprotocols=[Subprotocol("prefect")], ping_interval=None) as socket:
        await socket.send(orjson.dumps({"type": "auth", "token": None}), text=True)
        assert orjson.loads(await socket.recv()) == {"type": "auth_success"}
        if FIRST_FRAMES[path] is not None:
            await socket.send(orjson.dumps(FIRST_FRAMES[path]), text=True)
        yield socket


async def is_open(socket: ClientConnection, seconds: float) -> bool:
    """Whether a socket stays open for so long; what comes meanwhile is read."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                await socket.recv()
    except TimeoutError:
        return True
    except ConnectionClosed:
        return False


async def test_sockets_hold_while_idle_and_across_a_reload_of_the_proxy(stack: Stack) -> None:
    async with AsyncExitStack() as sockets:
        opened = {path: await sockets.enter_async_context(connected(stack, path)) for path in FIRST_FRAMES}
        ready = orjson.loads(await asyncio.wait_for(opened[WORKER_CHANNEL].recv(), 10))
        assert ready["type"] == "worker.ready.v1", ready
        stack.compose("exec", "-T", "nginx", "nginx", "-s", "reload")
        held = await asyncio.gather(*(is_open(socket, IDLE_SECONDS) for socket in opened.values()))
        assert dict(zip(opened, held, strict=True)) == dict.fromkeys(FIRST_FRAMES, True)
        # After the reload new ones are served as well.
        async with connected(stack, "/events/in") as another:
            await another.ping()
            assert await is_open(another, 0.5)
