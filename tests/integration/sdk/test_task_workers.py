"""Background tasks: runs that are delayed here and executed by task workers in processes of their own."""

import asyncio
import signal
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from ostinato import flow, get_client, tags, task
from ostinato.events.worker import drain_all
from ostinato.exceptions import CancelledRun, CrashedRun, FailedRun, UpstreamTaskError
from ostinato.futures import OstinatoDistributedFuture, as_completed, wait
from ostinato.settings import temporary_settings
from ostinato.task_runners import OstinatoTaskRunner
from ostinato.task_worker import TaskWorker, serve
from ostinato_wire.filters import NullableId
from ostinato_wire.logs import LogFilter
from ostinato_wire.states import State, StateCreate, StateType
from tests.integration.sdk.conftest import SECONDS, until
from tests.integration.sdk.task_programs import TaskProject, load_tasks, names_of, task_project, used
from tests.support.ports import wait_until
from tests.support.server import Server
from tests.support.settings import clear_settings

# Any below: tasks of the program, whose types no type checker sees.


@pytest.fixture
def project(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TaskProject]:
    """The tasks, on the module's server."""
    clear_settings(monkeypatch, tmp_path)
    with task_project(tmp_path / "tasks", server.api_url) as made, used(made, monkeypatch):
        yield made
        drain_all(10)


@pytest.fixture
def tasks(project: TaskProject) -> Any:
    """The module of the tasks."""
    return load_tasks()


async def test_a_delayed_run_is_executed_elsewhere_and_its_result_comes_back(project: TaskProject, tasks: Any) -> None:
    future = tasks.add.delay(3, 4, 5, extra=6)
    assert future.state.name == "Scheduled"
    assert not future.done()
    project.start_worker()
    assert await future.result_async(timeout=SECONDS) == 7
    assert names_of(future.task_run_id) == ["Scheduled", "Pending", "Running", "Completed"]
    assert await tasks.add_async.delay(3).result_async(timeout=SECONDS) == 4


def test_failures_retries_and_tags_are_as_in_any_run(project: TaskProject, tasks: Any) -> None:
    project.start_worker()
    failed, flaky = tasks.fail.delay(), tasks.flaky.delay()
    with tags("nightly"):
        seen = tasks.seen.delay()
    with pytest.raises(ValueError, match="no"):
        failed.result(timeout=SECONDS)
    assert isinstance(failed.result(raise_on_failure=False), ValueError)
    assert flaky.result(timeout=SECONDS) == 3
    assert names_of(flaky.task_run_id)[2:] == ["Running", "Retrying", "Retrying", "Completed"]
    assert seen.result(timeout=SECONDS) == (["nightly"], 2)
    with get_client(sync_client=True) as client:
        assert client.read_task_run(seen.task_run_id).tags == ["nightly"]


def test_a_run_that_ends_its_process_ends_only_itself(project: TaskProject, tasks: Any) -> None:
    project.start_worker()
    with pytest.raises(CrashedRun, match="system exit"):
        tasks.leave.delay().result(timeout=SECONDS)
    assert tasks.add.delay(1).result(timeout=SECONDS) == 2


async def test_the_log_of_a_run_is_shipped(project: TaskProject, tasks: Any) -> None:
    project.start_worker()
    run_id = tasks.seen.delay().task_run_id

    async def is_shipped() -> bool:
        async with get_client() as client:
            found = await client.read_logs(LogFilter(task_run_id=NullableId(any_=[run_id])))
        return "look" in [line.message for line in found]

    await wait_until(is_shipped, seconds=SECONDS, what="a line of the run's log")


def test_runs_depend_on_runs(project: TaskProject, tasks: Any) -> None:
    one = tasks.add.delay(1)
    two = tasks.add.delay(one, b=one)
    last = tasks.add.apply_async((1,), {"b": 1}, wait_for=[two])
    unready = tasks.add.delay(tasks.fail.delay())
    project.start_worker("--limit", "1")  # runs that wait take no room, so they cannot hold up what they wait for
    assert (two.result(timeout=SECONDS), last.result(timeout=SECONDS)) == (4, 2)
    with pytest.raises(FailedRun, match="did not reach a 'COMPLETED' state"):
        unready.result(timeout=SECONDS)
    assert (unready.state.type, unready.state.name) == (StateType.FAILED, "NotReady")
    with get_client(sync_client=True) as client:
        inputs = client.read_task_run(two.task_run_id).task_inputs
    assert [edge.model_dump()["id"] for edge in inputs["a"]] == [one.task_run_id]


