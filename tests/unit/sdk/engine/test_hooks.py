"""State hooks of flows and tasks."""

from __future__ import annotations

import pytest

from ostinato import flow, task
from ostinato.states import State
from tests.support.engine import FakeServer


class Told:
    """A hook that remembers what it was told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str | None]] = []

    def __call__(self, owner: object, run: object, state: State) -> None:
        self.calls.append((type(owner).__name__ + "/" + type(run).__name__, state.name))


def test_hooks_of_a_task(server: FakeServer) -> None:
    running, completed, failed = Told(), Told(), Told()
    attempts = iter([ValueError("first"), None])

    @task(retries=1, on_running=[running], on_completion=[completed], on_failure=[failed])
    def flaky() -> None:
        error = next(attempts)
        if error:
            raise error

    flaky()

    assert running.calls == [("Task/TaskRun", "Running"), ("Task/TaskRun", "Retrying")]
    assert completed.calls == [("Task/TaskRun", "Completed")]
    assert failed.calls == []


def test_hooks_of_a_flow(server: FakeServer) -> None:
    running, failed = Told(), Told()

    @flow(retries=1, on_running=[running], on_failure=[failed])
    def broken() -> None:
        raise ValueError("bad")

    broken(return_state=True)

    assert running.calls == [("Flow/FlowRun", "Running"), ("Flow/FlowRun", "Running")]
    assert failed.calls == [("Flow/FlowRun", "Failed")]


def test_broken_hook_changes_nothing(server: FakeServer, caplog: pytest.LogCaptureFixture) -> None:
    @flow
    def fine() -> int:
        return 1

    @fine.on_completion
    def broken(*_: object) -> None:  # pyright: ignore[reportUnusedFunction] - registered by the decorator
        raise ValueError("bad hook")

    told = Told()
    fine.on_completion(told)

    assert fine() == 1
    assert told.calls
    assert "An error was encountered while running hook 'broken'" in caplog.messages


def test_async_hook_of_a_sync_flow_is_awaited(server: FakeServer) -> None:
    told: list[str | None] = []

    async def hook(_flow: object, _run: object, state: State) -> None:
        told.append(state.name)

    @flow(on_completion=[hook])
    def fine() -> None: ...

    fine()

    assert told == ["Completed"]


def test_crash_hooks(server: FakeServer) -> None:
    crashed = Told()

    @flow(on_crashed=[crashed])
    def leaves() -> None:
        raise SystemExit(1)

    with pytest.raises(SystemExit):
        leaves()
    assert crashed.calls == [("Flow/FlowRun", "Crashed")]
