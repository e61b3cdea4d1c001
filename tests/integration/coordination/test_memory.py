"""What Redis holds stays as it is, however many come and go: no key without an end, no channel, no client left behind.

In a short form, or with `OSTINATO_FAULTS=full` (`make faults`) with some thousand websockets.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from redis import Redis

from ostinato_core.settings import ServerSettings
from ostinato_migrator.migrate import upgrade
from tests.support.api_process import ApiProcess
from tests.support.client import Api
from tests.support.json import Json
from tests.support.keys import new_key
from tests.support.ports import wait_until
from tests.support.postgres import Postgres
from tests.support.redis import RedisServer
from tests.support.sockets import connect

ROUNDS = 250 if os.environ.get("OSTINATO_FAULTS") == "full" else 15
AT_ONCE = 4
"""Of each round, at each process, of each socket."""
MOST_GROWTH = 512 * 1024
"""Bytes, for buffers of the connections that are there."""
FIRST_FRAMES: dict[str, Json] = {
    "/events/in": None,
    "/events/out": {"type": "filter", "filter": {}},
    "/logs/out": {"type": "filter", "filter": {}},
    "/task_runs/subscriptions/scheduled": {"type": "subscribe", "keys": ["a-task"], "client_id": "a"},
}


@dataclass(frozen=True)
class Held:
    """What a Redis holds."""

    bytes: int
    channels: frozenset[str]
    clients: int
    keys: int
    keys_without_end: int


def look(redis: RedisServer) -> Held:
    """Look what Redis holds now."""
    with Redis(port=redis.port, decode_responses=True) as untyped:
        client = cast(Any, untyped)  # Any: its answers are typed as those of either client
        keys = list(client.scan_iter())
        return Held(
            bytes=client.info("memory")["used_memory"],
            channels=frozenset(client.pubsub_channels()),
            clients=len(client.client_list()),
            keys=len(keys),
            keys_without_end=sum(client.pttl(key) == -1 for key in keys),
        )


@pytest.fixture
def processes(postgres: Postgres, redis: RedisServer, tmp_path: Path) -> Iterator[list[ApiProcess]]:
    """Two API processes that count requests, too, though never too many."""
    url = postgres.create_database()
    upgrade(ServerSettings.model_validate({"database_connection_url": url}))
    settings = {"OSTINATO_ENCRYPTION_KEY": new_key(), "OSTINATO_REDIS_URL": redis.url}
    settings["OSTINATO_SERVER_API_RATE_LIMIT"] = "6000"
    made = [ApiProcess(tmp_path, url, settings) for _ in range(2)]
    for process in made:
        process.start()
    yield made
    for process in made:
        process.stop()


async def come_and_go(process: ApiProcess, path: str) -> None:
    """Connect, say what is wanted, and leave."""
    async with connect(process.api_url, path) as socket:
        if FIRST_FRAMES[path] is not None:
            await socket.send_json(FIRST_FRAMES[path])


async def write(api: Api, task_key: str) -> None:
    """Let there be something to tell the others: events, lines of a log, a background task."""
    run = str(uuid4())
    line = {"name": "flow", "level": 20, "message": "x" * 200, "timestamp": "2026-01-01T00:00:00Z", "flow_run_id": run}
    assert (await api.post("/logs/", [line] * 50)).status == 201
    await api.created("/variables/", {"name": f"v{run}".replace("-", "_"), "value": 1})
    scheduled = {"task_key": task_key, "dynamic_key": run, "state": {"type": "SCHEDULED"}}
    await api.created("/task_runs/", scheduled)


async def go_round(processes: list[ApiProcess], apis: list[Api]) -> None:
    """Let sockets of all kinds come and go at both processes, while rows are written at both."""
    sockets = [come_and_go(process, path) for process in processes for path in FIRST_FRAMES for _ in range(AT_ONCE)]
    await asyncio.gather(*sockets, *(write(api, "another-task") for api in apis))


@pytest.mark.timeout(120 + 10 * ROUNDS)
async def test_memory_stays_flat_whoever_comes_and_goes(redis: RedisServer, processes: list[ApiProcess]) -> None:
    async with AsyncExitStack() as stack:
        apis = [await stack.enter_async_context(Api(process.api_url)) for process in processes]
        for _ in range(5):
            await go_round(processes, apis)
        before = look(redis)
        for _ in range(ROUNDS):
            await go_round(processes, apis)

        async def nobody_follows() -> bool:
            return look(redis).channels == frozenset({"ostinato"})

        await wait_until(nobody_follows, seconds=30, every=0.2, what="the end of all topics that were followed")
    after = look(redis)
    print(f"{ROUNDS * AT_ONCE * len(FIRST_FRAMES) * len(processes)} sockets: {before} -> {after}")
    assert after.bytes - before.bytes < MOST_GROWTH
    assert after.keys <= 1, "the address of this test alone, for as long as its bucket is not full"
    assert after.keys_without_end == 0
    assert after.clients <= before.clients + 2 * 16, "connections that are kept for the next request"