def test_a_flow_hands_its_tasks_to_workers(project: TaskProject, tasks: Any) -> None:
    project.start_worker()

    @task
    def here() -> int:
        return 10

    @flow(task_runner=OstinatoTaskRunner())
    def chain() -> tuple[list[int], int, UUID]:
        local = here()
        first = tasks.add.submit(local)
        mapped = tasks.add.map([1, 2, 3], b=first)
        return mapped.result(timeout=SECONDS), tasks.add.submit(first).result(timeout=SECONDS), first.task_run_id

    results, last, run_id = chain()
    assert (results, last) == ([12, 13, 14], 12)
    with get_client(sync_client=True) as client:
        run = client.read_task_run(run_id)
        assert run.flow_run_id is not None
        assert client.read_flow_run(run.flow_run_id).state_type is StateType.COMPLETED


def test_runs_of_this_process_are_waited_for_where_they_are(project: TaskProject, tasks: Any) -> None:
    project.start_worker()

    @task
    def here(fails: bool) -> int:
        if fails:
            raise ValueError("here")
        return 10

    @flow
    def outer() -> int:
        delayed = tasks.add.delay(here.submit(False), b=[5][0])
        with pytest.raises(UpstreamTaskError):
            tasks.add.delay(here.submit(True))
        return delayed.result(timeout=SECONDS)

    assert outer() == 15


def test_many_futures_are_waited_for_together(project: TaskProject, tasks: Any) -> None:
    project.start_worker()
    futures = tasks.add.map(range(20), b=1, deferred=True)
    assert futures.result(timeout=SECONDS) == list(range(1, 21))
    assert {future.result() for future in as_completed(futures, timeout=SECONDS)} == set(range(1, 21))
    assert not wait(futures, timeout=SECONDS).not_done
    again = OstinatoDistributedFuture[int](futures[3].task_run_id)
    assert again == futures[3]
    assert again.result(timeout=SECONDS) == 4


def test_a_wait_may_run_out_of_time_and_a_run_may_be_unknown(project: TaskProject, tasks: Any) -> None:
    future = tasks.add.delay(1)
    with pytest.raises(TimeoutError, match=str(future.task_run_id)):
        future.result(timeout=0.1)
    assert OstinatoDistributedFuture[int](UUID(int=7)).state.type is StateType.PENDING


def test_parameters_that_the_worker_cannot_reach_are_a_crash_that_says_what_to_do(
    project: TaskProject, tasks: Any
) -> None:
    with temporary_settings({"results.local_storage_path": str(project.folder / "elsewhere")}):
        future = tasks.add.delay(1)
    project.start_worker()
    with pytest.raises(CrashedRun, match="OSTINATO_TASKS_SCHEDULING_DEFAULT_STORAGE_BLOCK"):
        future.result(timeout=SECONDS)


async def test_a_worker_in_this_process_finishes_what_it_has_begun(project: TaskProject, tasks: Any) -> None:
    worker = TaskWorker(tasks.hold, tasks.add, limit=1)
    working = asyncio.create_task(worker.astart())
    future, waits = tasks.hold.delay("here"), tasks.hold.delay("later")
    await until(lambda: project.notes(), "the task begins")
    shown = worker.status()
    assert (shown["limit"], shown["current"], shown["available"], shown["in_flight"]) == (
        1, 1, 0, [str(future.task_run_id)],
    )  # fmt: skip
    worker.stop()
    project.go("here")
    await working
    assert await future.result_async(timeout=SECONDS) == "here"
    assert names_of(waits.task_run_id) == ["Scheduled"]
    with pytest.raises(RuntimeError, match="started before"):
        await worker.astart()


def test_what_cannot_be_served_is_refused(project: TaskProject, tasks: Any) -> None:
    with pytest.raises(ValueError, match="at least one task"):
        serve()
    with pytest.raises(ValueError, match="at least 1"):
        TaskWorker(tasks.add, limit=0)
    with temporary_settings({"api.url": None}), pytest.raises(ValueError, match="OSTINATO_API_URL"):
        TaskWorker(tasks.add)
    with pytest.raises(RuntimeError, match="aserve"):
        asyncio.run(_serve_within_a_loop(tasks))


