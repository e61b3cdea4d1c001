"""Results across processes, on real servers: who waits elsewhere gets the value, who runs again finds what is done."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ostinato import flow, get_client, task
from ostinato.cache_policies import INPUTS
from ostinato.client.runs import TaskRun
from ostinato.deployments import arun_deployment
from ostinato.events.worker import drain_all
from ostinato.filesystems import LocalFileSystem
from ostinato.flows import Flow
from ostinato.logging.shipping import drain_all as drain_logs
from ostinato.runner import Runner
from ostinato.settings import temporary_settings
from ostinato.transactions import atransaction, transaction
from ostinato_wire.states import StateCreate, StateType
from ostinato_wire.task_runs import TaskRunFilter, TaskRunFilterFlowRunId
from tests.integration.sdk.conftest import SECONDS, Project, until_final

PROGRAM = """
import os
from ostinato import flow, task

@task
def step(n):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(f"{n}\\n")
    if n == 7 and not os.path.exists("mended"):
        raise ValueError("seven is broken")
    return n

@flow(persist_result=True)
def ten():
    return sum(step(n) for n in range(1, 11))

@flow
def fail():
    raise ValueError("no")

if __name__ == "__main__":
    state = ten(return_state=True)
    print(state.state_details.flow_run_id)
"""


@pytest.fixture
def stored(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of results, for this process and its children."""
    folder = project.folder / "results"
    monkeypatch.setenv("OSTINATO_RESULTS_LOCAL_STORAGE_PATH", str(folder))
    (project.folder / "results_flows.py").write_text(PROGRAM)
    with temporary_settings({"results.local_storage_path": folder}):
        yield folder
    drain_logs(10)  # while the server is there


async def task_runs_of(flow_run_id: UUID, count: int) -> list[TaskRun]:
    """Return the runs of a flow run once the server knows so many, all final."""
    wanted = TaskRunFilter(flow_run_id=TaskRunFilterFlowRunId(any_=[flow_run_id]))
    deadline = time.monotonic() + SECONDS
    async with get_client() as client:
        while True:
            runs = await client.read_task_runs(task_run_filter=wanted)
            if len(runs) == count and all(run.state is not None and run.state.is_final() for run in runs):
                return runs
            assert time.monotonic() < deadline, f"the server knows {len(runs)} of {count} runs"
            await asyncio.sleep(0.1)


async def test_the_state_of_a_run_of_another_process_gives_its_result(project: Project, stored: Path) -> None:
    (project.folder / "mended").touch()
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "results_flows.py"],
        cwd=project.folder, env=dict(os.environ), capture_output=True, text=True, check=True, timeout=SECONDS,
    )  # fmt: skip
    run_id = UUID(done.stdout.split()[-1])
    async with get_client() as client:
        run = await client.read_flow_run(run_id)
        states = await client.read_flow_run_states(run_id)
    assert run.state is not None
    assert (run.state.result(), await run.state.aresult(), states[-1].result()) == (55, 55, 55)
    steps = await task_runs_of(run_id, 10)
    assert sorted(step.state.result() for step in steps if step.state is not None) == list(range(1, 11))


async def test_a_run_that_is_made_again_does_only_what_is_missing(project: Project, stored: Path) -> None:
    runner = Runner(pause_on_shutdown=False)
    deployment_id = await runner.aadd_deployment(
        (await Flow.afrom_source(".", "results_flows.py:ten")).to_deployment("ten")
    )
    run = await arun_deployment(deployment_id, timeout=0)
    await runner.start(run_once=True)
    assert (await until_final(run.id)).type is StateType.FAILED
    assert project.notes.read_text().split() == [str(n) for n in range(1, 8)]
    project.notes.unlink()
    (project.folder / "mended").touch()
    again = StateCreate(type=StateType.SCHEDULED, name="AwaitingRetry")
    async with get_client() as client:
        await client.set_flow_run_state(run.id, again, force=True)
    await runner.start(run_once=True)
    state = await until_final(run.id)
    assert state.type is StateType.COMPLETED
    assert project.notes.read_text().split() == ["7", "8", "9", "10"]
    async with get_client() as client:
        done = await client.read_flow_run(run.id)
    assert done.state is not None
    assert done.state.result() == 55


async def test_who_waits_for_a_deployment_gets_its_exception(project: Project, stored: Path) -> None:
    runner = Runner(pause_on_shutdown=False)
    deployment_id = await runner.aadd_deployment(
        (await Flow.afrom_source(".", "results_flows.py:fail")).to_deployment("fail")
    )
    run: Any = await arun_deployment(deployment_id, timeout=0)
    await runner.start(run_once=True)
    await until_final(run.id)
    async with get_client() as client:
        run = await client.read_flow_run(run.id)
    with pytest.raises(ValueError, match="no"):
        run.state.result()


def test_runs_and_their_states_on_the_server(project: Project, stored: Path) -> None:
    @task(cache_policy=INPUTS)
    def double(x: int) -> int:
        return 2 * x

    @task
    def write(x: int) -> int:
        return x

    @flow
    def both() -> int:
        with pytest.raises(KeyError), transaction():  # noqa: PT012 - the block is what is tested
            write(double(4))
            raise KeyError("no")
        return double(5) + double(5)

    state = both(return_state=True)
    drain_all(10)
    assert state.result() == 20
    assert state.state_details.flow_run_id is not None
    runs = asyncio.run(task_runs_of(state.state_details.flow_run_id, 4))
    told = sorted((run.name.split("-")[0], run.state_name) for run in runs)
    assert told == [("double", "Cached"), ("double", "Completed"), ("double", "RolledBack"), ("write", "RolledBack")]
    assert not [run for run in runs if run.state is not None and run.state.name == "RolledBack" and run.state.data]


async def test_async_flows_store_and_find(project: Project, stored: Path) -> None:
    calls: list[int] = []

    @task(cache_policy=INPUTS)
    async def double(x: int) -> int:
        calls.append(x)
        return 2 * x

    @flow(persist_result=True)
    async def both() -> int:
        async with atransaction():
            await double(5)
        return await double(5)

    state = await both(return_state=True)
    assert (await state.aresult(), calls) == (10, [5])
    assert len(os.listdir(stored)) == 2  # noqa: PTH208 - pathlib's own are not for async code


def test_a_block_keeps_results(project: Project, stored: Path) -> None:
    kept = project.folder / "kept"
    block = LocalFileSystem(basepath=str(kept))
    with pytest.raises(TypeError, match="has not been saved"):
        flow(result_storage=block)(lambda: 1)
    block_id = block.save("results-of-tests", overwrite=True)

    @flow(result_storage="local-file-system/results-of-tests")
    def by_name() -> int:
        return 7

    for made in (by_name, by_name.with_options(result_storage=block)):
        state = made(return_state=True)
        assert state.state_details.flow_run_id is not None
        with get_client(sync_client=True) as client:
            told = client.read_flow_run(state.state_details.flow_run_id).state
        assert told is not None
        assert (told.data["storage_block_id"], told.result()) == (str(block_id), 7)
    assert len(list(kept.iterdir())) == 2
    with get_client(sync_client=True) as client:
        client.update_server_default_result_storage(UUID(str(block_id)))
        try:
            state = flow(lambda: 8, name="by-default")(return_state=True)
        finally:
            client.clear_server_default_result_storage()
    assert state.result() == 8
    assert len(list(kept.iterdir())) == 3
