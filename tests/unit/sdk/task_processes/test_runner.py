"""`ProcessPoolTaskRunner`: what it sends to its processes, and what happens when they, or the flow, come to an end."""

from __future__ import annotations

import importlib
import importlib.util
import os
import pickle
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from ostinato import allow_failure, flow, task
from ostinato.context import FlowRunContext
from ostinato.events import emit_event
from ostinato.exceptions import CrashedRun, SerializationError
from ostinato.futures import OstinatoFuture
from ostinato.runtime import flow_run
from ostinato.settings import temporary_settings
from ostinato.states import State
from ostinato.task_runners import ProcessPoolTaskRunner
from tests.support.engine import FakeServer

pytestmark = pytest.mark.timeout(120)

initialized: list[str] = []


def prepare(word: str) -> None:
    """Note that the process was prepared; as the initializer of a pool."""
    initialized.append(word)


def refuse() -> None:
    raise RuntimeError("no licence")


class Picky(Exception):
    """Has a pickle that cannot be read: its constructor wants two arguments."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")


@task
def pid() -> int:
    return os.getpid()


@task
def words() -> list[str]:
    return initialized


@task
def add(a: Any, b: Any = 0) -> Any:
    return a + b


@task
def kill_oneself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@task
def wait_for_file(path: Path, started: Path) -> None:
    started.touch()
    while not path.exists():
        time.sleep(0.01)


def names(server: FakeServer, task_run_id: object) -> list[str]:
    return server.task_states()[f"prefect.task-run.{task_run_id}"]


def runner_here() -> ProcessPoolTaskRunner:
    context = FlowRunContext.get()
    assert context is not None
    assert isinstance(context.task_runner, ProcessPoolTaskRunner)
    return context.task_runner


@pytest.mark.usefixtures("server")
def test_runs_share_few_processes_which_end_with_the_flow() -> None:
    @flow(task_runner=ProcessPoolTaskRunner(max_workers=2))
    def spread() -> set[int]:
        found = {future.result() for future in [pid.submit() for _ in range(8)]}
        assert found <= set(runner_here().process_ids)
        return found

    pids = spread()
    assert os.getpid() not in pids
    assert 1 <= len(pids) <= 2
    for one in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(one, 0)


@pytest.mark.usefixtures("server")
def test_the_number_of_processes_is_a_setting() -> None:
    @flow(task_runner=ProcessPoolTaskRunner)
    def spread() -> int:
        return len({future.result() for future in [pid.submit() for _ in range(6)]})

    with temporary_settings({"tasks.runner.process_pool_max_workers": 1}):
        assert spread() == 1
    with pytest.raises(ValueError, match="at least 1"):
        ProcessPoolTaskRunner(0)


def test_states_are_told_in_order(server: FakeServer) -> None:
    @flow(task_runner=ProcessPoolTaskRunner(1))
    def one() -> int:
        return add.submit(1, 2).result()

    assert one() == 3
    assert server.only_task_states() == ["Pending", "Running", "Completed"]


@pytest.mark.usefixtures("server")
def test_an_initializer_is_called_once_a_process() -> None:
    @flow(task_runner=ProcessPoolTaskRunner(1, initializer=prepare, initargs=("ready",)))
    def twice() -> list[list[str]]:
        return [words.submit().result(), words.submit().result()]

    assert twice() == [["ready"], ["ready"]]
    assert initialized == []


@pytest.mark.usefixtures("server")
def test_a_failing_initializer_is_named() -> None:
    @flow(task_runner=ProcessPoolTaskRunner(1, initializer=refuse))
    def useless() -> State:
        return add.submit(1, return_state=True)

    state = useless(return_state=True)
    assert state.is_failed()
    with pytest.raises(CrashedRun, match=r"initializer.*no licence"):
        useless()


def test_a_process_that_is_killed_takes_one_run_with_it(server: FakeServer) -> None:
    context: dict[str, Any] = {}

    @flow(task_runner=ProcessPoolTaskRunner(1))
    def watch() -> None:
        first = pid.submit().result()
        killed = kill_oneself.submit()
        killed.wait()
        context.update(state=killed.state, id=killed.task_run_id, pids={first, pid.submit().result()})

    watch()
    assert len(context["pids"]) == 2
    assert context["state"].is_crashed()
    assert "SIGKILL" in context["state"].message
    assert "memory" in context["state"].message
    assert names(server, context["id"]) == ["Pending", "Running", "Crashed"]
    (crashed,) = [event for event in server.task_events if event["event"].endswith(".Crashed")]
    assert crashed["resource"]["prefect.run-count"] == "1"
    assert crashed["payload"]["task_run"]["start_time"] is not None


@pytest.mark.usefixtures("server")
def test_arguments_without_a_pickle_are_named() -> None:
    @flow(task_runner=ProcessPoolTaskRunner(1))
    def send() -> None:
        add.submit(1, b=threading.Lock())

    with pytest.raises(SerializationError, match=r"task 'add' .*parameter 'b' of type 'lock'"):
        send()


def test_results_without_a_pickle_fail_the_run(server: FakeServer) -> None:
    @task
    def lock() -> Any:
        return threading.Lock()

    @flow(task_runner=ProcessPoolTaskRunner(1))
    def fetch() -> None:
        lock.submit().result()

    with pytest.raises(SerializationError, match="of type 'lock' has no pickle"):
        fetch()
    assert server.only_task_states() == ["Pending", "Running", "Failed"]


@pytest.mark.usefixtures("server")
def test_exceptions_that_cannot_be_read_are_told_in_words() -> None:
    @task
    def fail() -> None:
        raise Picky("tea", "cold")

    @flow(task_runner=ProcessPoolTaskRunner(1))
    def fetch() -> None:
        fail.submit().result()

    with pytest.raises(SerializationError, match="Picky: tea: cold"):
        fetch()


@pytest.mark.usefixtures("server")
def test_futures_travel_within_values_and_annotations() -> None:
    @task
    def fail() -> None:
        raise ValueError("no")

    @flow(task_runner=ProcessPoolTaskRunner(2))
    def chain() -> tuple[int, str]:
        one = add.submit(1)
        nested = add.submit([one], [add.submit(one, one)])
        error = add.submit(allow_failure(fail.submit()), return_state=True).result(raise_on_failure=False)
        return nested.result(), type(error).__name__

    assert chain() == ([1, 2], "TypeError")


@pytest.mark.usefixtures("server")
def test_parameters_of_the_flow_that_have_no_pickle_stay_behind() -> None:
    @task
    def parameters() -> list[str]:
        return sorted(flow_run.parameters)

    @flow(task_runner=ProcessPoolTaskRunner(1), validate_parameters=False)
    def locked(lock: Any, number: int) -> list[str]:
        return parameters.submit().result()

    assert locked(threading.Lock(), 1) == ["number"]


def test_events_of_users_come_home(server: FakeServer) -> None:
    @task
    def tell() -> None:
        emit_event("tea.ready", {"prefect.resource.id": "pot"}, payload={"lock": str(threading.Lock())})

    @flow(task_runner=ProcessPoolTaskRunner(1))
    def brew() -> None:
        tell.submit().wait()

    brew()
    assert [event["resource"] for event in server.events if event["event"] == "tea.ready"] == [
        {"prefect.resource.id": "pot"}
    ]


def test_a_flow_that_fails_ends_its_running_tasks(server: FakeServer, tmp_path: Path) -> None:
    seen: list[OstinatoFuture[Any]] = []

    @flow(task_runner=ProcessPoolTaskRunner(1))
    def give_up() -> None:
        running = wait_for_file.submit(tmp_path / "never", tmp_path / "started")
        seen.extend([running, add.submit(1)])
        while not (tmp_path / "started").exists():
            time.sleep(0.01)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()
    running, queued = seen
    assert running.state.is_crashed()
    assert queued.state.is_cancelled()
    assert names(server, running.task_run_id) == ["Pending", "Running", "Crashed"]
    assert names(server, queued.task_run_id) == ["Pending", "Cancelled"]


def test_a_flow_that_returns_waits_for_what_runs(server: FakeServer, tmp_path: Path) -> None:
    seen: list[OstinatoFuture[Any]] = []

    @flow(task_runner=ProcessPoolTaskRunner(1))
    def leave() -> None:
        seen.append(wait_for_file.submit(tmp_path / "go", tmp_path / "started"))
        while not (tmp_path / "started").exists():
            time.sleep(0.01)
        threading.Timer(0.2, (tmp_path / "go").touch).start()

    leave()
    assert seen[0].state.is_completed()
    assert names(server, seen[0].task_run_id) == ["Pending", "Running", "Completed"]


@pytest.mark.usefixtures("server")
def test_tasks_of_a_file_that_cannot_be_imported_are_sent_by_value(tmp_path: Path) -> None:
    file = tmp_path / "anywhere.py"
    file.write_text(
        "from ostinato import flow, task\n"
        "from ostinato.task_runners import ProcessPoolTaskRunner\n"
        "class Cup:\n    size = 2\n"
        "def helper(n): return n + Cup.size\n"
        "@task\ndef work(n): return helper(n), Cup()\n"
        "@flow(task_runner=ProcessPoolTaskRunner(1))\ndef run(): return work.submit(1).result()\n"
    )
    spec = importlib.util.spec_from_file_location("anywhere_else", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["anywhere_else"] = module
    try:
        spec.loader.exec_module(module)
        number, cup = module.run()
    finally:
        del sys.modules["anywhere_else"]
    assert number == 3
    assert isinstance(cup, module.Cup)


@pytest.mark.usefixtures("server")
def test_a_class_that_is_missing_there_crashes_the_run_in_words() -> None:
    class Vanishing:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return importlib.import_module, ("there_is_no_such_module",)

    @flow(task_runner=ProcessPoolTaskRunner(1))
    def send() -> None:
        add.submit(Vanishing()).result()

    with pytest.raises(CrashedRun, match=r"could not be loaded.*there_is_no_such_module"):
        send()


async def test_async_flows_and_tasks(server: FakeServer) -> None:
    @task
    async def later(number: int) -> int:
        return number

    @flow(task_runner=ProcessPoolTaskRunner(1))
    async def outer() -> int:
        return await _result(later.submit(5))

    async def _result(future: Any) -> int:
        return future.result()

    assert await outer() == 5
    assert server.only_task_states() == ["Pending", "Running", "Completed"]


def test_the_runner_itself_travels() -> None:
    runner = ProcessPoolTaskRunner(3, prepare, ("x",))
    again = pickle.loads(pickle.dumps(runner))
    assert (again.name, again.__reduce__()) == ("processpool", runner.__reduce__())
    with pytest.raises(RuntimeError, match="not started"):
        runner.submit(add, {"a": 1})
    with pytest.raises(TypeError, match="initializer"):
        ProcessPoolTaskRunner(initializer=3)  # pyright: ignore[reportArgumentType] - that is the test
