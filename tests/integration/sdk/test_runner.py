"""Served deployments: each due run is a process of its own."""

import asyncio
import signal
import subprocess
from pathlib import Path
from uuid import UUID

import pytest

from ostinato import flow, get_client
from ostinato.deployments import RunnerDeployment, arun_deployment
from ostinato.flows import Flow
from ostinato.journal.leftovers import journal_files
from ostinato.runner import Runner
from ostinato.runner.storage import GitRepository
from ostinato.settings import get_current_settings, temporary_settings
from ostinato_wire.filters import AnyId, AnyOrNotId
from ostinato_wire.flow_runs import FlowRun, FlowRunFilter
from ostinato_wire.logs import LogFilter
from ostinato_wire.states import StateCreate, StateType
from tests.integration.sdk.conftest import Project, runs_of, until, until_final, until_in
from tests.support.git import alone_with_git, new_repository
from tests.support.server import Server


async def new_run(deployment_id: UUID, **parameters: object) -> UUID:
    run: FlowRun = await arun_deployment(deployment_id, parameters, timeout=0)
    return run.id


async def serve_once(deployment: RunnerDeployment, *runs: dict[str, object]) -> list[UUID]:
    """Make runs of a deployment, run those that are due, and return their ids when they have ended."""
    runner = Runner(pause_on_shutdown=False)
    deployment_id = await runner.aadd_deployment(deployment)
    ids = [await new_run(deployment_id, **parameters) for parameters in runs]
    await runner.start(run_once=True)
    return ids


async def test_a_due_run_is_run_with_its_parameters(project: Project) -> None:
    (run_id,) = await serve_once((await Flow.afrom_source(".", "flows.py:add")).to_deployment("served"), {"a": 4})
    assert (await until_final(run_id)).type is StateType.COMPLETED
    async with get_client() as client:
        run = await client.read_flow_run(run_id)
        names = [state.name for state in await client.read_flow_run_states(run_id)]
        lines = [line.message for line in await client.read_logs(LogFilter(flow_run_id=AnyId(any_=[run_id])))]
    assert run.flow_version is not None
    assert names == ["Scheduled", "Pending", "Submitting", "Running", "Completed"]
    assert f"sum 5 in {project.folder.resolve()}" in lines


async def test_several_deployments_are_served_by_one_process(project: Project) -> None:
    runner, runs = Runner(pause_on_shutdown=False), list[UUID]()
    for name in ("add", "fail"):
        deployment = (await Flow.afrom_source(".", f"flows.py:{name}")).to_deployment("served")
        made = await runner.aadd_deployment(deployment)
        runs.append(await new_run(made, **({"a": 1} if name == "add" else {})))
    await runner.start(run_once=True)
    assert [(await until_final(run_id)).type for run_id in runs] == [StateType.COMPLETED, StateType.FAILED]


async def test_a_flow_that_fails_and_parameters_that_do_not_fit_are_failures_not_crashes(project: Project) -> None:
    (failed,) = await serve_once((await Flow.afrom_source(".", "flows.py:fail")).to_deployment("served"), {})
    loaded = await Flow.afrom_source(".", "flows.py:add")
    (unfit,) = await serve_once(loaded.to_deployment("lax", enforce_parameter_schema=False), {"a": "text"})
    assert (await until_final(failed)).message == "Flow run encountered an exception: ValueError: no"
    state = await until_final(unfit)
    assert state.type is StateType.FAILED
    assert "ParameterTypeError" in (state.message or "")


async def test_a_process_that_dies_without_a_word_is_a_crash_with_its_status(project: Project) -> None:
    (run_id,) = await serve_once((await Flow.afrom_source(".", "flows.py:die")).to_deployment("served"), {})
    state = await until_final(run_id)
    assert (state.type, state.message) == (StateType.CRASHED, "Process exited with status code: 3.")
    assert project.notes.read_text() == "die Crashed\n"


