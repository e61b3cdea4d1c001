"""SIGKILL while a client streams task runs: after the restart every one of them is there, once, in its final state."""

import asyncio
from uuid import uuid4

import aiohttp
import pytest

from tests.support.client import Api
from tests.support.event_client import EventClient
from tests.support.json import Json
from tests.support.ports import wait_until
from tests.support.server import Server
from tests.support.task_runs import task_run_events

pytestmark = pytest.mark.replicas

TASK_RUNS = 2_000
KILL_AFTER = (700, 1_400)
"""Told task runs after which the server is killed: some of them confirmed, some in flight."""

PAGE = 200


async def told_task_runs(api: Api, flow_run_id: str) -> list[Json]:
    """Return all task runs of the flow run."""
    found: list[Json] = []
    wanted = {"task_runs": {"flow_run_id": {"any_": [flow_run_id]}}, "limit": PAGE, "sort": "ID_DESC"}
    while True:
        page = (await api.post("/task_runs/filter", wanted | {"offset": len(found)})).json
        found += page
        if len(page) < PAGE:
            return found


@pytest.mark.timeout(300)
async def test_no_told_task_run_is_lost_or_doubled_by_a_kill(api: Api, server: Server) -> None:
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    run = await api.created("/flow_runs/", {"flow_id": flow["id"], "state": {"type": "RUNNING"}})
    stories = [task_run_events(run["id"], number) for number in range(TASK_RUNS)]
    client = EventClient(server.api_url)
    restarts: list[asyncio.Task[None]] = []

    for number, story in enumerate(stories):
        if number in KILL_AFTER:
            await asyncio.gather(*restarts)  # of two processes one may still be coming up
            server.kill()
            restarts.append(asyncio.create_task(asyncio.to_thread(server.start)))
        for event in story:
            await client.send(event)
    await client.confirm()
    await asyncio.gather(*restarts)
    await client.close()

    assert client.connections == 1 + len(KILL_AFTER)
    expected = {story[0]["resource"]["prefect.resource.id"].rsplit(".", 1)[1] for story in stories}

    async def all_there() -> bool:
        count = await api.post("/task_runs/count", {"task_runs": {"flow_run_id": {"any_": [run["id"]]}}})
        return bool(count.json >= TASK_RUNS)

    await wait_until(all_there, seconds=5, what=f"{TASK_RUNS} task runs")
    found = await told_task_runs(api, run["id"])
    assert sorted(each["id"] for each in found) == sorted(expected)
    assert {each["state_type"] for each in found} == {"COMPLETED"}
    for story in stories[:: TASK_RUNS // 40]:
        task_run_id = story[0]["resource"]["prefect.resource.id"].rsplit(".", 1)[1]
        states = (await api.get("/task_run_states/", task_run_id=task_run_id)).json
        assert [state["name"] for state in states] == ["Pending", "Running", "Completed"]
        assert [state["id"] for state in states] == [event["id"] for event in story]


async def test_accepted_flow_runs_survive_a_kill(api: Api, server: Server) -> None:
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    accepted: list[str] = []

    async def create_until_gone() -> None:
        while True:
            run = await api.created("/flow_runs/", {"flow_id": flow["id"], "state": {"type": "PENDING"}})
            accepted.append(run["id"])

    creators = [asyncio.create_task(create_until_gone()) for _ in range(8)]

    async def enough() -> bool:
        return len(accepted) >= 100

    await wait_until(enough, seconds=30, what="100 accepted flow runs")
    server.kill()
    await asyncio.wait(creators)
    for creator in creators:
        assert isinstance(creator.exception(), aiohttp.ClientError), creator.exception()
    await asyncio.to_thread(server.start)

    found: list[str] = []
    while len(found) < len(accepted):
        page = await api.post(
            "/flow_runs/filter",
            {"flow_runs": {"id": {"any_": accepted[len(found) : len(found) + PAGE]}}, "limit": PAGE},
        )
        assert len(page.json) == len(accepted[len(found) : len(found) + PAGE])
        found += [each["id"] for each in page.json]
    assert sorted(found) == sorted(accepted)
