"""A server that is killed while it does actions loses none, and does none twice."""

import asyncio
from collections import Counter
from collections.abc import Iterator

import aiohttp
import pytest

from tests.integration.actions.scene import deliveries_of, new_block, runs_of
from tests.integration.automations.scene import event, name, new_automation, send, trigger
from tests.integration.loops.scene import new_deployment
from tests.support.client import Api
from tests.support.json import Json
from tests.support.ports import wait_until
from tests.support.receiver import Receiver
from tests.support.server import Server, new_server

KILLS = 3
EVENTS = 12
"""Events between two kills."""
SETTINGS = {
    "OSTINATO_OUTBOUND_ALLOWED": "127.0.0.1",
    "OSTINATO_SERVICES_ACTIONS_LOST_AFTER_SECONDS": "4",
    "OSTINATO_SERVICES_ACTIONS_LOOP_SECONDS": "0.5",
}


@pytest.fixture
def mortal(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that gives up soon what nobody says anything of."""
    process = new_server(tmp_path_factory.mktemp("mortal"), database_url, SETTINGS)
    process.start()
    yield process
    process.stop()


async def _send_until_taken(api_url: str, events: list[Json]) -> None:
    """Send events, again if the server was killed meanwhile: it keeps each once."""

    async def taken() -> bool:
        try:
            async with Api(api_url) as api:
                await send(api, *events)
        except (aiohttp.ClientError, TimeoutError):
            return False
        return True

    await wait_until(taken, seconds=90, every=0.1, what="events to be taken")


@pytest.mark.timeout(240)
async def test_no_action_is_lost_or_done_twice_however_often_the_server_is_killed(
    mortal: Server, receiver: Receiver
) -> None:
    async with Api(mortal.api_url) as api:
        deployment = await new_deployment(api)
        block = await new_block(api, "webhook", {"url": receiver.url})
        expected = name()
        actions: list[Json] = [
            {"type": "run-deployment", "deployment_id": deployment["id"]},
            {"type": "call-webhook", "block_document_id": block["id"], "payload": "{{ event.id }}"},
        ]
        automation = await new_automation(api, trigger(expected), actions=actions)

    sent: list[str] = []
    for _ in range(KILLS):
        events = [event(expected) for _ in range(EVENTS)]
        sent += [each["id"] for each in events]
        before = len(receiver.received)
        sending = asyncio.create_task(_send_until_taken(mortal.api_url, events))

        async def some_came(before: int = before) -> bool:
            return len(receiver.received) > before + 2

        await wait_until(some_came, seconds=60, what="calls")
        mortal.kill()
        await asyncio.to_thread(mortal.start)
        await sending

    async with Api(mortal.api_url) as api:

        async def all_ended() -> list[Json] | None:
            found = await deliveries_of(api, automation)
            ended = [each for each in found if each["ended"] is not None]
            return ended if len(ended) == 2 * len(sent) else None

        found = await wait_until(all_ended, seconds=90, every=0.2, what="the end of all actions")
        assert found is not None
        runs = await runs_of(api, deployment)
    keys = {run["idempotency_key"].rpartition(" ")[2] for run in runs}
    assert len(runs) == len(sent)
    assert keys == {each["id"] for each in found if each["action_index"] == 0}
    calls = Counter(each.body.decode() for each in receiver.received)
    assert set(calls.values()) == {1}
    told = {each["triggering_event_id"]: each for each in found if each["action_index"] == 1}
    assert set(told) == set(sent)
    for event_id, delivery in told.items():
        if delivery["state"] == "failed":
            assert "may have arrived" in delivery["reason"]
        else:
            assert (delivery["state"], event_id in calls) == ("delivered", True)
