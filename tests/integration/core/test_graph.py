"""The graph of a flow run: nodes, edges, order, and what is left out."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from ostinato_core.db import tables
from ostinato_core.flow_runs.dependencies import read_dependencies
from ostinato_core.flow_runs.errors import FlowRunGraphNotFound, FlowRunGraphTooLarge, FlowRunIdNotFound
from ostinato_core.flow_runs.graph import read_graph
from ostinato_core.ids import new_id
from ostinato_wire.flow_runs import Graph
from ostinato_wire.task_runs import TaskRunDependencies
from tests.integration.core.population import START, Population, Row, insert_rows
from tests.support.workspace import Workspace

MANY = 100


def at(seconds: float) -> datetime:
    """Return a time after the start."""
    return START + timedelta(seconds=seconds)


def source(*ids: UUID) -> list[Row]:
    """Return inputs that are results of task runs."""
    return [{"input_type": "task_run", "id": str(id_)} for id_ in ids]


class Story:
    """A flow run whose task runs a test makes up."""

    def __init__(self, workspace: Workspace) -> None:
        made = Population.make(seed=3)
        self.workspace = workspace
        self.flow = made.flows[0]
        self.run = self.flow_run(made.flow_runs[0], name="outer", start_time=at(0), end_time=None)
        self.other = made.flow_runs[1]
        self._task = made.task_runs[0]
        self.tasks: list[Row] = []

    def flow_run(self, template: Row, **columns: Any) -> Row:  # Any: columns are of many types
        """Return a flow run of the story's flow."""
        return {**template, "id": new_id(), "flow_id": self.flow["id"], "parent_task_run_id": None, **columns}

    def task(self, name: str, start: float | None, end: float | None = None, **columns: Any) -> UUID:  # Any: as above
        """Make up a task run; return its id."""
        times = {
            "start_time": None if start is None else at(start),
            "expected_start_time": None if start is None else at(start),
            "end_time": None if end is None else at(end),
        }
        id_ = new_id()
        own: Row = {"id": id_, "name": name, "flow_run_id": self.run["id"], "dynamic_key": name, **times}
        state_type = "RUNNING" if end is None else "COMPLETED"
        self.tasks.append({**self._task, **own, "state_type": state_type, "task_inputs": {}, **columns})
        return id_

    async def insert(self, *children: Row) -> None:
        """Store the story."""
        await self.workspace.write(insert_rows, tables.flows, [self.flow])
        await self.workspace.write(insert_rows, tables.flow_runs, [self.run, *children])
        if self.tasks:
            await self.workspace.write(insert_rows, tables.task_runs, self.tasks)

    async def graph(self, since: datetime | None = None, most: int = MANY) -> Graph:
        """Return the graph, checked against the wire."""
        return Graph.model_validate(await self.workspace.read(read_graph, self.run["id"], since, most))


@pytest.fixture
def story(workspace: Workspace) -> Story:
    """A story that is not stored yet."""
    return Story(workspace)


async def test_nodes_are_ordered_by_start_and_then_by_end(story: Story) -> None:
    late = story.task("late", 5, 6)
    open_ = story.task("open", 1)
    short = story.task("short", 1, 2)
    story.task("unexpected", None)
    await story.insert()

    graph = await story.graph()

    assert [id_ for id_, _ in graph.nodes] == [short, open_, late]
    assert graph.root_node_ids == [short, open_, late]
    assert [(node.kind, node.label, node.start_time, node.end_time) for _, node in graph.nodes] == [
        ("task-run", "short", at(1), at(2)),
        ("task-run", "open", at(1), None),
        ("task-run", "late", at(5), at(6)),
    ]
    assert (graph.start_time, graph.end_time) == (at(0), None)


async def test_inputs_are_edges_each_once(story: Story) -> None:
    second = story.task("second", 2, 3)
    first = story.task("first", 1, 2)
    inputs = {
        "x": source(second, first),
        "y": source(first),
        "wait_for": source(new_id()),
        "z": [{"input_type": "constant", "type": "int"}],
    }
    last = story.task("last", 4, 5, task_inputs=inputs)
    await story.insert()

    nodes = dict((await story.graph()).nodes)

    assert [edge.id for edge in nodes[last].parents] == [first, second]
    assert [edge.id for edge in nodes[first].children] == [last]
    assert [edge.id for edge in nodes[second].children] == [last]
    assert nodes[last].children == nodes[first].parents == []
    assert (await story.graph()).root_node_ids == [first, second]


