"""`submit` and `map`: futures, dependencies between runs, and the thread-pool runner."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from ostinato import allow_failure, flow, task, unmapped
from ostinato.context import FlowRunContext
from ostinato.exceptions import MappingLengthMismatch, MappingMissingIterable, UpstreamTaskError
from ostinato.futures import (
    OstinatoFuture,
    OstinatoFutureList,
    as_completed,
    resolve_futures_to_results,
    resolve_futures_to_states,
    wait,
)
from ostinato.settings import temporary_settings
from ostinato.task_runners import TaskRunner, ThreadPoolTaskRunner
from ostinato.utilities.annotations import opaque, quote
from tests.support.engine import FakeServer

# Any below: tasks that take and return whatever a test passes.


@task
def echo(value: Any) -> Any:
    return value


@task
def fail() -> Any:
    raise ValueError("bad")


@task
def name_of(value: Any) -> str:
    return type(value[0]).__name__


@task
async def add_later(a: int, b: int) -> int:
    await asyncio.sleep(0)
    return a + b


def run_in_flow(function: Callable[[], Any], **options: Any) -> Any:
    """Run `function` as a flow and return what it returns."""
    return flow(function, **options)()


def edges(server: FakeServer, name: str) -> dict[str, list[dict[str, str]]]:
    """The edges of the last run of the task of that name."""
    records = [event["payload"]["task_run"] for event in server.task_events]
    return [record["task_inputs"] for record in records if record["name"].startswith(name)][-1]


def test_future_gives_result_and_state(server: FakeServer) -> None:
    def body() -> tuple[int, str | None, bool]:
        future = echo.submit(3)
        return future.result(timeout=10), future.state.name, future.done()

    assert run_in_flow(body) == (3, "Completed", True)
    assert server.only_task_states() == ["Pending", "Running", "Completed"]


def test_async_task_can_be_submitted_from_a_sync_flow(server: FakeServer) -> None:
    assert run_in_flow(lambda: add_later.submit(1, b=2).result()) == 3


def test_sync_and_async_tasks_can_be_submitted_from_an_async_flow(server: FakeServer) -> None:
    @flow
    async def body() -> list[int]:
        return [add_later.submit(1, 2).result(), echo.submit(4).result()]

    assert asyncio.run(body()) == [3, 4]


def test_failure_is_raised_or_returned(server: FakeServer) -> None:
    def body() -> str:
        future = fail.submit()
        with pytest.raises(ValueError, match="bad"):
            future.result()
        return str(future.result(raise_on_failure=False))

    assert run_in_flow(body) == "bad"


def test_result_in_time_or_timeout_error(server: FakeServer) -> None:
    release = threading.Event()

    @task
    def block() -> None:
        assert release.wait(10)

    def body() -> str:
        future = block.submit()
        server.wait_for_event("prefect.task-run.Running")
        future.wait(timeout=0.01)
        assert future.state.is_running()
        with pytest.raises(TimeoutError, match=str(future.task_run_id)):
            future.result(timeout=0.01)
        release.set()
        future.wait()
        return str(future.state.name)

    assert run_in_flow(body) == "Completed"


def test_time_limit_in_a_thread_interrupts_python_code(server: FakeServer) -> None:
    @task(timeout_seconds=0.05)
    def spin() -> None:
        while True:
            try:
                sum(range(100))
            except Exception:  # noqa: BLE001 - what is tested: the limit is not swallowed
                continue

    assert run_in_flow(lambda: [str(spin.submit(return_state=True).name)]) == ["TimedOut"]


def test_time_limit_in_a_thread_leaves_the_thread_usable(server: FakeServer) -> None:
    @task(timeout_seconds=0.01)
    def block(seconds: float) -> None:
        threading.Event().wait(seconds)

    def body() -> Any:
        states = [block.submit(0.05, return_state=True), echo.submit(1, return_state=True)]
        return [str(state.name) for state in states]

    assert run_in_flow(body, task_runner=ThreadPoolTaskRunner(max_workers=1)) == ["TimedOut", "Completed"]


@dataclass
class Pair:
    """A value with members."""

    left: Any
    right: Any


class Model(BaseModel):
    """A value with checked members."""

    number: Any


WRAPPED: list[tuple[Callable[[Any], Any], Any]] = [
    (lambda f: f, 7),
    (lambda f: [f, 1], [7, 1]),
    (lambda f: {"a": (f,)}, {"a": (7,)}),
    (lambda f: {f}, {7}),
    (lambda f: Pair(f, 1), Pair(7, 1)),
    (lambda f: Model(number=[f]), Model(number=[7])),
    (opaque, 7),
    (unmapped, 7),
    (allow_failure, 7),
]


@pytest.mark.parametrize(("wrap", "expected"), WRAPPED)
def test_futures_anywhere_in_arguments_become_results(
    server: FakeServer, wrap: Callable[[Any], Any], expected: Any
) -> None:
    def body() -> Any:
        future = echo.submit(7)
        result = echo.with_options(name="consumer").submit(wrap(future)).result()
        assert edges(server, "consumer") == {"value": [{"input_type": "task_run", "id": str(future.task_run_id)}]}
        return [result]

    assert run_in_flow(body) == [expected]


def test_quoted_futures_stay_futures(server: FakeServer) -> None:
    def body() -> None:
        future = echo.submit(7)
        assert name_of(quote([future])) == "OstinatoConcurrentFuture"
        assert name_of([future]) == "int"

    run_in_flow(body)


def test_states_are_resolved_too(server: FakeServer) -> None:
    def body() -> None:
        state = echo(7, return_state=True)
        assert echo.with_options(name="consumer")([state]) == [7]
        run_id = str(state.state_details.task_run_id)
        assert edges(server, "consumer") == {"value": [{"input_type": "task_run", "id": run_id}]}

    run_in_flow(body)


def test_plain_results_draw_edges(server: FakeServer) -> None:
    def body() -> None:
        items = echo(["first element", "second element"])
        echo.with_options(name="consumer")(items[1])
        assert len(edges(server, "consumer")["value"]) == 1
        echo.with_options(name="small")(echo(5))
        assert edges(server, "small")["value"] == []

    run_in_flow(body)


def test_failed_upstream_keeps_the_consumer_from_running(server: FakeServer) -> None:
    def body() -> Any:
        failed = fail.submit()
        consumer = echo.submit(failed)
        after = echo.submit(1, wait_for=[failed])
        wait([consumer, after])
        return [[consumer.state.name, after.state.name], str(consumer.state.message), failed.task_run_id]

    names, message, failed_id = run_in_flow(body)

    assert names == ["NotReady", "NotReady"]
    assert message == f"Upstream task run '{failed_id}' did not reach a 'COMPLETED' state."


def test_allowed_failure_is_the_exception(server: FakeServer) -> None:
    def body() -> Any:
        failed = fail.submit()
        unready = echo.submit(failed)
        return [echo.submit(allow_failure(x)).result() for x in (failed, [failed], unready)]

    one, many, unready = run_in_flow(body)

    assert isinstance(one, ValueError)
    assert isinstance(many[0], ValueError)
    assert isinstance(unready, UpstreamTaskError)


def test_wait_for_is_an_edge(server: FakeServer) -> None:
    def body() -> None:
        first = echo.submit(1)
        echo.with_options(name="consumer")(2, wait_for=[first])
        assert edges(server, "consumer")["wait_for"] == [{"input_type": "task_run", "id": str(first.task_run_id)}]

    run_in_flow(body)


def test_run_objects_are_no_arguments(server: FakeServer) -> None:
    def body() -> None:
        context = FlowRunContext.get()
        assert context is not None
        with pytest.raises(TypeError, match="opaque"):
            echo(context.flow_run)
        assert echo(opaque(context.flow_run)) is context.flow_run

    run_in_flow(body)


@task
def combine(a: Any, b: Any = 10, *rest: Any, **more: Any) -> Any:
    return (a, b, rest, more)


def test_map_zips_iterables_and_repeats_the_rest(server: FakeServer) -> None:
    def body() -> Any:
        return [
            echo.map([1, 2, 3]).result(),
            combine.map([1, 2], b=unmapped([0])).result(),
            combine.map([1, 2], "text", [3, 4], key=[5, 6]).result(),
            combine.map(echo.submit([1, 2]), [echo.submit(3), 4]).result(),
        ]

    one, two, three, four = run_in_flow(body)

    assert one == [1, 2, 3]
    assert two == [(1, [0], (), {}), (2, [0], (), {})]
    assert three == [(1, "text", (3,), {"key": 5}), (2, "text", (4,), {"key": 6})]
    assert four == [(1, 3, (), {}), (2, 4, (), {})]


def test_map_over_a_future_draws_edges_from_it(server: FakeServer) -> None:
    def body() -> None:
        source = echo.submit([1, 2])
        echo.with_options(name="child").map(source).wait()
        assert edges(server, "child")["value"] == [{"input_type": "task_run", "id": str(source.task_run_id)}]

    run_in_flow(body)


def test_map_can_return_states(server: FakeServer) -> None:
    def body() -> Any:
        return [str(state.name) for state in echo.map([1, 2], return_state=True)]

    assert run_in_flow(body) == ["Completed", "Completed"]


def test_map_refuses_what_it_cannot_spread(server: FakeServer) -> None:
    def body() -> None:
        with pytest.raises(MappingMissingIterable, match="value"):
            echo.map("text")
        with pytest.raises(MappingLengthMismatch, match="'a': 2, 'b': 1"):
            combine.map([1, 2], [1])

    run_in_flow(body)


def test_result_of_a_map_fails_with_the_first_failure(server: FakeServer) -> None:
    @task
    def check(x: int) -> int:
        if x % 2:
            raise ValueError(f"odd: {x}")
        return x

    def body() -> Any:
        futures = check.map([2, 3, 5])
        assert isinstance(futures, OstinatoFutureList)
        with pytest.raises(ValueError, match="odd: 3"):
            futures.result()
        return [str(x) for x in futures.result(raise_on_failure=False)]

    assert run_in_flow(body) == ["2", "odd: 3", "odd: 5"]


def test_wait_and_as_completed(server: FakeServer) -> None:
    release = threading.Event()

    @task
    def block() -> int:
        assert release.wait(10)
        return 1

    def body() -> Any:
        slow, quick = block.submit(), echo.submit(2)
        done, not_done = wait([slow, quick], timeout=0.2)
        assert (done, not_done) == ({quick}, {slow})
        with pytest.raises(TimeoutError, match="1 of 2"):
            list(as_completed([slow, quick], timeout=0.01))
        order: list[OstinatoFuture[Any]] = []
        for future in as_completed([slow, quick]):
            order.append(future)
            release.set()
        assert order == [quick, slow]
        called: list[Any] = []
        slow.add_done_callback(called.append)
        return called == [slow]

    assert run_in_flow(body)


def test_resolving_structures(server: FakeServer) -> None:
    def body() -> None:
        nested = {"a": [echo.submit(1)], "b": 2}
        assert resolve_futures_to_results(nested) == {"a": [1], "b": 2}
        assert resolve_futures_to_states(nested)["a"][0].is_completed()

    run_in_flow(body)


def test_runner_limits_its_threads(server: FakeServer) -> None:
    running: list[int] = []
    most: list[int] = []
    lock = threading.Lock()

    @task
    def count(_: int) -> None:
        with lock:
            running.append(1)
            most.append(len(running))
        with lock:
            running.pop()

    run_in_flow(lambda: count.map(range(20)).wait(), task_runner=ThreadPoolTaskRunner(max_workers=2))

    assert len(most) == 20
    assert max(most) <= 2


def test_a_setting_limits_the_threads(server: FakeServer) -> None:
    both = threading.Barrier(2)

    @task
    def meet(_: int) -> int:
        both.wait(60)
        return threading.get_ident()

    with temporary_settings({"tasks.runner.thread_pool_max_workers": 2}):
        threads = run_in_flow(lambda: meet.map(range(6)).result())

    assert len(set(threads)) == 2


def test_runner_sees_the_callers_context(server: FakeServer) -> None:
    from ostinato import tags

    def body() -> Any:
        with tags("inner"):
            echo.submit(1).wait()
        return server.task_events[-1]["payload"]["task_run"]["tags"]

    assert run_in_flow(body) == ["inner"]


def test_nested_submits_from_a_full_pool_warn(server: FakeServer) -> None:
    @task
    def outer() -> None:
        with pytest.warns(UserWarning, match="neither can go on"):
            echo.submit(1)

    run_in_flow(lambda: outer.submit().result(), task_runner=ThreadPoolTaskRunner(max_workers=1))


def test_runner_interface(server: FakeServer) -> None:
    runner = ThreadPoolTaskRunner(max_workers=3)

    assert runner.name == "threadpool"
    assert isinstance(runner.duplicate(), TaskRunner)
    with pytest.raises(RuntimeError, match="not started"):
        runner.submit(echo, {"value": 1})
    with runner, pytest.raises(RuntimeError, match="started already"):
        runner.__enter__()
    with pytest.raises(ValueError, match="at least 1"):
        ThreadPoolTaskRunner(max_workers=0)


def test_crash_in_a_thread_is_the_state_of_the_future(server: FakeServer) -> None:
    @task
    def leave() -> None:
        raise SystemExit(3)

    def body() -> Any:
        future = leave.submit()
        future.wait()
        return [future.state.name, future.state.message]

    assert run_in_flow(body) == ["Crashed", "Execution was aborted by Python system exit call."]
    assert server.only_task_states() == ["Pending", "Running", "Crashed"]
