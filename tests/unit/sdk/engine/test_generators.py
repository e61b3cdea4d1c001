"""Flows and tasks that are generators."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator

import pytest

from ostinato import flow, task
from ostinato.context import TaskRunContext
from tests.support.engine import FakeServer


@task
def count(n: int) -> Generator[int]:
    for i in range(n):
        assert TaskRunContext.get() is not None
        yield i


@task
async def count_later(n: int) -> AsyncGenerator[int]:
    for i in range(n):
        await asyncio.sleep(0)
        yield i


def test_items_come_one_by_one(server: FakeServer) -> None:
    items = count(2)

    assert server.events == []
    assert next(items) == 0
    assert server.only_task_states() == ["Pending", "Running"]
    assert TaskRunContext.get() is None
    assert list(items) == [1]
    assert server.only_task_states() == ["Pending", "Running", "Completed"]


def test_async_items(server: FakeServer) -> None:
    async def consume() -> list[int]:
        return [item async for item in count_later(3)]

    assert asyncio.run(consume()) == [0, 1, 2]
    assert server.only_task_states() == ["Pending", "Running", "Completed"]


def test_consumer_may_stop_reading(server: FakeServer) -> None:
    cleaned: list[bool] = []

    @task
    def endless() -> Generator[int]:
        try:
            while True:
                yield 1
        finally:
            cleaned.append(TaskRunContext.get() is not None)

    items = endless()
    assert next(items) == 1
    items.close()

    assert cleaned == [True]
    assert server.only_task_states() == ["Pending", "Running", "Completed"]


def test_async_consumer_may_stop_reading(server: FakeServer) -> None:
    cleaned: list[bool] = []

    @flow
    async def endless() -> AsyncGenerator[int]:
        try:
            while True:
                yield 1
        finally:
            await asyncio.sleep(0)
            cleaned.append(True)

    async def consume() -> None:
        items = endless()
        assert await anext(items) == 1
        await items.aclose()

    asyncio.run(consume())
    assert cleaned == [True]
    assert server.state_names() == ["Pending", "Running", "Completed"]


def test_failure_reaches_the_consumer(server: FakeServer) -> None:
    @flow
    def breaks() -> Generator[int]:
        yield 1
        raise ValueError("bad")

    items = breaks()
    assert next(items) == 1
    with pytest.raises(ValueError, match="bad"):
        next(items)
    assert server.state_names() == ["Pending", "Running", "Failed"]


def test_generator_flow_runs_tasks(server: FakeServer) -> None:
    @flow
    def stream() -> Generator[int]:
        yield from count(2)
        yield from count.submit(2).result()

    assert list(stream()) == [0, 1, 0, 1]
    assert len(server.task_states()) == 2


def test_submitted_generator_gives_a_list(server: FakeServer) -> None:
    @flow
    def parent() -> list[list[int]]:
        return [count.submit(2).result(), count_later.submit(2).result()]  # pyright: ignore[reportReturnType] - the engine makes lists

    assert parent() == [[0, 1], [0, 1]]


def test_state_of_a_generator_has_the_list(server: FakeServer) -> None:
    assert count(3, return_state=True).result() == [0, 1, 2]