async def _serve_within_a_loop(tasks: Any) -> None:
    serve(tasks.add)


async def test_the_status_is_served(project: TaskProject) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    worker = project.start_worker("--status-server-port", str(port), "--limit", "3")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/status", timeout=SECONDS) as answer:  # noqa: ASYNC210 - nothing else runs here
        shown = orjson.loads(answer.read())
    assert {"client_id", "started_at", "tasks", "finished", "in_flight"} < shown.keys()
    assert (shown["stopping"], shown["limit"], shown["available"]) == (False, 3, 3)
    worker.terminate()
    assert worker.wait(SECONDS) == 0


async def test_a_worker_that_is_told_to_end_finishes_its_runs_and_takes_no_more(
    project: TaskProject, tasks: Any
) -> None:
    worker = project.start_worker("--limit", "1")
    first = tasks.hold.delay("first")
    await until(lambda: project.notes(), "the task begins")
    second = tasks.add.delay(1)
    worker.terminate()
    assert worker.stdout is not None
    assert "Finishing 1 run(s)" in worker.stdout.readline()
    project.go("first")
    assert worker.wait(SECONDS) == 0
    assert await first.result_async(timeout=SECONDS) == "first"
    assert names_of(second.task_run_id) == ["Scheduled"]
    project.start_worker()
    assert await second.result_async(timeout=SECONDS) == 2


async def test_a_worker_that_is_told_twice_gives_its_runs_back(project: TaskProject, tasks: Any) -> None:
    worker = project.start_worker()
    future = tasks.hold.delay("late")
    await until(lambda: project.notes(), "the task begins")
    worker.terminate()
    assert worker.stdout is not None
    assert "Finishing" in worker.stdout.readline()
    worker.send_signal(signal.SIGINT)
    assert worker.wait(SECONDS) == 1
    project.go("late")
    project.start_worker()
    assert await future.result_async(timeout=SECONDS) == "late"
    assert names_of(future.task_run_id) == [
        "Scheduled", "Pending", "Running", "AwaitingRetry", "Pending", "Running", "Completed",
    ]  # fmt: skip
    assert [line.split()[0] for line in project.notes()] == ["begin", "begin", "end"]


async def cancel(run_id: UUID) -> State | None:
    """Cancel a run as users do, and return the state that it is in then."""
    async with get_client() as client:
        return (await client.set_task_run_state(run_id, StateCreate(type=StateType.CANCELLING))).state


@pytest.mark.parametrize("name", ["hold", "hold_async", "wait_for_retry"])
async def test_a_run_that_goes_on_is_cancelled(project: TaskProject, tasks: Any, name: str) -> None:
    project.start_worker("--limit", "1")  # that there is no room for more keeps nothing from being cancelled
    future = getattr(tasks, name).delay(name)
    waits = tasks.add.delay(1)
    await until(lambda: project.notes(), "the task begins")
    if name == "wait_for_retry":
        await until(lambda: names_of(future.task_run_id)[-1] == "AwaitingRetry", "it waits for its retry")
    state = await cancel(future.task_run_id)
    assert state is not None
    assert state.type is StateType.CANCELLING
    with pytest.raises(CancelledRun):
        await future.result_async(timeout=SECONDS)
    assert names_of(future.task_run_id)[-2:] == ["Cancelling", "Cancelled"]
    assert await waits.result_async(timeout=SECONDS) == 2


async def test_runs_that_wait_are_cancelled(project: TaskProject, tasks: Any) -> None:
    project.start_worker()
    first = tasks.hold.delay("first")
    depending = tasks.add.apply_async((1,), wait_for=[first])
    await until(lambda: names_of(depending.task_run_id)[-1] == "Pending", "a worker has it")
    await cancel(depending.task_run_id)
    with pytest.raises(CancelledRun):
        await depending.result_async(timeout=SECONDS)
    project.go("first")
    assert await first.result_async(timeout=SECONDS) == "first"


async def test_a_run_that_nobody_has_taken_is_cancelled_at_once(project: TaskProject, tasks: Any) -> None:
    future = tasks.mark.delay(1)
    state = await cancel(future.task_run_id)
    assert state is not None
    assert state.type is StateType.CANCELLED
    project.start_worker()
    assert await tasks.mark.delay(2).result_async(timeout=SECONDS) == 2
    assert project.notes() == ["2"]
