"""SIGKILL of what evaluates, in the middle of a stream of events: each of them fires once, and no count is lost."""

import asyncio
from collections.abc import Iterator

import aiohttp
import pytest

from tests.integration.automations.scene import PATIENCE, causes, event, name, new_automation, send, trigger
from tests.support.client import Api
from tests.support.json import Json
from tests.support.ports import wait_until
from tests.support.server import Server, new_server

EVENTS, CHUNK = 1_200, 20
KILL_AFTER = (300, 700)
"""Events after which the server is killed: some of them are evaluated by then, some are not."""


@pytest.fixture
def dying(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this test's own, for it kills it."""
    process = new_server(tmp_path_factory.mktemp("dying"), database_url)
    process.start()
    yield process
    process.stop()


async def send_surely(server: Server, events: list[Json]) -> None:
    """Send events until the server has confirmed that it has them."""
    while True:
        try:
            async with Api(server.api_url) as api:
                return await send(api, *events)
        except (aiohttp.ClientError, TimeoutError):
            await asyncio.sleep(0.05)


@pytest.mark.timeout(300)
async def test_no_firing_is_lost_or_doubled_by_a_kill(dying: Server) -> None:
    expected = name()
    async with Api(dying.api_url) as api:
        each_fires = await new_automation(api, trigger(expected))
        thirds = await new_automation(api, trigger(expected, threshold=3))
        pairs = {"type": "sequence", "within": None, "triggers": [trigger(expected, threshold=n) for n in (3, 4)]}
        in_order = await new_automation(api, pairs)

    sent = [event(expected) for _ in range(EVENTS)]
    restarts: list[asyncio.Task[None]] = []
    for start in range(0, EVENTS, CHUNK):
        if start in KILL_AFTER:
            dying.kill()
            restarts.append(asyncio.create_task(asyncio.to_thread(dying.start)))
        await send_surely(dying, sent[start : start + CHUNK])
    await asyncio.gather(*restarts)

    async with Api(dying.api_url) as api:

        async def all_fired() -> bool:
            return sum((await causes(api, each_fires)).values()) >= EVENTS

        await wait_until(all_fired, seconds=PATIENCE, every=0.5, what="a firing for each event")
        assert set(await causes(api, each_fires)) == {each["id"] for each in sent}
        assert sum((await causes(api, each_fires)).values()) == EVENTS
        assert sum((await causes(api, thirds)).values()) == EVENTS // 3
        assert sum((await causes(api, in_order)).values()) == _in_order(EVENTS)


def _in_order(events: int) -> int:
    """Return how often a sequence of every third and every fourth event is complete."""
    fired, last = 0, dict[int, int]()
    for number in range(1, events + 1):
        for step in (3, 4):
            if number % step == 0:
                last[step] = number * 2 + (step == 4)
                if len(last) == 2 and last[3] < last[4]:
                    fired, last = fired + 1, {}
    return fired
