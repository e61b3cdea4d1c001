"""`ostinato task serve`: what it serves, and what it refuses."""

from pathlib import Path

import pytest

import ostinato.task_worker
from ostinato.tasks import Task
from tests.support.cli import Cli

PROGRAM = """
from ostinato import task


@task
def add(a, b):
    return a + b


@task(name="other name")
def other():
    pass


again = add
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with `served_tasks.py`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))  # pyright: ignore[reportUnknownMemberType] - it has no types
    (tmp_path / "served_tasks.py").write_text(PROGRAM)
    (tmp_path / "taskless.py").write_text("number = 1\n")
    return tmp_path


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What `serve` was called with."""
    seen: dict[str, object] = {}

    def serve(*tasks: Task[..., object], **options: object) -> None:
        seen.update(options, tasks=sorted(task.name for task in tasks))

    monkeypatch.setattr(ostinato.task_worker, "serve", serve)
    return seen


@pytest.mark.usefixtures("program")
def test_a_module_is_served_with_each_of_its_tasks_once(cli: Cli, served: dict[str, object]) -> None:
    cli("task", "serve", "-m", "served_tasks")
    assert served == {"tasks": ["add", "other name"], "limit": 10, "status_server_port": None}


@pytest.mark.usefixtures("program")
def test_entrypoints_are_served(cli: Cli, served: dict[str, object]) -> None:
    cli("task", "serve", "served_tasks.py:add", "served_tasks.other", "--limit", "3", "--status-server-port", "0")
    assert served == {"tasks": ["add", "other name"], "limit": 3, "status_server_port": 0}


@pytest.mark.usefixtures("program", "served")
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "Give at least one entrypoint"),
        (("served_tasks.py:add", "-m", "served_tasks"), "not both"),
        (("served_tasks.py:gone",), "There is no task 'gone'"),
        (("served_tasks",), "An entrypoint is `path.py:task`"),
        (("-m", "taskless"), "There are no tasks in taskless."),
        (("-m", "missing_module"), "missing_module"),
    ],
)
def test_what_cannot_be_served_is_told(cli: Cli, arguments: tuple[str, ...], problem: str) -> None:
    outcome = cli("task", "serve", *arguments)
    assert outcome.code == 1
    assert problem in " ".join(outcome.out.split())
