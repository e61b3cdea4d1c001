"""What becomes of runs when workers begin, stop, are gone, or their server is; and how soon a run is noticed."""

import asyncio
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from ostinato import get_client
from ostinato.flows import Flow
from ostinato.runner import Runner
from ostinato.settings import get_current_settings, resolved_environment, temporary_settings
from ostinato.workers import BaseWorker, BaseWorkerResult
from ostinato.workers.base import BaseJobConfiguration
from ostinato.workers.held import LeftRun
from ostinato.workers.process import ProcessWorker
from ostinato_wire.flow_runs import FlowRun
from ostinato_wire.states import StateCreate, StateType
from tests.integration.sdk.conftest import Project, until, until_final, until_in
from tests.integration.sdk.test_runner import new_run as new_served_run
from tests.integration.sdk.test_workers import health_port, make_pool, new_run, pool, work_once
from tests.support.server import Server

__all__ = ["health_port", "pool"]

LOADS = """
import sys
from ostinato.engine import warm

warm.load()
loaded = set(sys.modules)

from ostinato.engine.process import main

main()
print(sorted(name for name in set(sys.modules) - loaded if name.startswith(("ostinato", "pydantic", "http"))))
"""
"""A run in a process that was ready for it, which prints what it had yet to load."""
NEVER = 3600.0
"""Seconds between two questions for due runs, where the test is of what comes without asking."""


@asynccontextmanager
async def working(worker: BaseWorker[Any]) -> AsyncGenerator[None]:
    """Let a worker work while the block lasts, unless it stops before."""
    async with worker:
        started = asyncio.Event()
        task = asyncio.create_task(worker.start(on_started=started.set))
        await started.wait()
        try:
            yield
        finally:
            worker.stop()
            await task


async def test_a_worker_is_told_of_a_run_that_is_made(project: Project, pool: str) -> None:
    await make_pool(pool)
    worker = ProcessWorker(pool)
    worker.query_seconds = NEVER
    async with working(worker):
        for _ in range(2):
            run_id = await new_run("flows.py:add", pool, {"a": 1})
            assert (await until_final(run_id)).type is StateType.COMPLETED


async def test_a_runner_is_told_of_a_run_that_is_made(project: Project) -> None:
    runner = Runner(query_seconds=NEVER, pause_on_shutdown=False)
    deployment_id = await runner.aadd_deployment((await Flow.afrom_source(".", "flows.py:add")).to_deployment("told"))
    serving = asyncio.create_task(runner.start())
    for _ in range(2):
        run_id = await new_served_run(deployment_id, a=1)
        assert (await until_final(run_id)).type is StateType.COMPLETED
    runner.stop()
    await serving


async def test_a_run_takes_the_process_that_was_kept_ready(project: Project, pool: str) -> None:
    await make_pool(pool)
    async with ProcessWorker(pool) as worker:
        task = asyncio.create_task(worker.start())
        warm = worker._warm  # pyright: ignore[reportPrivateUsage] - nothing else tells which process was waiting
        await until(lambda: warm.pids, "a process is ready")
        (pid,) = warm.pids
        run_id = await new_run("flows.py:add", pool, {"a": 1})
        assert (await until_final(run_id)).type is StateType.COMPLETED
        async with get_client() as client:
            assert (await client.read_flow_run(run_id)).infrastructure_pid == str(pid)
        await until(lambda: warm.pids not in ([], [pid]), "another process is ready")
        worker.stop()
        await task


async def test_a_process_that_is_kept_ready_has_loaded_what_a_run_needs(project: Project, pool: str) -> None:
    await make_pool(pool)
    run_id = await new_run("flows.py:add", pool, {"a": 1})
    environment = {**os.environ, **resolved_environment(), "PREFECT__FLOW_RUN_ID": str(run_id)}
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", LOADS], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout.splitlines()[-1], (await until_final(run_id)).type) == ("[]", StateType.COMPLETED), done.stderr


async def test_queues_that_are_asked_for_are_made(project: Project, pool: str) -> None:
    await work_once(ProcessWorker(pool, ["fast", "slow"]))
    async with get_client() as client:
        assert {queue.name for queue in await client.read_work_queues(pool)} == {"default", "fast", "slow"}


async def test_a_run_may_end_by_itself_while_its_worker_stops(project: Project, pool: str) -> None:
    await make_pool(pool)
    run_id = await new_run("flows.py:wait", pool)
    with temporary_settings({"worker.shutdown_grace_seconds": 60}):
        async with working(ProcessWorker(pool)):
            await until(project.notes.exists, "the flow begins")
            asyncio.get_running_loop().call_later(0.5, (project.folder / "go").touch)
    assert (await until_final(run_id)).type is StateType.COMPLETED


