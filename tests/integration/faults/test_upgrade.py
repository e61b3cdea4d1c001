"""Flows that run survive an upgrade: maintenance begins, all processes are exchanged, the migrator runs, it ends.

In a short form, or with `OSTINATO_FAULTS=full` (`make faults`) with 200 flows, half of them of each product.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ostinato_core.settings import ServerSettings
from ostinato_migrator.migrate import upgrade
from tests.integration.faults.stack import SchedulerProcess
from tests.support.api_process import ApiProcess
from tests.support.balancer import Balancer
from tests.support.client import Api
from tests.support.clients import PRODUCTS, client_environment, python_of
from tests.support.json import Json
from tests.support.keys import new_key
from tests.support.metrics import told_to_wait
from tests.support.ports import free_port, wait_until
from tests.support.postgres import Postgres
from tests.support.redis import RedisServer

PROGRAM = Path(__file__).parent / "programs" / "living.py"


@dataclass(frozen=True)
class Size:
    """Times in seconds. `flows` run in each of `programs` processes of each product."""

    programs: int
    flows: int
    pause: float
    """Between two pieces of a flow's work."""
    within: float
    """What every wait of the test may take."""


SHORT = Size(programs=1, flows=10, pause=1.0, within=120.0)
FULL = Size(programs=4, flows=25, pause=20.0, within=600.0)
SIZE = FULL if os.environ.get("OSTINATO_FAULTS") == "full" else SHORT
LIVING = len(PRODUCTS) * SIZE.programs * SIZE.flows


class Upgraded:
    """Two API processes behind a balancer, and a scheduler: what is exchanged."""

    def __init__(self, home: Path, database_url: str, redis_url: str) -> None:
        self._database_url = database_url
        environment = {"OSTINATO_ENCRYPTION_KEY": new_key(), "OSTINATO_REDIS_URL": redis_url}
        self._api_environment = environment | {"OSTINATO_SERVER_METRICS_ENABLED": "true"}
        self.apis = [ApiProcess(home, database_url, self._api_environment) for _ in range(2)]
        self.scheduler = SchedulerProcess(home, database_url, environment)
        for number, process in enumerate((*self.apis, self.scheduler)):
            process.log = home / f"process-{number}.log"
        port = free_port()
        self.api_url = f"http://127.0.0.1:{port}/api"
        self._balancer = Balancer(port, [api.port for api in self.apis])

    async def start(self) -> None:
        """Start all of them."""
        await asyncio.gather(*(asyncio.to_thread(each.start) for each in (*self.apis, self.scheduler)))
        self._balancer.start()

    async def stop(self) -> None:
        """Stop all of them."""
        self._balancer.stop()
        await asyncio.gather(*(asyncio.to_thread(each.stop) for each in (*self.apis, self.scheduler)))

    async def exchange(self) -> None:
        """Put a new process in the place of each, one after the other, and let the migrator run on the database."""
        for process in (self.scheduler, *self.apis):
            assert await asyncio.to_thread(process.stop, 60) == 0, process.log_tail()
            await asyncio.to_thread(process.start)
        migrator = [sys.executable, "-m", "ostinato_migrator"]
        environment = self.apis[0].environment()
        await asyncio.to_thread(subprocess.run, migrator, env=environment, check=True, capture_output=True, timeout=60)

    async def statuses(self) -> set[int]:
        """With what the API processes answer a request."""
        found: set[int] = set()
        for process in self.apis:
            async with Api(process.api_url) as api:
                found.add((await api.post("/flow_runs/count", {})).status)
        return found

    async def refused(self) -> float:
        """How many requests the API processes that run now have told to wait."""
        told = 0.0
        for process in self.apis:
            async with Api(process.api_url) as api:
                told += await told_to_wait(api)
        return told


@pytest.fixture
async def upgraded(postgres: Postgres, tmp_path: Path) -> AsyncIterator[Upgraded]:
    """Everything, running."""
    url = postgres.create_database()
    await asyncio.to_thread(upgrade, ServerSettings.model_validate({"database_connection_url": url}))
    redis = RedisServer(tmp_path)
    redis.start()
    made = Upgraded(tmp_path, url, redis.url)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()
        redis.kill()


