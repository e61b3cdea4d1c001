"""Calling flows: what is asked of the server, how runs end, and what their callers get."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from ostinato import flow, tags, task
from ostinato.context import FlowRunContext
from ostinato.exceptions import (
    Abort,
    FailedRun,
    InvalidNameError,
    MissingResult,
    ParameterBindError,
    ParameterTypeError,
    Pause,
)
from ostinato.futures import OstinatoFuture
from ostinato.states import Cancelled, Completed, Failed, State
from ostinato.task_runners import ThreadPoolTaskRunner
from ostinato_wire.flow_runs import FlowRun
from ostinato_wire.states import OrchestrationResult, SetStateStatus, StateAbortDetails, StateCreate, StateType
from tests.support.engine import FakeServer


class Person(BaseModel):
    """A parameter with members."""

    name: str


@task
def fail(text: str = "bad") -> None:
    raise ValueError(text)


@task
def echo(value: Any) -> Any:  # Any: whatever the test passes
    return value


def test_a_run_asks_the_server_in_order(server: FakeServer) -> None:
    @flow
    def my_flow(x: int) -> int:
        return x + 1

    assert my_flow(1) == 2

    start = ["create_flow_run", "set_flow_run_state", "read_flow_run", "read_server_default_result_storage"]
    assert server.requests == [*start, "set_flow_run_state"]
    assert server.state_names() == ["Pending", "Running", "Completed"]
    run = server.only_flow_run
    assert run.name.startswith("my-flow")
    assert run.parameters == {"x": 1}
    assert [e["event"] for e in server.events] == ["prefect.flow-run.heartbeat"]


def test_async_flow(server: FakeServer) -> None:
    @task
    async def later(x: int) -> int:
        await asyncio.sleep(0)
        return x

    @flow
    async def my_flow(x: int) -> int:
        return await later(x) + echo(1)

    assert asyncio.run(my_flow(1)) == 2
    assert server.state_names() == ["Pending", "Running", "Completed"]
    assert sorted(map(len, server.task_states().values())) == [3, 3]


def test_failure_raises_the_exception_itself(server: FakeServer) -> None:
    error = ValueError("bad")

    @flow
    def my_flow() -> None:
        raise error

    with pytest.raises(ValueError, match="bad") as caught:
        my_flow()
    assert caught.value is error
    assert server.state_names() == ["Pending", "Running", "Failed"]
    assert server.last_state().message == "Flow run encountered an exception: ValueError: bad"


def test_unhandled_failure_of_a_task_fails_the_flow(server: FakeServer) -> None:
    @flow
    def my_flow() -> None:
        fail()

    with pytest.raises(ValueError, match="bad"):
        my_flow()


def test_handled_failure_of_a_task_does_not_fail_the_flow(server: FakeServer) -> None:
    @flow
    def my_flow() -> str:
        fail(return_state=True)
        return "fine"

    assert my_flow() == "fine"
    assert server.state_names()[-1] == "Completed"


def _submit_two() -> list[OstinatoFuture[Any]]:
    return [fail.submit(), echo.submit(1)]


@pytest.mark.parametrize(
    ("returned", "name", "message"),
    [
        (lambda: 1, "Completed", None),
        (lambda: [echo(1, return_state=True), echo(2, return_state=True)], "Completed", "All states completed."),
        (lambda: fail(return_state=True), "Failed", "1/1 states failed."),
        (lambda: echo.submit(1), "Completed", "All states completed."),
        (_submit_two, "Failed", "1/2 states failed."),
        (lambda: [Cancelled(), Failed()], "Cancelled", "1/2 states cancelled."),
        (lambda: Completed(message="by hand", name="Fine"), "Fine", "by hand"),
        (lambda: [State(type=StateType.RUNNING)], "Failed", "1/1 states are not final."),
        (lambda: {"a": fail(return_state=True)}, "Completed", None),
        (list, "Completed", None),
    ],
)
def test_return_value_decides_on_the_final_state(
    server: FakeServer, returned: Callable[[], object], name: str, message: str | None
) -> None:
    @flow
    def my_flow() -> object:
        return returned()

    my_flow(return_state=True)

    last = server.last_state()
    assert (last.name, last.message) == (name, message)


def test_generator_object_becomes_a_list(server: FakeServer) -> None:
    @flow
    def my_flow() -> Any:  # Any: the engine changes it
        return (x for x in range(3))

    assert my_flow() == [0, 1, 2]


def test_result_of_a_returned_future_is_its_state(server: FakeServer) -> None:
    @flow
    def my_flow() -> Any:  # Any: the engine changes it
        return echo.submit(5)

    result = my_flow()

    assert isinstance(result, State)
    assert result.result() == 5


def test_retries_are_the_servers(server: FakeServer) -> None:
    attempts: list[int] = []

    @flow(retries=2, retry_delay_seconds=1.9)
    def my_flow() -> str:
        context = FlowRunContext.get()
        assert context is not None
        attempts.append(context.flow_run.run_count)
        if len(attempts) < 3:
            raise ValueError("again")
        return "done"

    assert my_flow() == "done"
    assert attempts == [1, 2, 3]
    assert server.only_flow_run.empirical_policy.retry_delay == 1
    assert server.state_names() == [
        "Pending",
        "Running",
        "AwaitingRetry",
        "Running",
        "AwaitingRetry",
        "Running",
        "Completed",
    ]


def test_waits_as_long_as_the_server_says(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    answers = iter([7, 3])
    monkeypatch.setattr(time, "sleep", slept.append)

    def hold(run: FlowRun, state: StateCreate) -> OrchestrationResult | None:
        seconds = next(answers, None) if state.type is StateType.RUNNING else None
        return None if seconds is None else server.hold(run, seconds)

    server.rules.append(hold)

    @flow
    def my_flow() -> int:
        return 1

    assert my_flow() == 1
    assert slept == [7, 3]


def test_answer_that_was_lost_does_not_lose_the_result(server: FakeServer) -> None:
    def repeat(run: FlowRun, state: StateCreate) -> OrchestrationResult | None:
        if state.type is not StateType.COMPLETED:
            return None
        server.accept(run, state)  # the client repeats its request, because this answer never came
        return server.reject(run, None, "This run has already made this state transition.")

    server.rules.append(repeat)

    @flow
    def my_flow() -> int:
        return 5

    assert my_flow() == 5


def test_abort_by_the_server_stops_the_run(server: FakeServer) -> None:
    def abort(run: FlowRun, state: StateCreate) -> OrchestrationResult:
        return OrchestrationResult(
            state=server.last_state(run), status=SetStateStatus.ABORT, details=StateAbortDetails(reason="no")
        )

    server.rules.append(abort)
    called: list[int] = []

    @flow
    def my_flow() -> None:
        called.append(1)

    with pytest.raises(Abort, match="no"):
        my_flow()
    assert called == []
    assert server.forced == []


def test_pause_by_the_server_is_a_signal(server: FakeServer) -> None:
    def pause(run: FlowRun, _state: StateCreate) -> OrchestrationResult:
        return server.reject(run, StateCreate(type=StateType.PAUSED))

    server.rules.append(pause)

    @flow
    def my_flow() -> None: ...

    with pytest.raises(Pause):
        my_flow()


def test_cancelled_while_running(server: FakeServer) -> None:
    told: list[str | None] = []

    def tell(_flow: object, _run: object, state: State) -> None:
        told.append(state.name)

    @flow(on_cancellation=[tell])
    def my_flow() -> int:
        server.accept(server.only_flow_run, StateCreate(type=StateType.CANCELLING))
        return 1

    def refuse(run: FlowRun, _state: StateCreate) -> OrchestrationResult | None:
        return server.reject(run, None) if server.last_state(run).type is StateType.CANCELLING else None

    server.rules.append(refuse)
    state = my_flow(return_state=True)

    assert state.is_cancelled()
    assert state.message == "Flow run was cancelled successfully."
    assert server.forced == ["Cancelled"]
    assert told == ["Cancelling"]


def test_cancelled_before_it_begins(server: FakeServer) -> None:
    def cancelling(run: FlowRun, state: StateCreate) -> OrchestrationResult | None:
        if state.type is not StateType.RUNNING:
            return None
        server.accept(run, StateCreate(type=StateType.CANCELLING))
        return server.reject(run, None)

    server.rules.append(cancelling)

    @flow
    def my_flow() -> None:
        raise AssertionError("must not run")

    state = my_flow(return_state=True)

    assert state.is_cancelled()
    assert state.message == "Flow run was cancelled before execution started."


def test_parameters_are_validated_and_converted(server: FakeServer) -> None:
    @flow
    def my_flow(n: int, who: Person) -> tuple[int, str]:
        return n, who.name

    assert my_flow("5", who={"name": "ann"}) == (5, "ann")  # pyright: ignore[reportArgumentType] - what is tested


def test_invalid_parameters_fail_the_run_before_it_runs(server: FakeServer) -> None:
    @flow
    def my_flow(n: int, ok: str = "") -> None: ...

    with pytest.raises(ParameterTypeError, match=" - n: Input should be a valid integer"):
        my_flow("many")  # pyright: ignore[reportArgumentType] - what is tested
    assert server.state_names() == ["Pending", "Failed"]
    assert str(server.last_state().message).startswith(
        "Validation of flow parameters failed with error: ParameterTypeError: "
    )


def test_validation_can_be_left_out(server: FakeServer) -> None:
    @flow(validate_parameters=False)
    def my_flow(n: int) -> object:
        return n

    assert my_flow("5") == "5"  # pyright: ignore[reportArgumentType] - what is tested


def test_defaults_need_not_fit_their_hints(server: FakeServer) -> None:
    @flow
    def my_flow(n: int = None, names: list[str] = ()) -> object:  # noqa: RUF013  # pyright: ignore[reportArgumentType] - what is tested
        return [n, names]

    assert my_flow() == [None, ()]
    assert my_flow("3") == [3, ()]  # pyright: ignore[reportArgumentType] - what is tested


def test_hint_that_cannot_be_read_does_not_switch_off_the_others(server: FakeServer) -> None:
    @flow
    def my_flow(a: list[Unknown], b: Unknown, c: int) -> object:  # noqa: F821  # pyright: ignore[reportUndefinedVariable, reportUnknownParameterType] - what is tested
        return [a, b, c]  # pyright: ignore[reportUnknownVariableType] - as above

    assert my_flow([1], 2, "3") == [[1], 2, 3]  # pyright: ignore[reportArgumentType] - what is tested


def test_broken_name_fails_the_run(server: FakeServer) -> None:
    @task(task_run_name="{missing}")
    def my_task() -> None: ...

    @flow(flow_run_name="{missing}")
    def my_flow() -> None: ...

    assert my_task(return_state=True).is_failed()
    with pytest.raises(ValueError, match="'missing', which is not a parameter"):
        my_flow()
    assert server.state_names() == ["Pending", "Failed"]


def test_unserialisable_parameters_become_placeholders(server: FakeServer) -> None:
    @flow
    def my_flow(lock: Any, many: list[Any], **more: int) -> None: ...  # Any: whatever the test passes

    my_flow(threading.Lock(), [object(), 1], x=1)

    assert server.only_flow_run.parameters == {"lock": "<lock>", "many": ["<object>", 1], "x": 1}


def test_wrong_arguments_make_no_run(server: FakeServer) -> None:
    @flow
    def my_flow(n: int) -> None: ...

    with pytest.raises(ParameterBindError):
        my_flow(1, 2)  # pyright: ignore[reportCallIssue] - what is tested
    assert server.requests == []


def test_names(server: FakeServer) -> None:
    @flow(flow_run_name="day-{day}")
    def my_flow(day: str) -> None: ...

    my_flow("monday")

    assert server.only_flow_run.name == "day-monday"
    assert flow(name="My flow")(my_flow.fn).name == "My flow"
    assert flow(lambda: None).name == "unknown-lambda"
    with pytest.raises(InvalidNameError, match="a/b"):
        flow(name="a/b")(my_flow.fn)


def test_options_can_be_changed_on_a_copy(server: FakeServer) -> None:
    @flow(name="first", retries=1)
    def my_flow(number: int) -> int:
        return number

    changed = my_flow.with_options(name="second", retries=0, flow_run_name="run-{number}")

    assert (changed.name, my_flow.name) == ("second", "first")
    assert changed(5) == 5
    run = server.only_flow_run
    assert (run.name, run.empirical_policy.retries) == ("run-5", 0)


def test_version_is_of_the_file() -> None:
    @flow
    def my_flow() -> None: ...

    assert my_flow.version is not None
    assert len(my_flow.version) == 32
    assert flow(version="3")(my_flow.fn).version == "3"


def test_tags(server: FakeServer) -> None:
    @flow
    def my_flow() -> None: ...

    with tags("nightly"):
        my_flow()

    assert server.only_flow_run.tags == ["nightly"]


def test_time_limit(server: FakeServer) -> None:
    @flow(timeout_seconds=0.05)
    def my_flow() -> None:
        time.sleep(10)

    state = my_flow(return_state=True)

    assert (state.name, state.message) == ("TimedOut", "Flow run exceeded timeout of 0.05 second(s)")


def test_own_limit_of_a_task_does_not_end_that_of_its_flow(server: FakeServer) -> None:
    @task(timeout_seconds=5)
    def short() -> None: ...

    @flow(timeout_seconds=0.1)
    def my_flow() -> None:
        short()
        time.sleep(10)

    began = time.monotonic()
    assert my_flow(return_state=True).name == "TimedOut"
    assert time.monotonic() - began < 5


def test_unawaited_futures_do_not_hold_back_the_end(server: FakeServer) -> None:
    going, release = threading.Event(), threading.Event()

    @task
    def slow() -> None:
        going.set()
        assert release.wait(10)

    def let_go_once_the_other_is_cancelled() -> None:
        futures[1].wait(timeout=5)
        release.set()

    def let_go(_run: FlowRun, state: StateCreate) -> None:
        if state.type is StateType.COMPLETED:
            threading.Thread(target=let_go_once_the_other_is_cancelled).start()

    server.rules.append(let_go)

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=1))
    def my_flow() -> list[OstinatoFuture[None]]:
        futures.extend([slow.submit(), slow.submit()])
        assert going.wait(10)
        return []

    futures: list[OstinatoFuture[None]] = []
    my_flow()

    assert server.state_names()[-1] == "Completed"
    assert [future.state.name for future in futures] == ["Completed", "Cancelled"]
    assert len(server.task_states()) == 1


def test_state_of_the_api_has_no_result() -> None:
    with pytest.raises(MissingResult):
        Completed().result()
    with pytest.raises(FailedRun, match="Run failed"):
        Failed().result()


def test_result_survives_return_state(server: FakeServer) -> None:
    @flow
    def my_flow() -> dict[str, int]:
        return {"a": 1}

    state = my_flow(return_state=True)

    assert state.result() == {"a": 1}
    assert state.state_details.flow_run_id == server.only_flow_run.id
