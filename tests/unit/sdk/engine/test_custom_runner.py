"""A task runner of one's own: what a subclass of `TaskRunner` has to say."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, Self

import pytest

from ostinato import flow, task
from ostinato.engine.drivers import drive_to_end
from ostinato.futures import OstinatoConcurrentFuture
from ostinato.states import State
from ostinato.task_runners import TaskRunner
from ostinato.tasks import Task
from tests.support.engine import FakeServer


class InlineTaskRunner(TaskRunner):
    """Runs each task at once, in the thread that submits it."""

    def __init__(self, done: list[str]) -> None:
        super().__init__()
        self.done = done

    def duplicate(self) -> Self:
        """Return a runner that notes in the same list."""
        return type(self)(self.done)

    def submit(
        self, task: Task[..., Any], parameters: dict[str, Any], wait_for: Iterable[Any] | None = None
    ) -> OstinatoConcurrentFuture[Any]:
        """Run the task and return a future that is done."""
        self._require_started()
        engine = task.engine(parameters, wait_for)
        future: Future[State] = Future()
        future.set_result(drive_to_end(engine))
        self.done.append(engine.task_run.name.split("-")[0])
        return OstinatoConcurrentFuture(engine.task_run.id, future, lambda: engine.task_run.state)


@task
def double(number: int) -> int:
    return 2 * number


def test_flows_run_on_it(server: FakeServer) -> None:
    done: list[str] = []

    @flow(task_runner=InlineTaskRunner(done))
    def quadruple() -> list[int]:
        return double.map(double.map([1, 2])).result()

    assert quadruple() == [4, 8]
    assert done == ["double"] * 4
    assert set(map(tuple, server.task_states().values())) == {("Pending", "Running", "Completed")}


def test_it_is_named_after_its_class_and_used_once_at_a_time() -> None:
    runner = InlineTaskRunner([])
    assert runner.name == "inline"
    with pytest.raises(RuntimeError, match="not started"):
        runner.submit(double, {"number": 1})
    with runner, pytest.raises(RuntimeError, match="started already"):
        runner.__enter__()
