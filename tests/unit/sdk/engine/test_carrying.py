"""`with_context`: code of a run in threads and processes that Ostinato did not start."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from ostinato import flow, get_run_logger, tags, task
from ostinato.context import (
    FlowRunContext,
    TagsContext,
    TaskRunContext,
    get_run_context,
    hydrated_context,
    serialize_context,
    with_context,
)
from ostinato.exceptions import MissingContextError
from ostinato.runtime import flow_run
from ostinato.settings import get_current_settings, temporary_settings
from tests.support.engine import FakeServer


@task
def double(number: int) -> int:
    return number * 2


@task
def inner() -> str:
    return "inner"


def where() -> tuple[str | None, frozenset[str], str | None]:
    get_run_logger().info("here")
    return flow_run.id, TagsContext.current(), get_current_settings().api.url


def pickled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function as it would arrive in another process."""
    return pickle.loads(pickle.dumps(with_context(function)))


each = pytest.mark.parametrize("carried", [with_context, pickled])


@pytest.mark.usefixtures("server")
@each
def test_a_thread_is_where_the_flow_is(carried: Callable[[Any], Any]) -> None:
    @flow
    def outer() -> tuple[object, object]:
        with tags("nightly"), ThreadPoolExecutor(1) as pool:
            with pytest.raises(MissingContextError):
                pool.submit(where).result()
            return where(), pool.submit(carried(where)).result()

    expected, found = outer()
    assert found == expected


@each
def test_tasks_called_there_belong_to_the_run(carried: Callable[[Any], Any], server: FakeServer) -> None:
    @flow
    def outer() -> list[int]:
        with ThreadPoolExecutor(2) as pool:
            return [*pool.map(carried(double), range(3))]

    assert outer() == [0, 2, 4]
    assert set(server.task_states()) != set()
    for event in server.task_events:
        assert f"prefect.flow-run.{server.only_flow_run.id}" in [one["prefect.resource.id"] for one in event["related"]]


@each
def test_tasks_may_be_submitted_there(carried: Callable[[Any], Any], server: FakeServer) -> None:
    @flow
    def outer() -> int:
        def submit() -> int:
            return double.submit(4).result()

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(carried(submit)).result()

    assert outer() == 8


@each
def test_a_task_run_is_carried_too(carried: Callable[[Any], Any], server: FakeServer) -> None:
    def run_id() -> UUID:
        context = get_run_context()
        assert isinstance(context, TaskRunContext)
        inner()
        return context.task_run.id

    @task
    def outer() -> tuple[UUID, UUID]:
        with ThreadPoolExecutor(1) as pool:
            return run_id(), pool.submit(carried(run_id)).result()

    first, second = outer()
    assert first == second
    parents = [event["payload"]["task_run"]["task_inputs"].get("__parents__") for event in server.task_events]
    assert [{"input_type": "task_run", "id": str(first)}] in parents


@each
async def test_async_functions_stay_async(carried: Callable[[Any], Any], server: FakeServer) -> None:
    async def later() -> str | None:
        await asyncio.sleep(0)
        return flow_run.id

    made: list[Callable[..., Any]] = []

    @flow
    async def outer() -> None:
        made.append(carried(later))

    await outer()
    assert await made[0]() == str(server.only_flow_run.id)
    assert FlowRunContext.get() is None


def test_sub_flows_there_take_no_numbers_of_others(server: FakeServer) -> None:
    @flow
    def child() -> None:
        return None

    @flow
    def outer() -> None:
        with hydrated_context(serialize_context()):
            child()

    outer()
    assert [str(UUID(run.dynamic_key)) == run.dynamic_key for run in server.tracking_runs] == [True]


def test_settings_are_carried_without_a_run() -> None:
    before = get_current_settings().api.url
    with temporary_settings({"api.url": "http://there/api", "api.key": "k"}):
        context = serialize_context()
    with hydrated_context(context):
        assert get_current_settings().api.url == "http://there/api"
        assert (key := get_current_settings().api.key) is not None
        assert key.get_secret_value() == "k"
    with hydrated_context():
        assert get_current_settings().api.url == before != "http://there/api"
