"""Flows: made once by name, changed, deleted with what belongs to them; each change is told by an event."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from ostinato_core.db.tables import events
from ostinato_core.flow_runs import operations as flow_runs
from ostinato_core.flows import operations as flows
from ostinato_core.flows.errors import FlowNotFound
from ostinato_core.ids import new_id
from ostinato_core.task_runs import operations as task_runs
from ostinato_core.transaction import Transaction
from ostinato_wire.flows import Flow, FlowCreate, FlowUpdate
from ostinato_wire.queries import FlowRunsQuery, FlowsBulkDelete, FlowsQuery, TaskRunsQuery
from tests.integration.core.population import Population, Row
from tests.support.workspace import Workspace


async def told(tx: Transaction) -> list[dict[str, Any]]:  # Any: members of events
    """Return the workspace's events in order."""
    columns = (events.c.event, events.c.resource, events.c.payload)
    found = await tx.rows(select(*columns).where(events.c.workspace_id == tx.workspace_id).order_by(events.c.position))
    return [dict(row) for row in found]


async def test_a_flow_is_made_once_by_name(workspace: Workspace) -> None:
    first, is_new = await workspace.write(flows.create_flow, FlowCreate(name="etl", tags=["a"], labels={"n": 1}))
    second, is_new_again = await workspace.write(flows.create_flow, FlowCreate(name="etl", tags=["b"]))

    assert (is_new, is_new_again) == (True, False)
    assert second == first
    assert (first["tags"], first["labels"]) == (["a"], {"n": 1})
    assert Flow.model_validate(first).id == first["id"]


async def test_flows_of_one_name_made_at_once_are_one(workspace: Workspace) -> None:
    made = await asyncio.gather(*(workspace.write(flows.create_flow, FlowCreate(name="etl")) for _ in range(8)))

    assert len({flow["id"] for flow, _ in made}) == 1
    assert sum(is_new for _, is_new in made) == 1


async def test_a_flow_is_found_by_id_and_by_name(workspace: Workspace) -> None:
    flow, _ = await workspace.write(flows.create_flow, FlowCreate(name="etl"))

    assert await workspace.read(flows.read_flow, flow["id"]) == flow
    assert await workspace.read(flows.read_flow_by_name, "etl") == flow


async def test_what_is_missing_is_told(workspace: Workspace) -> None:
    for operation, key in ((flows.read_flow, new_id()), (flows.delete_flow, new_id())):
        with pytest.raises(FlowNotFound, match="Flow not found"):
            await workspace.write(operation, key)
    with pytest.raises(FlowNotFound):
        await workspace.read(flows.read_flow_by_name, "none")
    with pytest.raises(FlowNotFound):
        await workspace.write(flows.update_flow, new_id(), FlowUpdate(tags=["x"]))


async def test_only_members_that_are_present_are_written(workspace: Workspace) -> None:
    flow, _ = await workspace.write(flows.create_flow, FlowCreate(name="etl", tags=["a"]))

    await workspace.write(flows.update_flow, flow["id"], FlowUpdate())
    assert (await workspace.read(flows.read_flow, flow["id"]))["tags"] == ["a"]

    await workspace.write(flows.update_flow, flow["id"], FlowUpdate(tags=["b", "b"]))
    changed = await workspace.read(flows.read_flow, flow["id"])
    assert changed["tags"] == ["b", "b"]
    assert changed["updated"] > flow["updated"]


async def test_each_change_is_told_by_an_event(workspace: Workspace) -> None:
    flow, _ = await workspace.write(flows.create_flow, FlowCreate(name="etl", tags=["a"]))
    await workspace.write(flows.create_flow, FlowCreate(name="etl"))
    await workspace.write(flows.update_flow, flow["id"], FlowUpdate(tags=["b"]))
    await workspace.write(flows.delete_flow, flow["id"])

    resource = {"prefect.resource.id": f"prefect.flow.{flow['id']}", "prefect.resource.name": "etl"}
    payloads: list[Row] = [{"name": "etl", "tags": [tag], "labels": {}} for tag in ("a", "b", "b")]
    names = ["prefect.flow.created", "prefect.flow.updated", "prefect.flow.deleted"]
    assert await workspace.read(told) == [
        {"event": name, "resource": resource, "payload": payload} for name, payload in zip(names, payloads, strict=True)
    ]


async def test_a_deleted_flow_takes_its_runs_along_but_no_child_of_them(workspace: Workspace) -> None:
    made = Population.make(seed=1)
    await workspace.write(made.insert)
    gone, *_ = made.flows
    runs = {run["id"] for run in made.flow_runs if run["flow_id"] == gone["id"]}
    tasks = {task["id"] for task in made.task_runs if task["flow_run_id"] in runs}
    children = [run for run in made.flow_runs if run["parent_task_run_id"] in tasks and run["id"] not in runs]
    assert runs
    assert tasks
    assert children

    await workspace.write(flows.delete_flow, gone["id"])

    left = {run["id"]: run for run in await workspace.read(flow_runs.read_flow_runs, FlowRunsQuery(), 1000)}
    assert left.keys() == {run["id"] for run in made.flow_runs} - runs
    assert [left[child["id"]]["parent_task_run_id"] for child in children] == [None] * len(children)
    left_tasks = await workspace.read(task_runs.read_task_runs, TaskRunsQuery(), 1000)
    assert {task["id"] for task in left_tasks} == {task["id"] for task in made.task_runs} - tasks


async def test_flows_are_deleted_in_order_of_name(workspace: Workspace) -> None:
    for name in ("c", "a", "b", "x"):
        await workspace.write(flows.create_flow, FlowCreate(name=name))
    by_name = {flow["name"]: flow["id"] for flow in await workspace.read(flows.read_flows, FlowsQuery(), 10)}
    body = {"flows": {"name": {"any_": ["a", "b", "c"]}}, "limit": 2}

    assert await workspace.write(flows.delete_flows, FlowsBulkDelete.model_validate(body)) == {
        "deleted": [by_name["a"], by_name["b"]]
    }
    assert [flow["name"] for flow in await workspace.read(flows.read_flows, FlowsQuery(), 10)] == ["c", "x"]


async def test_deleting_flows_that_do_not_exist_deletes_nothing(workspace: Workspace) -> None:
    body: Row = {"flows": {"name": {"any_": []}}}

    assert await workspace.write(flows.delete_flows, FlowsBulkDelete.model_validate(body)) == {"deleted": []}


async def test_another_workspace_cannot_touch_a_flow(workspace: Workspace) -> None:
    flow, _ = await workspace.write(flows.create_flow, FlowCreate(name="etl"))
    other = Workspace(workspace.database, new_id())

    with pytest.raises(FlowNotFound):
        await other.write(flows.delete_flow, flow["id"])
    with pytest.raises(FlowNotFound):
        await other.write(flows.update_flow, flow["id"], FlowUpdate(tags=["x"]))
    assert await workspace.read(flows.read_flow, flow["id"]) == flow
