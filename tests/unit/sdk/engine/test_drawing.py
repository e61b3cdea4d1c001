"""Drawing flows: the calls and what goes between them, without any run."""

from __future__ import annotations

import re
import shutil

import pytest

from ostinato import flow, task, unmapped
from ostinato.drawing import FlowNotDrawable, GraphvizNotFound
from tests.support.engine import FakeServer


@task
def extract() -> int:
    raise AssertionError("it ran")


@task(viz_return_value=[1, 2])
def listed() -> list[int]:
    raise AssertionError("it ran")


@task
def double(number: int, factor: int = 2) -> int:
    return number * factor


@task
async def later(number: int) -> int:
    return number


@flow
def inner(number: int) -> int:
    return number


def edges(dot: str) -> set[tuple[str, str]]:
    names = dict(re.findall(r'(n\d+) \[label="([^"]+)"', dot))
    return {(names[source], names[target]) for source, target in re.findall(r"(n\d+) -> (n\d+)", dot)}


def test_calls_and_what_goes_between_them(server: FakeServer) -> None:
    @flow(name="etl")
    def etl(start: int) -> None:
        number = double(extract())
        future = double.with_options(name="submitted").submit(number)
        many = double.with_options(name="mapped").map([1, future], unmapped(3))
        inner(future.result())
        extract.with_options(name="last")(wait_for=[many])

    dot = etl.to_dot(1)
    assert dot.startswith('digraph "etl" {')
    assert edges(dot) == {
        ("extract", "double"),
        ("double", "submitted"),
        ("submitted", "mapped"),
        ("submitted", "inner"),
        ("mapped", "last"),
    }
    assert server.flow_runs == {}
    assert server.events == []


def test_a_value_may_stand_for_a_result(server: FakeServer) -> None:
    @flow
    def etl() -> None:
        rows = listed()
        assert [row for row in rows if row > 1] == [2]
        inner(sum(rows))
        double(rows)  # pyright: ignore[reportArgumentType] - nothing runs

    assert edges(etl.to_dot()) == {("listed", "double")}


def test_what_looks_at_a_result_that_there_is_not_says_so(server: FakeServer) -> None:
    @flow
    def etl() -> None:
        if extract():
            double(1)

    with pytest.raises(FlowNotDrawable, match="viz_return_value"):
        etl.to_dot()


def test_async_flows_are_drawn_too(server: FakeServer) -> None:
    @flow
    async def etl() -> None:
        await later(await later(extract()))

    assert edges(etl.to_dot()) == {("extract", "later"), ("later", "later")}


def test_a_picture_needs_graphviz(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(_: str) -> None:
        return None

    monkeypatch.setattr(shutil, "which", nowhere)
    with pytest.raises(GraphvizNotFound, match="install Graphviz"):
        inner.visualize(1)