async def test_what_a_killed_process_had_done_is_told_by_its_runner(project: Project) -> None:
    (run_id,) = await serve_once((await Flow.afrom_source(".", "flows.py:die_at_work")).to_deployment("served"), {})
    state = await until_final(run_id)
    assert state.type is StateType.CRASHED
    assert "SIGKILL" in (state.message or ""), "the runner knows why"
    await until(lambda: not journal_files(get_current_settings()), "nothing of the process is left in a journal")
    async with get_client() as client:
        of_run = FlowRunFilter(id=AnyOrNotId(any_=[run_id]))
        ended = [run.state_type for run in await client.read_task_runs(flow_run_filter=of_run)]
        lines = [line.message for line in await client.read_logs(LogFilter(flow_run_id=AnyId(any_=[run_id])))]
    assert ended == [StateType.COMPLETED] * 5
    assert [line for line in lines if line.startswith("part")] == [f"part {number}" for number in range(5)]


async def test_an_end_that_a_killed_process_had_noted_is_no_crash(project: Project) -> None:
    deployment = (await Flow.afrom_source(".", "flows.py:die_at_the_end")).to_deployment("served")
    (run_id,) = await serve_once(deployment, {})
    assert (await until_final(run_id)).type is StateType.COMPLETED
    await until(lambda: not journal_files(get_current_settings()), "nothing of the process is left in a journal")
    async with get_client() as client:
        names = [state.name for state in await client.read_flow_run_states(run_id)]
    assert "Crashed" not in names
    assert not project.notes.exists(), "no hook is called of a crash that was none"


async def test_a_flow_that_cannot_be_loaded_is_a_crash_that_says_why(project: Project) -> None:
    deployment = (await Flow.afrom_source(".", "flows.py:add")).to_deployment("gone")
    deployment.entrypoint = "flows.py:gone"
    (run_id,) = await serve_once(deployment, {"a": 1})
    state = await until_final(run_id)
    assert state.type is StateType.CRASHED
    assert "MissingFlowError: There is no flow 'gone'" in (state.message or "")


async def test_a_flow_made_in_a_function_is_handed_over(project: Project) -> None:
    amount = 3

    @flow
    def local(a: int):
        return a + amount

    (run_id,) = await serve_once(local.to_deployment("served"), {"a": 4})
    assert (await until_final(run_id)).type is StateType.COMPLETED


async def test_a_cancelled_run_ends_with_its_sub_flows_and_its_hook_is_called(project: Project) -> None:
    runner = Runner(pause_on_shutdown=True)
    deployment_id = await runner.aadd_deployment(
        (await Flow.afrom_source(".", "flows.py:outer")).to_deployment("served")
    )
    run_id = await new_run(deployment_id)
    serving = asyncio.create_task(runner.start())
    await until(project.notes.exists, "the sub-flow begins")
    async with get_client() as client:
        await client.set_flow_run_state(run_id, StateCreate(type=StateType.CANCELLING))
    state = await until_in(run_id, StateType.CANCELLED)
    assert state.message == "Flow run was cancelled successfully."
    async with get_client() as client:
        from ostinato_wire.flow_runs import FlowRunFilter, FlowRunFilterParent

        below = FlowRunFilter(parent_flow_run_id=FlowRunFilterParent(any_=[run_id]))
        (inner,) = await client.read_flow_runs(flow_run_filter=below)
    assert inner.state_type is StateType.CANCELLED
    assert project.notes.read_text().splitlines() == ["inner began", "outer Cancelling"]
    runner.stop()
    await serving
    async with get_client() as client:
        assert (await client.read_deployment(deployment_id)).paused


async def test_stopping_the_runner_cancels_what_runs(project: Project) -> None:
    runner = Runner(pause_on_shutdown=False)
    run_id = await new_run(
        await runner.aadd_deployment((await Flow.afrom_source(".", "flows.py:outer")).to_deployment("stopped"))
    )
    serving = asyncio.create_task(runner.start())
    await until(project.notes.exists, "the sub-flow begins")
    runner.stop()
    await serving
    assert (await until_final(run_id)).message == "Runner is shutting down."


