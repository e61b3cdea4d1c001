"""Workers: they make their pool, take its due runs, start them as the pool and the deployment say, and cancel them."""

import asyncio
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from ostinato import get_client
from ostinato.deployments import arun_deployment
from ostinato.flows import Flow
from ostinato.workers import BaseWorker, BaseWorkerResult
from ostinato.workers.base import BaseJobConfiguration
from ostinato.workers.process import ProcessWorker
from ostinato_wire.filters import AnyId
from ostinato_wire.flow_runs import FlowRun
from ostinato_wire.logs import LogFilter
from ostinato_wire.states import StateCreate, StateType
from ostinato_wire.work_pools import WorkPoolCreate, WorkPoolUpdate
from tests.integration.sdk.conftest import Project, until, until_final, until_in
from tests.support.ports import free_port


@pytest.fixture
def health_port() -> int:
    return free_port()


@pytest.fixture
def pool() -> str:
    return f"pool-{uuid4().hex[:8]}"


async def new_run(entrypoint: str, pool: str, parameters: dict[str, Any] | None = None, **options: Any) -> UUID:
    """Deploy a flow to a pool and make a run of it."""
    loaded = await Flow.afrom_source(".", entrypoint)
    made = await loaded.adeploy(f"d-{uuid4().hex[:8]}", pool, **options)
    run: FlowRun = await arun_deployment(made, parameters or {}, timeout=0)
    return run.id


async def work_once(worker: BaseWorker[Any]) -> None:
    async with worker:
        await worker.start(run_once=True)


async def make_pool(name: str) -> None:
    async with ProcessWorker(name) as worker:
        await worker.sync_with_backend()


async def test_a_worker_makes_its_pool_and_is_seen(project: Project, pool: str) -> None:
    await work_once(ProcessWorker(pool, name="first"))
    async with get_client() as client:
        made = await client.read_work_pool(pool)
        (worker,) = await client.read_workers_for_work_pool(pool)
    assert (made.type, worker.name, worker.status) == ("process", "first", "ONLINE")
    assert made.base_job_template["job_configuration"]["working_dir"] == "{{ working_dir }}"


async def test_a_run_is_started_as_its_deployment_says(project: Project, pool: str, tmp_path: Path) -> None:
    await make_pool(pool)
    (project.folder / "env.py").write_text(
        "import os\nfrom ostinato import flow\n@flow\ndef show():\n    print(os.environ['COLOUR'])\n"
    )
    options = {"job_variables": {"env": {"COLOUR": "red", "OSTINATO_LOGGING_LOG_PRINTS": "true"}}}
    run_id = await new_run("env.py:show", pool, **options)
    await work_once(ProcessWorker(pool, name="w"))
    assert (await until_final(run_id)).type is StateType.COMPLETED
    async with get_client() as client:
        run = await client.read_flow_run(run_id)
        states = [state.name for state in await client.read_flow_run_states(run_id)]
        lines = [line.message for line in await client.read_logs(LogFilter(flow_run_id=AnyId(any_=[run_id])))]
    assert "red" in lines
    assert states == ["Scheduled", "Pending", "Submitting", "Running", "Completed"]
    assert int(run.infrastructure_pid or 0) > 1
    assert run.labels["prefect.worker.name"] == "w"


async def test_a_process_that_dies_is_a_crash_with_its_status(project: Project, pool: str) -> None:
    await make_pool(pool)
    run_id = await new_run("flows.py:die", pool)
    await work_once(ProcessWorker(pool))
    state = await until_final(run_id)
    assert state.type is StateType.CRASHED
    assert (state.message or "").startswith("Flow run infrastructure exited with non-zero status code 3.")


async def test_a_command_that_is_not_there_is_a_crash_that_names_it(project: Project, pool: str) -> None:
    await make_pool(pool)
    run_id = await new_run("flows.py:add", pool, {"a": 1}, job_variables={"command": "no-such-command --really"})
    await work_once(ProcessWorker(pool))
    state = await until_final(run_id)
    assert (state.message or "").startswith("Failed to submit flow run to infrastructure: FileNotFoundError:")
    assert "no-such-command" in (state.message or "")


