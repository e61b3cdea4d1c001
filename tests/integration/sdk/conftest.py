"""A folder with flows and the settings of its user, on the server under test; children of the tests run in it, too."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from ostinato.client import get_client
from ostinato.client.runs import FlowRun
from ostinato.events.worker import drain_all
from ostinato.logging.shipping import drain_all as drain_logs
from ostinato.settings import temporary_settings
from ostinato_wire.filters import AnyOrNotId, DeploymentFilter
from ostinato_wire.states import State, StateType
from tests.support.cli import Cli
from tests.support.server import Server
from tests.support.settings import clear_settings

FLOWS = '''
"""Flows of the tests."""

import os
import time

from ostinato import flow, get_run_logger, task


def note(flow, flow_run, state):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(f"{flow.name} {state.name}\\n")


@flow
def add(a: int, b: int = 1):
    """Add two numbers."""
    get_run_logger().info("sum %s in %s", a + b, os.getcwd())
    return a + b


@flow
def inner():
    with open(os.environ["NOTES"], "a") as notes:
        notes.write("inner began\\n")
    time.sleep(60)


@flow(on_cancellation=[note])
def outer():
    inner()


@flow(on_crashed=[note])
def die():
    os._exit(3)


@task
def part(number):
    get_run_logger().info("part %s", number)


@flow
def die_at_work():
    for number in range(5):
        part(number)
    os.kill(os.getpid(), 9)


@flow(on_crashed=[note])
def die_at_the_end():
    from uuid_utils.compat import uuid7

    from ostinato.journal.notes import current_journal, ended_now
    from ostinato.runtime import flow_run
    from ostinato_wire.states import StateCreate, StateType
    from uuid import UUID

    end = ended_now(UUID(flow_run.id), StateCreate(type=StateType.COMPLETED), uuid7(), force=False)
    current_journal().note(end.model_dump_json(exclude_none=True).encode())
    os.kill(os.getpid(), 9)


@flow
def wait():
    with open(os.environ["NOTES"], "a") as notes:
        notes.write("wait began\\n")
    while not os.path.exists("go"):
        time.sleep(0.05)


@flow
def fail():
    raise ValueError("no")
'''
SECONDS = 60.0
"""How long anything may take."""


@dataclass(frozen=True)
class Project:
    """A folder with `flows.py`, and a home of settings."""

    folder: Path
    api_url: str

    @property
    def notes(self) -> Path:
        """What the flows wrote down."""
        return self.folder / "notes"

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start `ostinato` as a process of its own; what it prints can be read."""
        program = "import sys; from ostinato.cli.main import main; main(sys.argv[1:])"
        return subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.folder, env=dict(os.environ),
        )  # fmt: skip


@pytest.fixture
def project(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """The folder, which is the working directory; settings point at the server."""
    clear_settings(monkeypatch, tmp_path)
    project = Project(tmp_path / "project", server.api_url)
    project.folder.mkdir()
    (project.folder / "flows.py").write_text(FLOWS)
    monkeypatch.chdir(project.folder)
    monkeypatch.syspath_prepend(str(project.folder))  # pyright: ignore[reportUnknownMemberType] - it has no types
    monkeypatch.setenv("NOTES", str(project.notes))
    monkeypatch.setenv("OSTINATO_API_URL", server.api_url)
    monkeypatch.setenv("OSTINATO_RUNNER_POLL_FREQUENCY", "0.5")
    monkeypatch.setenv("OSTINATO_WORKER_QUERY_SECONDS", "0.5")
    with temporary_settings({"api.url": server.api_url, "runner.poll_frequency": 0.5, "worker.query_seconds": 0.5}):
        yield project
    drain_logs(10)
    drain_all(10)  # while the server is there; afterwards the end of the tests would wait for it


@pytest.fixture
def cli(project: Project, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Call commands: `cli("deployment", "ls")`."""
    return Cli(capsys)


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen in time: {what}"
        await asyncio.sleep(0.05)


async def until_final(run_id: UUID) -> State:
    """Wait until a run has ended; return its last state."""
    return await until_in(run_id, StateType.COMPLETED, StateType.FAILED, StateType.CRASHED, StateType.CANCELLED)


async def until_in(run_id: UUID, *types: StateType) -> State:
    """Wait until a run is in a state of one of the types."""
    deadline = time.monotonic() + SECONDS
    async with get_client() as client:
        while True:
            run = await client.read_flow_run(run_id)
            if run.state is not None and run.state.type in types:
                return run.state
            assert time.monotonic() < deadline, f"the run is {run.state_name}, not {types}"
            await asyncio.sleep(0.1)


async def runs_of(deployment_id: UUID) -> list[FlowRun]:
    """Return the runs of a deployment."""
    async with get_client() as client:
        return await client.read_flow_runs(deployment_filter=DeploymentFilter(id=AnyOrNotId(any_=[deployment_id])))