def start_programs(api_url: str, home: Path) -> list["subprocess.Popen[str]"]:
    """Start all programs; each prints what its flows have done."""
    started: list[subprocess.Popen[str]] = []
    for product in PRODUCTS:
        for number in range(SIZE.programs):
            folder = home / f"{product}-{number}"
            folder.mkdir()
            with (folder / "log").open("w") as log:
                started.append(
                    subprocess.Popen(
                        [python_of(product), PROGRAM, product, str(SIZE.flows), str(SIZE.pause), home / "last"],
                        env=client_environment(product, api_url, folder),
                        cwd=folder,
                        stdout=subprocess.PIPE,
                        stderr=log,
                        text=True,
                    )
                )
    return started


async def count(api: Api, flow: str, *types: str) -> int:
    """Count the runs of a flow in states of these types."""
    wanted = {"flows": {"name": {"any_": [flow]}}, "flow_runs": {"state": {"type": {"any_": types}}}}
    return (await api.post("/flow_runs/count", wanted)).json


async def runs_of(api: Api, flow: str) -> list[Json]:
    """Return all runs of a flow."""
    found: list[Json] = []
    while True:
        page = {"flows": {"name": {"any_": [flow]}}, "sort": "ID_DESC", "offset": len(found), "limit": 200}
        runs = (await api.post("/flow_runs/filter", page)).json
        found += runs
        if len(runs) < 200:
            return found


@pytest.mark.timeout(6 * SIZE.within)
async def test_flows_that_run_survive_an_upgrade(upgraded: Upgraded, tmp_path: Path) -> None:
    programs = start_programs(upgraded.api_url, tmp_path)
    try:
        async with Api(upgraded.api_url, keep_alive=False) as api:
            await go_through_upgrade(upgraded, api, tmp_path)
            ends = [asyncio.to_thread(program.communicate, None, SIZE.within) for program in programs]
            printed = [output for output, _ in await asyncio.gather(*ends)]
            assert {program.returncode for program in programs} == {0}, printed
            await check(api, [pieces for output in printed for pieces in json.loads(output)])
    finally:
        for program in programs:
            program.kill()
            program.wait()


async def go_through_upgrade(upgraded: Upgraded, api: Api, home: Path) -> None:
    """Upgrade while all flows run; then let each of them work on for a while, and end."""

    async def finished(pieces: int) -> bool:
        return await count(api, "piece", "COMPLETED") >= pieces and await count(api, "living", "RUNNING") == LIVING

    await wait_until(lambda: finished(LIVING), seconds=SIZE.within, every=0.5, what="a piece of each flow")
    assert (await api.put("/admin/maintenance", {"retry_after": 1})).status == 200
    await upgraded.exchange()

    async def all_wait() -> bool:
        return await upgraded.refused() >= LIVING

    await wait_until(all_wait, seconds=SIZE.within, every=0.5, what="requests that were told to wait")
    assert await upgraded.statuses() == {503}
    assert (await api.delete("/admin/maintenance")).status == 204

    async def is_over() -> bool:
        return await upgraded.statuses() == {200}

    await wait_until(is_over, what="the end of maintenance at each process")
    before = await count(api, "piece", "COMPLETED")
    await wait_until(lambda: finished(before + LIVING), seconds=SIZE.within, every=0.5, what="flows that go on")
    (home / "last").touch()


async def check(api: Api, done: list[int]) -> None:
    """Every flow and every piece of its work is there, completed, and ran once."""
    assert len(done) == LIVING
    for flow, runs in (("living", LIVING), ("piece", sum(done))):
        found = await runs_of(api, flow)
        assert Counter((run["state"]["type"], run["run_count"]) for run in found) == {("COMPLETED", 1): runs}
    steps: Json = {"task_runs": {"name": {"like_": "step"}}}

    async def all_told() -> bool:
        return (await api.post("/task_runs/count", steps)).json == sum(done)

    await wait_until(all_told, seconds=SIZE.within, every=0.5, what="all task runs")
    ended = {"task_runs": steps["task_runs"] | {"state": {"type": {"any_": ["COMPLETED"]}}}}
    assert (await api.post("/task_runs/count", ended)).json == sum(done)
