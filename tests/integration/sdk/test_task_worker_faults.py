"""Task workers and servers that are killed: no delayed run is lost, and none is executed twice that goes on."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ostinato import get_client
from ostinato.events.worker import drain_all
from ostinato.exceptions import CancelledRun
from ostinato_wire.states import StateCreate, StateType
from tests.integration.sdk.conftest import SECONDS, until
from tests.integration.sdk.task_programs import TaskProject, load_tasks, names_of, task_project, used
from tests.support.server import Server, new_server
from tests.support.settings import clear_settings

# Any below: tasks of the program, whose types no type checker sees.

LOOP = "OSTINATO_SERVICES_TASK_WORKERS_"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the module's servers, which share a database."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def hasty_server(home: Path, database_url: str) -> Iterator[Server]:
    """A server for which a task worker is gone after some seconds of silence."""
    yield from _serving(new_server(home, database_url, {f"{LOOP}SILENCE_SECONDS": "15", f"{LOOP}LOOP_SECONDS": "1"}))


@pytest.fixture
def plain_server(home: Path, database_url: str) -> Iterator[Server]:
    """A server with settings as they are."""
    yield from _serving(new_server(home, database_url))


def _serving(server: Server) -> Iterator[Server]:
    server.start()
    yield server
    server.stop()


def using(server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TaskProject]:
    clear_settings(monkeypatch, folder)
    with task_project(folder / "tasks", server.api_url) as project, used(project, monkeypatch):
        yield project
        drain_all(10)


@pytest.fixture
def hasty(hasty_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TaskProject]:
    """The tasks, on the hasty server."""
    yield from using(hasty_server, tmp_path, monkeypatch)


@pytest.fixture
def plain(plain_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TaskProject]:
    """The tasks, on the plain server."""
    yield from using(plain_server, tmp_path, monkeypatch)


async def test_the_run_of_a_killed_worker_is_executed_by_another(hasty: TaskProject) -> None:
    tasks: Any = load_tasks()
    worker = hasty.start_worker()
    future = tasks.hold.delay("killed")
    await until(hasty.notes, "the task begins")
    worker.kill()
    hasty.go("killed")
    hasty.start_worker()
    assert await future.result_async(timeout=SECONDS) == "killed"
    assert names_of(future.task_run_id)[-4:] == ["AwaitingRetry", "Pending", "Running", "Completed"]
    with get_client(sync_client=True) as client:
        messages = [state.message for state in client.read_task_run_states(future.task_run_id)]
    assert "The task worker that had taken this run is gone. It is delivered again (1 of 3)." in messages


async def test_two_workers_execute_each_run_once_though_the_server_is_killed_meanwhile(
    plain: TaskProject, plain_server: Server
) -> None:
    tasks: Any = load_tasks()
    futures = tasks.mark.map(range(200), deferred=True)
    for _ in range(2):
        plain.start_worker()
    await until(lambda: len(plain.notes()) > 20, "some are executed")
    plain_server.kill()
    plain_server.start()
    results = await asyncio.gather(*(future.result_async(timeout=SECONDS) for future in futures))
    assert sorted(results) == list(range(200))
    assert sorted(map(int, plain.notes())) == list(range(200))


async def test_a_run_to_be_cancelled_whose_worker_is_killed_is_cancelled(hasty: TaskProject) -> None:
    tasks: Any = load_tasks()
    worker = hasty.start_worker()
    future = tasks.hold.delay("killed")
    await until(hasty.notes, "the task begins")
    worker.kill()
    worker.wait(SECONDS)
    with get_client(sync_client=True) as client:
        client.set_task_run_state(future.task_run_id, StateCreate(type=StateType.CANCELLING))
    with pytest.raises(CancelledRun):
        await future.result_async(timeout=SECONDS)
    assert names_of(future.task_run_id)[-2:] == ["Cancelling", "Cancelled"]
