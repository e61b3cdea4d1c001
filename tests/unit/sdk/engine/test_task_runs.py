"""Calling tasks: results, the events that tell of them, names, tags, retries and time limits."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

import pytest

from ostinato import flow, get_run_logger, tags, task
from ostinato.context import TaskRunContext, get_run_context
from ostinato.exceptions import (
    MissingContextError,
    ParameterBindError,
    ReservedArgumentError,
    UnfinishedRun,
    UserCodeTimeout,
)
from ostinato.states import Completed, Failed, State
from ostinato.tasks import Task
from tests.support.engine import FakeServer


@task
def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


@task
async def add_later(a: int, b: int = 1) -> int:
    await asyncio.sleep(0)
    return a + b


def test_call_returns_the_result_and_tells_each_state(server: FakeServer) -> None:
    assert add(1, b=2) == 3

    assert server.requests == []
    assert [event["event"] for event in server.events] == [
        "prefect.task-run.Pending",
        "prefect.task-run.Running",
        "prefect.task-run.Completed",
    ]


def test_events_have_the_form_that_the_server_records(server: FakeServer) -> None:
    add(1)

    pending, running, completed = server.events
    assert pending["follows"] is None
    assert running["follows"] == pending["id"]
    assert completed["follows"] == running["id"]
    assert pending["payload"]["initial_state"] is None
    assert pending["payload"]["intended"] == {"from": None, "to": "PENDING"}
    assert running["payload"]["initial_state"]["name"] == "Pending"
    assert completed["payload"]["validated_state"] == {
        "type": "COMPLETED",
        "name": "Completed",
        "message": "",
        "state_details": {"untrackable_result": True},
        "data": None,
    }
    assert completed["resource"]["prefect.orchestration"] == "client"
    assert completed["resource"]["prefect.run-count"] == "1"
    assert completed["resource"]["prefect.resource.name"] == "add"
    record = completed["payload"]["task_run"]
    assert record["task_key"] == add.task_key
    assert record["run_count"] == 1
    assert record["task_inputs"] == {"a": [], "b": []}
    assert record["start_time"] < record["end_time"]


def test_async_task_is_awaited(server: FakeServer) -> None:
    assert asyncio.run(add_later(1)) == 2
    assert server.only_task_states() == ["Pending", "Running", "Completed"]


def test_failure_raises_the_exception_itself(server: FakeServer) -> None:
    error = ValueError("bad")

    @task
    def fail() -> None:
        raise error

    with pytest.raises(ValueError, match="bad") as caught:
        fail()
    assert caught.value is error
    assert server.only_task_states() == ["Pending", "Running", "Failed"]
    assert server.events[-1]["resource"]["prefect.state-message"] == "Task run encountered an exception ValueError: bad"


def test_return_state_gives_the_state_of_a_failure(server: FakeServer) -> None:
    @task
    def fail() -> None:
        raise ValueError("bad")

    state = fail(return_state=True)

    assert state.is_failed()
    assert isinstance(state.result(raise_on_failure=False), ValueError)
    assert str(state) == "Failed('Task run encountered an exception ValueError: bad')"


def test_returned_none_is_a_result(server: FakeServer) -> None:
    @task
    def nothing() -> None:
        return None

    state = nothing(return_state=True)

    assert state.result() is None
    assert state.state_details.untrackable_result


def test_returned_state_is_the_state_of_the_run(server: FakeServer) -> None:
    @task
    def skip() -> State:
        return Completed(message="nothing to do", name="Skipped", data=7)

    state = skip(return_state=True)

    assert (state.name, state.message, state.result()) == ("Skipped", "nothing to do", 7)
    assert server.only_task_states()[-1] == "Skipped"


def test_returned_failed_state_is_retried(server: FakeServer) -> None:
    answers = iter([Failed(message="not yet"), Completed(data="done")])

    @task(retries=1)
    def poll() -> State:
        return next(answers)

    assert poll(return_state=True).result() == "done"
    assert server.only_task_states() == ["Pending", "Running", "Retrying", "Completed"]


def test_retry_without_delay_goes_on_at_once(server: FakeServer) -> None:
    attempts: list[int] = []

    @task(retries=2)
    def flaky() -> int:
        attempts.append(get_run_context().task_run.run_count)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType] - a task's context
        if len(attempts) < 3:
            raise ConnectionError("away")
        return 1

    assert flaky() == 1
    assert attempts == [1, 2, 3]
    assert server.only_task_states() == ["Pending", "Running", "Retrying", "Retrying", "Completed"]


def test_retry_with_delay_awaits_its_time(server: FakeServer) -> None:
    @task(retries=1, retry_delay_seconds=0.01)
    def flaky() -> None:
        raise ConnectionError("away")

    with pytest.raises(ConnectionError):
        flaky()
    assert server.only_task_states() == ["Pending", "Running", "AwaitingRetry", "Retrying", "Failed"]
    awaiting = server.events[2]
    assert awaiting["payload"]["validated_state"]["state_details"]["scheduled_time"] > awaiting["occurred"]


@pytest.mark.parametrize("condition", ["false", "error"])
def test_condition_decides_about_retries(server: FakeServer, condition: str) -> None:
    seen: list[State] = []

    def worth_it(_task: object, _run: object, state: State) -> bool:
        seen.append(state)
        if condition == "error":
            raise RuntimeError("the condition is broken")
        return False

    @task(retries=3, retry_condition_fn=worth_it)
    def fail() -> None:
        raise ValueError("bad")

    assert fail(return_state=True).is_failed()
    assert len(seen) == 1
    assert server.only_task_states() == ["Pending", "Running", "Failed"]


def test_async_condition_is_awaited(server: FakeServer) -> None:
    async def never(*_: object) -> bool:
        return False

    @task(retries=1, retry_condition_fn=never)
    def fail() -> None:
        raise ValueError("bad")

    assert fail(return_state=True).is_failed()
    assert server.only_task_states() == ["Pending", "Running", "Failed"]


def test_time_limit_interrupts_a_blocking_call_in_the_main_thread(server: FakeServer) -> None:
    @task(timeout_seconds=0.05)
    def slow() -> None:
        time.sleep(10)

    began = time.monotonic()
    state = slow(return_state=True)

    assert time.monotonic() - began < 5
    assert (state.name, state.message) == ("TimedOut", "Task run exceeded timeout of 0.05 second(s)")
    with pytest.raises(UserCodeTimeout):
        state.result()


def test_time_limit_of_an_async_task(server: FakeServer) -> None:
    @task(timeout_seconds=0.05)
    async def slow() -> None:
        await asyncio.sleep(10)

    state = asyncio.run(slow(return_state=True))

    assert (state.name, state.message) == ("TimedOut", "Task run exceeded timeout of 0.05 second(s)")


def test_own_timeout_error_of_the_function(server: FakeServer) -> None:
    @task(timeout_seconds=10)
    def fail() -> None:
        raise TimeoutError("mine")

    state = fail(return_state=True)

    assert (state.name, state.message) == ("TimedOut", "Task run failed due to timeout: TimeoutError('mine')")


def test_names_of_runs(server: FakeServer) -> None:
    @task(task_run_name="greet-{who}")
    def by_template(who: str) -> None: ...

    def name(parameters: dict[str, str]) -> str:
        return f"call-{parameters['who']}"

    @task(task_run_name=name)
    def by_callable(who: str) -> None: ...

    by_template("ann")
    by_callable("bob")

    names = {event["resource"]["prefect.resource.name"] for event in server.events if "Completed" in event["event"]}
    assert names == {"greet-ann", "call-bob"}


def test_names_inside_a_flow_have_part_of_the_dynamic_key(server: FakeServer) -> None:
    @flow
    def parent() -> None:
        add(1)

    parent()

    record = server.task_events[0]["payload"]["task_run"]
    assert record["name"] == f"add-{record['dynamic_key'][:3]}"
    assert UUID(record["dynamic_key"])


def test_tags_of_task_and_context_unite(server: FakeServer) -> None:
    @task(tags=["own"])
    def tagged() -> None: ...

    with tags("outer"), tags("inner"):
        tagged()
    tagged()

    records = [event["payload"]["task_run"]["tags"] for event in server.events if "Completed" in event["event"]]
    assert records == [["inner", "outer", "own"], ["own"]]
    assert {"prefect.resource.id": "prefect.tag.inner", "prefect.resource.role": "tag"} in server.events[0]["related"]


def test_events_name_flow_run_flow_and_calling_task(server: FakeServer) -> None:
    @task
    def outer() -> int:
        return add(1)

    @flow
    def parent() -> None:
        outer()

    parent()

    inner = next(e for e in server.task_events if e["resource"]["prefect.resource.name"].startswith("add"))
    roles = [labels["prefect.resource.role"] for labels in inner["related"]]
    assert roles == ["flow-run", "flow", "task-run"]
    assert len(inner["payload"]["task_run"]["task_inputs"]["__parents__"]) == 1


def test_context_is_there_inside_and_gone_after(server: FakeServer) -> None:
    @task
    def inside() -> str:
        context = TaskRunContext.get()
        assert context is not None
        assert context.parameters == {}
        get_run_logger().info("hello")
        return context.task.name

    assert inside() == "inside"
    with pytest.raises(MissingContextError):
        get_run_context()


def test_methods_are_bound(server: FakeServer) -> None:
    class Counter:
        start = 10

        @task
        def above(self, by: int) -> int:
            return self.start + by

        @task
        @classmethod
        def on_class(cls, by: int) -> int:
            return cls.start + by

        @task
        @staticmethod
        def static(by: int) -> int:
            return by

        @staticmethod
        @task
        def static_above(by: int) -> int:
            return by

    counter = Counter()

    assert counter.above(1) == 11
    assert Counter.on_class(2) == 12
    assert counter.static(3) == Counter.static_above(3) == 3
    assert server.events[0]["payload"]["task_run"]["task_inputs"] == {"by": []}


def test_options_can_be_changed_on_a_copy(server: FakeServer) -> None:
    changed = add.with_options(name="plus", tags=["new"], retries=1)

    assert (changed.name, changed.tags, changed.retry_policy.retries) == ("plus", {"new"}, 1)
    assert (add.name, add.tags, add.retry_policy.retries) == ("add", frozenset(), 0)
    assert changed(1) == 2


def test_wrong_use_is_told_clearly() -> None:
    with pytest.raises(ParameterBindError, match="missing a required argument: 'a'"):
        add()  # pyright: ignore[reportCallIssue] - what is tested
    with pytest.raises(MissingContextError, match=r"`add.submit` needs a running flow"):
        add.submit(1)
    with pytest.raises(TypeError, match="Unknown task options"):
        task(name="x", retry=1)(add.fn)  # pyright: ignore[reportCallIssue] - what is tested
    with pytest.raises(TypeError, match="on_failure"):
        task(on_failure=3)(add.fn)  # pyright: ignore[reportArgumentType] - what is tested
    with pytest.raises(ReservedArgumentError, match="wait_for"):

        @task
        def reserved(wait_for: int) -> None: ...


def test_key_changes_with_the_code_only() -> None:
    def make(constant: int) -> Task[[], int]:
        namespace: dict[str, Task[[], int]] = {}
        source = f"@task\ndef work():\n    return {constant} in {{1, 2, 3}}"
        exec(source, {"task": task}, namespace)
        return namespace["work"]

    assert make(1).task_key == make(1).task_key
    assert make(1).task_key != make(2).task_key
    assert make(1).task_key.startswith("work-")


def test_unready_upstream_keeps_a_called_task_from_running(server: FakeServer) -> None:
    state = add(Failed(message="upstream"), return_state=True)

    assert (state.type, state.name) == ("PENDING", "NotReady")
    assert server.only_task_states() == ["Pending", "NotReady"]
    with pytest.raises(UnfinishedRun):
        state.result()