async def test_no_more_runs_than_the_limit_run_at_once(project: Project) -> None:
    runner = Runner(pause_on_shutdown=False, limit=1)
    deployment_id = await runner.aadd_deployment(
        (await Flow.afrom_source(".", "flows.py:add")).to_deployment("limited")
    )
    for number in range(2):
        await new_run(deployment_id, a=number)
    await runner.start(run_once=True)
    assert sorted(str(run.state_name) for run in await runs_of(deployment_id)) in (
        ["Completed", "Late"],
        ["Completed", "Scheduled"],
    )


async def test_a_server_that_is_away_for_a_while_costs_nothing(project: Project, server: Server) -> None:
    runner = Runner(pause_on_shutdown=False)
    deployment_id = await runner.aadd_deployment(
        (await Flow.afrom_source(".", "flows.py:wait")).to_deployment("patient")
    )
    first = await new_run(deployment_id)
    serving = asyncio.create_task(runner.start())
    await until(project.notes.exists, "the flow begins")
    await asyncio.to_thread(server.kill)
    (project.folder / "go").touch()
    await asyncio.to_thread(server.start)
    second = await new_run(deployment_id)
    assert [(await until_final(run_id)).type for run_id in (first, second)] == [StateType.COMPLETED] * 2
    runner.stop()
    await serving


async def test_runs_crash_while_nobody_can_be_asked_for_cancellations_where_that_is_wanted(
    project: Project, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    with temporary_settings({"runner.crash_on_cancellation_failure": True, "client.max_retries": 0}):
        runner = Runner(pause_on_shutdown=False)
        deployment = (await Flow.afrom_source(".", "flows.py:wait")).to_deployment("strict")
        run_id = await new_run(await runner.aadd_deployment(deployment))
        serving = asyncio.create_task(runner.start(run_once=True))
        await until(project.notes.exists, "the flow begins")
        await asyncio.to_thread(server.kill)
        await until(lambda: "all of them are ended" in capsys.readouterr().err, "the runner ends it")
        await asyncio.to_thread(server.start)
        await serving
    assert (await until_final(run_id)).type is StateType.CRASHED


def test_the_command_serves_until_it_is_told_to_end(project: Project) -> None:
    process = project.start("flow", "serve", "flows.py:add", "-n", "by-command", "--cron", "0 0 1 1 *")
    assert process.stdout is not None
    for line in process.stdout:
        if "ostinato deployment run" in line:
            break
    process.send_signal(signal.SIGINT)
    try:
        assert process.wait(30) == 0
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    finally:
        process.stdout.close()
    with get_client(sync_client=True) as client:
        assert client.read_deployment_by_name("add/by-command").paused


async def test_one_run_is_executed_by_its_id(project: Project) -> None:
    run_id = await new_run(await (await Flow.afrom_source(".", "flows.py:add")).to_deployment("executed").aapply(), a=1)
    assert await Runner().execute_flow_run(run_id) == 0
    assert (await until_final(run_id)).type is StateType.COMPLETED


async def test_served_code_is_brought_up_to_date(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone_with_git(monkeypatch)
    repository = new_repository(tmp_path / "served")
    code = "from ostinato import flow\n\n@flow(log_prints=True)\ndef tell():\n    print('{}')\n"
    repository.commit(tell_py=code.format("first"))
    source = GitRepository(repository.url, pull_interval=0)
    loaded = await Flow.afrom_source(source, "tell.py:tell")
    repository.commit(tell_py=code.format("second"))
    (run_id,) = await serve_once(loaded.to_deployment("served"), {})
    async with get_client() as client:
        lines = [line.message for line in await client.read_logs(LogFilter(flow_run_id=AnyId(any_=[run_id])))]
    assert "second" in lines
    assert not any("git_clone" in line for line in lines)
