"""Flows called by flows, and by tasks."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ostinato import flow, task
from ostinato.context import FlowRunContext, TaskRunContext, get_run_context
from ostinato.exceptions import Abort
from ostinato_wire.flow_runs import FlowRun
from ostinato_wire.states import OrchestrationResult, SetStateStatus, StateAbortDetails, StateCreate, StateType
from tests.support.engine import FakeServer


@task
def echo(value: Any) -> Any:  # Any: whatever a test passes
    return value


def test_child_hangs_in_its_parent_by_a_task_run(server: FakeServer) -> None:
    @flow
    def child(x: int) -> int:
        return x + 1

    @flow
    def parent() -> int:
        return child(1) + child(2)

    assert parent() == 5

    _, first, second = server.flow_runs.values()
    assert [run.name for run in server.tracking_runs] == ["child-0", "child-1"]
    assert [run.dynamic_key for run in server.tracking_runs] == ["0", "1"]
    assert [first.parent_task_run_id, second.parent_task_run_id] == [run.id for run in server.tracking_runs]
    assert server.state_names(first) == ["Pending", "Running", "Completed"]


def test_inputs_of_a_child_are_edges(server: FakeServer) -> None:
    @flow
    def child(x: Any) -> Any:  # Any: whatever a test passes
        return x

    @flow
    def parent() -> None:
        future = echo.submit("value")
        assert child(future) == "value"
        assert server.inputs[-1] == {"x": [{"input_type": "task_run", "id": str(future.task_run_id)}]}
        result = child(["list"])
        echo.with_options(name="consumer")(result)
        record = server.task_events[-1]["payload"]["task_run"]
        child_run = list(server.flow_runs.values())[-1]
        assert record["task_inputs"]["value"] == [{"input_type": "flow_run", "id": str(child_run.id)}]

    parent()


def test_failed_child_fails_the_parent_unless_handled(server: FakeServer) -> None:
    @flow
    def child() -> None:
        raise ValueError("bad")

    @flow
    def careless() -> None:
        child()

    @flow
    def careful() -> bool:
        return child(return_state=True).is_failed()

    with pytest.raises(ValueError, match="bad"):
        careless()
    assert careful()


def test_unready_child_does_not_run(server: FakeServer) -> None:
    @task
    def fail() -> None:
        raise ValueError("bad")

    @flow
    def child(x: Any) -> None:  # Any: never resolved
        raise AssertionError("must not run")

    @flow
    def parent() -> str | None:
        return child(fail.submit(), return_state=True).name

    assert parent() == "NotReady"
    assert server.forced == ["NotReady"]


def test_completed_child_is_not_run_again_when_its_parent_is_retried(server: FakeServer) -> None:
    ran: list[str] = []

    @flow
    def good() -> str:
        ran.append("good")
        return "result"

    @flow
    def bad() -> None:
        ran.append("bad")
        if ran.count("bad") == 1:
            raise ValueError("first time")

    @flow(retries=1)
    def parent() -> str:
        result = good()
        bad()
        return result

    assert parent() == "result"
    assert ran == ["good", "bad", "bad"]
    assert len(server.tracking_runs) == 2


def test_flow_in_a_task_is_innermost(server: FakeServer) -> None:
    @flow
    def child() -> str:
        assert TaskRunContext.get() is None
        return type(get_run_context()).__name__

    @task
    def caller() -> str:
        name = child()
        assert isinstance(get_run_context(), TaskRunContext)
        return name

    @flow
    def parent() -> str:
        return caller.submit().result()

    assert parent() == "FlowRunContext"
    assert FlowRunContext.get() is None
    assert server.inputs[-1]["__parents__"][0]["input_type"] == "task_run"


def test_abort_of_a_child_does_not_leave_its_parent_running(server: FakeServer) -> None:
    def abort(run: FlowRun, state: StateCreate) -> OrchestrationResult | None:
        if run.parent_task_run_id is None or state.type is not StateType.RUNNING:
            return None
        return OrchestrationResult(
            state=server.last_state(run), status=SetStateStatus.ABORT, details=StateAbortDetails(reason="no")
        )

    server.rules.append(abort)

    @flow
    def child() -> None: ...

    @flow
    def parent() -> None:
        child()

    with pytest.raises(Abort, match="no"):
        parent()
    first, second = server.flow_runs.values()
    assert server.state_names(first)[-1] == "Crashed"
    assert server.state_names(second) == ["Pending"]


def test_async_children_run_beside_each_other(server: FakeServer) -> None:
    @flow
    async def child(x: int) -> int:
        await asyncio.sleep(0)
        return x

    @flow
    async def parent() -> tuple[int, int]:
        return await asyncio.gather(child(1), child(2))

    assert list(asyncio.run(parent())) == [1, 2]
    assert len(server.tracking_runs) == 2


def test_sync_child_of_an_async_parent(server: FakeServer) -> None:
    @flow
    def child() -> int:
        return echo(1)

    @flow
    async def parent() -> int:
        return child()

    assert asyncio.run(parent()) == 1


def test_prints_setting_is_inherited(server: FakeServer, caplog: pytest.LogCaptureFixture) -> None:
    @task
    def inherits() -> None:
        print("from", "task", sep="-")

    @task(log_prints=False)
    def silent() -> None:
        print("unheard")

    @flow
    def child() -> None:
        print("from child")

    @flow(log_prints=True)
    def parent() -> None:
        inherits()
        silent()
        child()

    parent()

    assert "from-task" in caplog.messages
    assert "from child" in caplog.messages
    assert "unheard" not in caplog.messages
