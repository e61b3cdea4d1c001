"""Tasks of the tests of task workers, and workers of them as processes of their own."""

import importlib
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest

from ostinato import get_client
from ostinato.settings import temporary_settings
from tests.support.settings import own_environment

TASKS = '''
"""Tasks of the tests."""

import asyncio
import os
import time

from ostinato import get_run_logger, task
from ostinato.context import TagsContext, TaskRunContext


def note(text):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(f"{text}\\n")


@task
def add(a, b=1, *rest, **more):
    return a + b


@task
async def add_async(a, b=1):
    await asyncio.sleep(0)
    return a + b


@task
def fail():
    raise ValueError("no")


@task(retries=2)
def flaky():
    count = TaskRunContext.get().task_run.run_count
    if count < 3:
        raise ValueError("not yet")
    return count


@task
def seen():
    get_run_logger().info("look")
    return sorted(TagsContext.current()), add(1)


@task
def leave():
    raise SystemExit(3)


@task
def mark(number):
    note(number)
    return number


@task
async def hold_async(name):
    note(f"begin {name}")
    await asyncio.Event().wait()


@task(retries=1, retry_delay_seconds=3600)
def wait_for_retry(name):
    note(f"begin {name}")
    raise ValueError("again in an hour")


@task
def hold(name):
    """Go on until there is a file `go-<name>`."""
    note(f"begin {name} {os.getpid()}")
    while not os.path.exists(f"go-{name}"):
        time.sleep(0.05)
    note(f"end {name} {os.getpid()}")
    return name
'''


@dataclass(frozen=True)
class TaskProject:
    """A folder with `background_tasks.py`, and the workers that were started in it."""

    folder: Path
    api_url: str
    workers: list["subprocess.Popen[str]"] = field(default_factory=list["subprocess.Popen[str]"])

    def notes(self) -> list[str]:
        """Return what the tasks wrote down."""
        file = self.folder / "notes"
        return file.read_text().split("\n")[:-1] if file.exists() else []

    def go(self, name: str) -> None:
        """Let runs of `hold` of this name end."""
        (self.folder / f"go-{name}").touch()

    def environment(self) -> dict[str, str]:
        """Return the environment of processes in this folder."""
        return own_environment() | {
            "OSTINATO_API_URL": self.api_url,
            "OSTINATO_HOME": str(self.folder / "home"),
            "OSTINATO_RESULTS_LOCAL_STORAGE_PATH": str(self.folder / "results"),
            "NOTES": str(self.folder / "notes"),
            "PYTHONPATH": str(self.folder),
        }

    def start_worker(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start `ostinato task serve` of all tasks, and return it when it says that it serves."""
        program = "import sys; from ostinato.cli.main import main; main(sys.argv[1:])"
        log = self.folder / f"worker-{len(self.workers)}.log"
        command = [sys.executable, "-c", program, "task", "serve", "-m", "background_tasks", *arguments]
        with log.open("w") as errors:
            worker = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=self.folder, env=self.environment()
            )
        self.workers.append(worker)
        assert worker.stdout is not None
        first = worker.stdout.readline()
        assert "serves" in first, first + log.read_text()
        return worker


@contextmanager
def task_project(folder: Path, api_url: str) -> Generator[TaskProject]:
    """A project whose workers end with the block."""
    folder.mkdir()
    (folder / "background_tasks.py").write_text(TASKS)
    project = TaskProject(folder, api_url)
    try:
        yield project
    finally:
        for worker in project.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGKILL)
            worker.wait()
            if worker.stdout is not None:
                worker.stdout.close()


@contextmanager
def used(project: TaskProject, monkeypatch: pytest.MonkeyPatch) -> Generator[TaskProject]:
    """Let this process use the project's tasks, server and storage."""
    results = str(project.folder / "results")
    monkeypatch.setenv("NOTES", str(project.folder / "notes"))
    monkeypatch.chdir(project.folder)
    monkeypatch.syspath_prepend(str(project.folder))  # pyright: ignore[reportUnknownMemberType] - it has no types
    monkeypatch.delitem(sys.modules, "background_tasks", raising=False)
    with temporary_settings({"api.url": project.api_url, "results.local_storage_path": results}):
        yield project


def load_tasks() -> ModuleType:
    """Return the module of the tasks, as it is in the project that is used."""
    importlib.invalidate_caches()
    return importlib.import_module("background_tasks")


def names_of(run_id: UUID) -> list[str | None]:
    """Return the names of the states that a task run was in."""
    with get_client(sync_client=True) as client:
        return [state.name for state in client.read_task_run_states(run_id)]