async def test_a_task_within_another_is_encapsulated_and_a_root(story: Story) -> None:
    outer = story.task("outer", 1, 5)
    inner = story.task("inner", 2, 3, task_inputs={"__parents__": source(outer)})
    await story.insert()

    graph = await story.graph()
    nodes = dict(graph.nodes)

    assert [edge.id for edge in nodes[inner].encapsulating] == [outer]
    assert nodes[inner].parents == nodes[outer].children == []
    assert graph.root_node_ids == [outer, inner]


async def test_a_child_run_stands_for_its_parent_task(story: Story) -> None:
    parent = story.task("child-0", 1, 2)
    after = story.task("after", 6, 7, task_inputs={"x": source(parent)})
    times = {"start_time": at(2), "end_time": at(5), "state_type": "FAILED"}
    child = story.flow_run(story.other, name="inner", **times) | {"parent_task_run_id": parent}
    await story.insert(child)

    graph = await story.graph()
    nodes = dict(graph.nodes)

    assert list(nodes) == [child["id"], after]
    node = nodes[child["id"]]
    assert (node.kind, node.label, node.state_type) == ("flow-run", f"{story.flow['name']} / inner", "FAILED")
    assert (node.start_time, node.end_time) == (at(2), at(5))
    assert [edge.id for edge in nodes[after].parents] == [child["id"]]
    assert [edge.id for edge in node.children] == [after]


async def test_a_completed_run_without_an_end_ended_when_it_was_expected(story: Story) -> None:
    story.task("cached", 3, None, state_type="COMPLETED")
    story.task("waiting", 4, None, state_type="PENDING")
    await story.insert()

    assert [node.end_time for _, node in (await story.graph()).nodes] == [at(3), None]


async def test_nodes_that_ended_before_are_left_out(story: Story) -> None:
    story.task("before", 1, 2)
    just = story.task("just", 1, 3)
    still = story.task("still", 2)
    await story.insert()

    assert [id_ for id_, _ in (await story.graph(since=at(3))).nodes] == [just, still]


async def test_the_states_of_the_run_are_shown_in_order(story: Story) -> None:
    await story.insert()
    rows: list[Row] = [
        {"id": new_id(), "flow_run_id": story.run["id"], "timestamp": at(n), "type": t, "name": t, "state_details": {}}
        for n, t in ((2, "RUNNING"), (1, "PENDING"))
    ]
    await story.workspace.write(insert_rows, tables.flow_run_states, rows)

    assert [state.type for state in (await story.graph()).states] == ["PENDING", "RUNNING"]


async def test_a_graph_that_is_too_large_is_refused(story: Story) -> None:
    for number in range(3):
        story.task(f"task {number}", number)
    await story.insert()

    assert len((await story.graph(most=3)).nodes) == 3
    with pytest.raises(FlowRunGraphTooLarge, match=f"The graph of flow run {story.run['id']} has more than 2 nodes"):
        await story.graph(most=2)


async def test_a_missing_run_is_told(workspace: Workspace) -> None:
    missing = new_id()

    with pytest.raises(FlowRunGraphNotFound, match=f"^Flow run {missing} not found$"):
        await workspace.read(read_graph, missing, None, MANY)
    with pytest.raises(FlowRunIdNotFound, match=f"^Flow run with id {missing} not found$"):
        await workspace.read(read_dependencies, missing)


async def test_dependencies_are_listed_once(story: Story) -> None:
    first = story.task("first", 1, 2, state_details={"untrackable_result": True})
    inputs = {"x": source(first), "y": source(first), "p": [{"input_type": "parameter", "name": "p"}]}
    second = story.task("second", 3, 4, task_inputs=inputs)
    await story.insert()

    found = await story.workspace.read(read_dependencies, story.run["id"])

    read = [TaskRunDependencies.model_validate(each) for each in found]
    assert [(each.id, [edge.id for edge in each.upstream_dependencies]) for each in read] == [
        (first, []),
        (second, [first]),
    ]
    assert [each.untrackable_result for each in read] == [True, False]
