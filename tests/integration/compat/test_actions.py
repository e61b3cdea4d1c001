"""Automations that the unmodified client has made fire, on one event or several, and every action is done."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from tests.integration.actions.scene import deliveries_of
from tests.integration.compat.conftest import PROGRAMS, Client
from tests.support.client import Api
from tests.support.json import Json
from tests.support.ports import wait_until
from tests.support.receiver import receiving
from tests.support.server import Server, new_server

pytestmark = pytest.mark.compat

ACTIONS = 17
FIRE = 4
"""Automations of `programs/composites.py` whose events come; one awaits them in another order."""


@pytest.fixture(scope="module")
def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that may call this machine."""
    process = new_server(tmp_path_factory.mktemp("server"), database_url, {"OSTINATO_OUTBOUND_ALLOWED": "127.0.0.1"})
    process.start()
    yield process
    process.stop()


@pytest.mark.timeout(240)
async def test_every_action_of_the_client_is_done(api: Api, client: Client) -> None:
    async with receiving() as receiver:
        program = str(PROGRAMS / "automations.py")
        result = await asyncio.to_thread(client.run, "python", program, receiver.url)
        assert result.returncode == 0, result.stdout + result.stderr
        automation = {"id": result.stdout.split()[-1]}

        async def all_ended() -> list[Json] | None:
            found = await deliveries_of(api, automation)
            return found if len(found) == ACTIONS and all(each["ended"] for each in found) else None

        found = await wait_until(all_ended, seconds=60, what="the end of all actions")
    assert found is not None
    not_done = [(each["action"]["type"], each["reason"]) for each in found if each["state"] != "delivered"]
    assert not_done == []
    assert len({each["action"]["type"] for each in found}) == ACTIONS
    assert sorted(each.path for each in receiver.received) == ["/chat", "/webhook"]


@pytest.mark.timeout(240)
async def test_triggers_of_several_events_tell_by_the_blocks_of_the_client(api: Api, client: Client) -> None:
    async with receiving() as receiver:
        program = str(PROGRAMS / "composites.py")
        result = await asyncio.to_thread(client.run, "python", program, receiver.url)
        assert result.returncode == 0, result.stdout + result.stderr
        automations = [f"prefect.automation.{line.split()[1]}" for line in result.stdout.splitlines()]
        wanted = {"event": {"name": ["prefect.automation.action.executed"]}, "resource": {"id": automations}}

        async def all_executed() -> list[Json] | None:
            found = (await api.post("/events/filter", {"filter": wanted})).json["events"]
            return found if len(found) >= FIRE else None

        executed = await wait_until(all_executed, seconds=60, what="the actions of all that fire")
    assert executed is not None
    assert sorted(each["resource"]["prefect.resource.name"] for each in executed) == ["all", "any", "sequence", "two"]
    told = {path: [each for each in receiver.received if each.path == path] for path in ("/hooks/t0k3n", "/webhook")}
    texts = sorted(json.loads(each.body)["text"] for each in told["/hooks/t0k3n"])
    assert len(texts) == 2
    assert "all: paid of the.shop" in texts[0]
    assert "two: rain of the.shop" in texts[1]
    assert sorted(json.loads(each.body)["by"] for each in told["/webhook"]) == ["any", "sequence"]
    assert {each.headers["x-shop"] for each in told["/webhook"]} == {"greengrocer"}