async def test_a_worker_cancels_the_runs_that_it_started(project: Project, pool: str) -> None:
    await make_pool(pool)
    run_id = await new_run("flows.py:outer", pool)
    async with ProcessWorker(pool) as worker:
        working = asyncio.create_task(worker.start())
        await until(project.notes.exists, "the sub-flow begins")
        async with get_client() as client:
            await client.set_flow_run_state(run_id, StateCreate(type=StateType.CANCELLING))
        await until_in(run_id, StateType.CANCELLED)
        worker.stop()
        await working
    assert "outer Cancelling" in project.notes.read_text()


async def test_a_run_goes_down_with_its_worker_and_says_so(project: Project, pool: str) -> None:
    await make_pool(pool)
    run_id = await new_run("flows.py:outer", pool)
    async with ProcessWorker(pool) as worker:
        working = asyncio.create_task(worker.start())
        await until(project.notes.exists, "the sub-flow begins")
        worker.stop()
        await working
    state = await until_final(run_id)
    assert (state.type, state.message) == (StateType.CRASHED, "Execution was aborted by a termination signal.")


async def test_a_worker_takes_no_more_than_its_limit(project: Project, pool: str) -> None:
    await make_pool(pool)
    ids = [await new_run("flows.py:add", pool, {"a": 1}) for _ in range(2)]
    await work_once(ProcessWorker(pool, limit=1))
    async with get_client() as client:
        states = {(await client.read_flow_run(run_id)).state_type for run_id in ids}
    assert states == {StateType.COMPLETED, StateType.SCHEDULED}


async def test_news_of_the_pool_come_by_the_channel(project: Project, pool: str) -> None:
    async with ProcessWorker(pool, name="listener", heartbeat_interval_seconds=1) as worker:
        working = asyncio.create_task(worker.start())
        await until(lambda: worker.is_connected, "the channel is open")
        async with get_client() as client:
            (before,) = await client.read_workers_for_work_pool(pool)
            await client.update_work_pool(pool, WorkPoolUpdate(description="changed"))
            await until(lambda: worker.work_pool and worker.work_pool.description == "changed", "the news come")
            deadline = asyncio.get_running_loop().time() + 30
            while (await client.read_workers_for_work_pool(pool))[0].last_heartbeat_time == before.last_heartbeat_time:
                assert asyncio.get_running_loop().time() < deadline, "no sign of life came by the channel"
                await asyncio.sleep(0.1)
        worker.stop()
        await working


class CountingWorker(BaseWorker[BaseJobConfiguration]):
    """A custom worker, which starts nothing."""

    type = "counting"

    async def run(self, flow_run: FlowRun, configuration: BaseJobConfiguration, task_status: Any) -> BaseWorkerResult:
        task_status.started(f"number-{configuration.env['NUMBER']}")
        return BaseWorkerResult(status_code=137, identifier="number")


async def test_a_custom_worker_implements_run_alone(project: Project, pool: str) -> None:
    template = CountingWorker.default_base_job_template()
    template["variables"]["properties"]["image"] = {"type": "string"}
    async with get_client() as client:
        await client.create_work_pool(WorkPoolCreate(name=pool, type="counting", base_job_template=template))
    run_id = await new_run(
        "flows.py:add", pool, {"a": 1}, image="x", build=False, job_variables={"env": {"NUMBER": "7"}}
    )
    await work_once(CountingWorker(pool))
    state = await until_final(run_id)
    assert state.type is StateType.CRASHED
    assert "non-zero status code 137. The process was killed" in (state.message or "")


def test_the_command_works_until_it_is_told_to_end(
    project: Project, pool: str, health_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTINATO_WORKER_WEBSERVER_PORT", str(health_port))
    process = project.start("worker", "start", "-p", pool, "-t", "process", "-n", "by-command", "--with-healthcheck")
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "Worker 'by-command' started!" in line:
                break
        with urllib.request.urlopen(f"http://127.0.0.1:{health_port}/health", timeout=5) as answer:
            assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{health_port}/other", timeout=5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert "Worker 'by-command' stopped!" in process.stdout.read()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