async def test_a_run_is_handed_back_if_that_is_wanted(
    project: Project, pool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTINATO_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR", "reschedule")
    await make_pool(pool)
    run_id = await new_run("flows.py:wait", pool)
    worker = ProcessWorker(pool)
    async with working(worker):
        await until(project.notes.exists, "the flow begins")
        worker.stop()
        worker.stop()  # the second time ends the wait for runs
    assert (await until_in(run_id, StateType.SCHEDULED)).name == "AwaitingRetry"


async def test_a_server_that_is_away_for_a_while_costs_no_run(project: Project, pool: str, server: Server) -> None:
    await make_pool(pool)
    first = await new_run("flows.py:wait", pool)
    async with working(ProcessWorker(pool)):
        await until(project.notes.exists, "the flow begins")
        await asyncio.to_thread(server.kill)
        (project.folder / "go").touch()
        await asyncio.to_thread(server.start)
        second = await new_run("flows.py:add", pool, {"a": 1})
        assert [(await until_final(run_id)).type for run_id in (first, second)] == [StateType.COMPLETED] * 2


class HoldingWorker(BaseWorker[BaseJobConfiguration]):
    """Holds runs until they are killed, or for nothing if they were left by another."""

    type = "holding"
    left: list[LeftRun]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.left = []
        self.killed = asyncio.Event()

    async def run(self, flow_run: FlowRun, configuration: BaseJobConfiguration, task_status: Any) -> BaseWorkerResult:
        task_status.started("here")
        await self.killed.wait()
        return BaseWorkerResult(143, "here")

    async def kill_infrastructure(
        self, infrastructure_pid: str, configuration: BaseJobConfiguration, grace_seconds: int = 30
    ) -> None:
        assert infrastructure_pid == "here"
        self.killed.set()

    async def find_left(self) -> list[LeftRun]:
        return self.left

    async def follow(self, flow_run: FlowRun, identifier: str) -> BaseWorkerResult:
        return BaseWorkerResult(137, identifier, reason="It used more memory than it may.")


async def make_holding_pool(name: str) -> None:
    async with HoldingWorker(name) as worker:
        await worker.sync_with_backend()


async def test_a_run_that_has_not_begun_is_cancelled_with_its_infrastructure(project: Project, pool: str) -> None:
    await make_holding_pool(pool)
    run_id = await new_run("flows.py:add", pool, {"a": 1})
    worker = HoldingWorker(pool)
    async with working(worker):
        await until_infrastructure(run_id)
        async with get_client() as client:
            await client.set_flow_run_state(run_id, StateCreate(type=StateType.CANCELLING))
        await until_in(run_id, StateType.CANCELLED)
    assert worker.killed.is_set()


async def until_infrastructure(run_id: UUID) -> None:
    async with get_client() as client, asyncio.timeout(60):
        while (await client.read_flow_run(run_id)).infrastructure_pid is None:  # noqa: ASYNC110 - the server knows
            await asyncio.sleep(0.05)


async def test_runs_of_a_worker_that_is_gone_are_taken_up(project: Project, pool: str) -> None:
    await make_holding_pool(pool)
    run_id = await new_run("flows.py:add", pool, {"a": 1})
    async with working(HoldingWorker(pool, name="restarted")):
        await until_infrastructure(run_id)
    again = HoldingWorker(pool, name="restarted")
    again.left = [LeftRun(run_id, "restarted", "here"), LeftRun(run_id, "restarted", "of a former attempt")]
    async with working(again):
        state = await until_final(run_id)
    assert state.type is StateType.CRASHED
    assert state.message == (
        "Flow run infrastructure exited with non-zero status code 137. It used more memory than it may."
    )


async def test_runs_of_a_worker_that_lives_are_left_to_it(project: Project, pool: str) -> None:
    await make_holding_pool(pool)
    run_id = await new_run("flows.py:add", pool, {"a": 1})
    async with working(HoldingWorker(pool, name="first")):
        await until_infrastructure(run_id)
        other = HoldingWorker(pool, name="other")
        other.left = [LeftRun(run_id, "first", "here")]
        await work_once(other)
        async with get_client() as client:
            assert (await client.read_flow_run(run_id)).state_type is StateType.PENDING


def ask(method: str, url: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


async def test_a_runner_answers_probes_and_is_shut_down(project: Project, health_port: int) -> None:
    runner = Runner(pause_on_shutdown=False, webserver=True)
    await runner.aadd_deployment((await Flow.afrom_source(".", "flows.py:add")).to_deployment("probed"))
    started = asyncio.Event()
    home = get_current_settings().runner.server.host
    with temporary_settings({"runner.server.port": health_port}):
        serving = asyncio.create_task(runner.start(on_started=started.set))
        await started.wait()
    url = f"http://{home}:{health_port}"
    assert await asyncio.to_thread(ask, "GET", f"{url}/health") == (200, {"message": "OK"})
    assert await asyncio.to_thread(ask, "GET", f"{url}/run_count") == (200, 0)
    assert (await asyncio.to_thread(ask, "GET", f"{url}/shutdown"))[0] == 405
    assert (await asyncio.to_thread(ask, "GET", f"{url}/other"))[0] == 404
    assert (await asyncio.to_thread(ask, "POST", f"{url}/shutdown"))[0] == 200
    await asyncio.wait_for(serving, 60)
