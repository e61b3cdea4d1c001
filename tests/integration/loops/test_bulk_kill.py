"""Servers that are killed in the midst of a bulk job: each run is changed once, and counted once."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.integration.loops.scene import new_run
from tests.support.client import Api
from tests.support.json import Json
from tests.support.pools import new_flow
from tests.support.ports import wait_until
from tests.support.server import Server, new_server

RUNS = 2_000
KILL_AT = (300, 1_000)
"""Runs looked at by when the server is killed."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of this server."""
    return tmp_path_factory.mktemp("killed")


@pytest.fixture
def killed(database_url: str, home: Path) -> Iterator[Server]:
    """A server that is going to be killed."""
    process = new_server(home, database_url)
    process.start()
    yield process
    process.stop()


@pytest.mark.timeout(300)
async def test_a_job_goes_on_after_a_kill_and_no_run_is_lost_or_doubled(killed: Server) -> None:
    tag = uuid4().hex
    where: Json = {"flow_runs": {"tags": {"all_": [tag]}}}

    async def progress(api: Api, job: Json) -> Json:
        return (await api.get(f"/bulk_jobs/{job['id']}")).json

    async with Api(killed.api_url) as api:
        flow_id = await new_flow(api)

        async def make(number: int) -> None:
            for _ in range(number):
                await new_run(api, "SCHEDULED", flow_id=flow_id, tags=[tag])

        await asyncio.gather(*(make(RUNS // 16) for _ in range(16)))
        job = await api.created("/bulk_jobs/", {"action": "cancel", **where})

    for bound in KILL_AT:
        async with Api(killed.api_url) as api:

            async def is_there(api: Api = api, bound: int = bound) -> bool:
                return (await progress(api, job))["looked_at"] >= bound

            await wait_until(is_there, seconds=60, every=0.02, what=f"{bound} runs of the job")
        killed.kill()
        await asyncio.to_thread(killed.start)

    async with Api(killed.api_url) as api:

        async def has_ended() -> bool:
            return (await progress(api, job))["status"] == "completed"

        await wait_until(has_ended, seconds=120, what="the end of the job")
        after = await progress(api, job)
        assert (after["looked_at"], after["done"], after["refused"]) == (RUNS, RUNS, 0)
        cancelled = {"flow_runs": where["flow_runs"] | {"state": {"type": {"any_": ["CANCELLED"]}}}}
        assert (await api.post("/flow_runs/count", cancelled)).json == RUNS
        wanted = {"event": {"name": ["prefect.flow-run.Cancelled"]}, "related": {"id": [f"prefect.flow.{flow_id}"]}}
        assert (await api.post("/events/count-by/event", {"filter": wanted})).json[0]["count"] == RUNS
