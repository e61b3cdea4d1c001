"""Flow runs: reading, changing, deleting; lateness and inputs."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from ostinato_core.clock import utc_now
from ostinato_core.db import tables
from ostinato_core.errors import Invalid
from ostinato_core.flow_runs import inputs
from ostinato_core.flow_runs import operations as flow_runs
from ostinato_core.flow_runs.errors import (
    FlowRunIdNotFound,
    FlowRunInputExists,
    FlowRunInputNotFound,
    FlowRunNotFound,
    JobVariablesFixed,
    ParametersTooLarge,
)
from ostinato_core.ids import new_id
from ostinato_core.logs import operations as logs
from ostinato_core.states import operations as states
from ostinato_core.task_runs import operations as task_runs
from ostinato_wire.flow_runs import FlowRun, FlowRunInputCreate, FlowRunInputFilter, FlowRunUpdate
from ostinato_wire.queries import (
    FlowRunHistoryQuery,
    FlowRunsBulkDelete,
    FlowRunsQuery,
    FlowRunsWhere,
    LogsQuery,
    TaskRunsQuery,
)
from tests.integration.core.population import Population, Row, insert_rows
from tests.support.workspace import Workspace

NO_LIMIT = 0


async def one_run(workspace: Workspace, **columns: Any) -> Row:  # Any: columns are of many types
    """Insert a flow and one run of it; return the run."""
    made = Population.make(seed=3)
    run = {**made.flow_runs[0], "flow_id": made.flows[0]["id"], "parent_task_run_id": None, **columns}
    await workspace.write(insert_rows, tables.flows, made.flows[:1])
    await workspace.write(insert_rows, tables.flow_runs, [run])
    return run


async def test_a_flow_run_is_read_as_the_wire_has_it(workspace: Workspace) -> None:
    run = await one_run(workspace, tags=["x", "x"], total_run_time=1.5, state_type="COMPLETED")

    found = await workspace.read(flow_runs.read_flow_run, run["id"])

    assert set(found) == set(FlowRun.model_fields)
    read = FlowRun.model_validate(found)
    assert (read.id, read.tags, read.total_run_time) == (run["id"], ["x", "x"], timedelta(seconds=1.5))
    assert read.state is not None
    assert read.state.id == run["state_id"]


async def test_only_members_that_are_present_are_changed(workspace: Workspace) -> None:
    run = await one_run(workspace, flow_version="v1", parameters={"x": 1}, empirical_policy={"retries": 2})
    before = await workspace.read(flow_runs.read_flow_run, run["id"])

    update = FlowRunUpdate.model_validate({"name": "new", "flow_version": None, "tags": ["t"]})
    await workspace.write(flow_runs.update_flow_run, run["id"], update, NO_LIMIT)

    after = await workspace.read(flow_runs.read_flow_run, run["id"])
    assert (after["name"], after["flow_version"], after["tags"]) == ("new", None, ["t"])
    assert (after["parameters"], after["empirical_policy"]) == (before["parameters"], before["empirical_policy"])
    assert after["updated"] > before["updated"]


@pytest.mark.parametrize("name", [None, ""])
async def test_a_run_without_a_name_gets_one(workspace: Workspace, name: str | None) -> None:
    run = await one_run(workspace)

    await workspace.write(flow_runs.update_flow_run, run["id"], FlowRunUpdate(name=name), NO_LIMIT)

    assert (await workspace.read(flow_runs.read_flow_run, run["id"]))["name"].count("-") == 1


async def test_a_policy_is_replaced_as_a_whole(workspace: Workspace) -> None:
    run = await one_run(workspace, empirical_policy={"retries": 2, "retry_delay": 3})
    update = FlowRunUpdate.model_validate({"empirical_policy": {"retries": 5}})

    await workspace.write(flow_runs.update_flow_run, run["id"], update, NO_LIMIT)

    policy = (await workspace.read(flow_runs.read_flow_run, run["id"]))["empirical_policy"]
    assert (policy["retries"], policy["retry_delay"], policy["pause_keys"]) == (5, None, [])


async def test_parameters_may_not_grow_beyond_the_limit(workspace: Workspace) -> None:
    run = await one_run(workspace)
    fits = FlowRunUpdate(parameters={"x": "y" * 92})
    too_large = FlowRunUpdate(parameters={"x": "y" * 93})

    await workspace.write(flow_runs.update_flow_run, run["id"], fits, 100)
    with pytest.raises(ParametersTooLarge, match=r"less than 100 bytes when serialized \(got 101 bytes\)"):
        await workspace.write(flow_runs.update_flow_run, run["id"], too_large, 100)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"state_id": None, "state_type": None}, "Flow run state is required to update job variables but none exists"),
        ({"state_type": "RUNNING"}, "Job variables for a flow run in state RUNNING cannot be updated"),
        ({"state_type": "SCHEDULED"}, "A deployment for the flow run could not be found"),
    ],
)
async def test_job_variables_are_fixed_without_a_deployment(workspace: Workspace, columns: Row, message: str) -> None:
    run = await one_run(workspace, **columns)

    with pytest.raises(JobVariablesFixed, match=message):
        await workspace.write(flow_runs.update_flow_run, run["id"], FlowRunUpdate(job_variables={"a": 1}), NO_LIMIT)


async def test_labels_are_merged(workspace: Workspace) -> None:
    run = await one_run(workspace, labels={"a": 1, "b": True})

    await asyncio.gather(
        workspace.write(flow_runs.merge_labels, run["id"], {"b": "two", "c.d": 1.5}),
        workspace.write(flow_runs.merge_labels, run["id"], {"e": False}),
    )

    labels = (await workspace.read(flow_runs.read_flow_run, run["id"]))["labels"]
    assert labels == {"a": 1, "b": "two", "c.d": 1.5, "e": False}
    assert labels["e"] is False


async def test_a_missing_run_is_told(workspace: Workspace) -> None:
    missing = new_id()

    with pytest.raises(FlowRunNotFound, match="Flow run not found"):
        await workspace.read(flow_runs.read_flow_run, missing)
    with pytest.raises(FlowRunNotFound):
        await workspace.write(flow_runs.update_flow_run, missing, FlowRunUpdate(name="x"), NO_LIMIT)
    with pytest.raises(FlowRunNotFound):
        await workspace.write(flow_runs.delete_flow_run, missing)
    with pytest.raises(FlowRunIdNotFound, match=f"Flow run with id {missing} not found"):
        await workspace.write(flow_runs.merge_labels, missing, {"a": 1})


async def test_a_deleted_run_takes_all_that_is_its_own_along(workspace: Workspace) -> None:
    made = Population.make(seed=1)
    await workspace.write(made.insert)
    by_run = {log["flow_run_id"] for log in made.logs}
    gone = next(
        run
        for run in made.flow_runs
        if run["id"] in by_run and any(task["flow_run_id"] == run["id"] for task in made.task_runs)
    )
    tasks = {task["id"] for task in made.task_runs if task["flow_run_id"] == gone["id"]}
    await workspace.write(inputs.create_input, gone["id"], FlowRunInputCreate(key="k", value="v"))
    history = {"id": new_id(), "flow_run_id": gone["id"], "timestamp": utc_now(), "type": "RUNNING", "name": "R"}
    await workspace.write(insert_rows, tables.flow_run_states, [{**history, "state_details": {}}])
    assert len(await workspace.read(states.read_flow_run_states, gone["id"])) == 1

    await workspace.write(flow_runs.delete_flow_run, gone["id"])

    left = await workspace.read(flow_runs.read_flow_runs, FlowRunsQuery(), 1000)
    assert {run["id"] for run in left} == {run["id"] for run in made.flow_runs} - {gone["id"]}
    assert not {run["parent_task_run_id"] for run in left} & tasks
    left_tasks = await workspace.read(task_runs.read_task_runs, TaskRunsQuery(), 1000)
    assert {task["id"] for task in left_tasks} == {task["id"] for task in made.task_runs} - tasks
    lines = await workspace.read(logs.read_logs, LogsQuery(), 1000)
    assert {line["id"] for line in lines} == {log["id"] for log in made.logs if log["flow_run_id"] != gone["id"]}
    assert await workspace.read(states.read_flow_run_states, gone["id"]) == []
    assert await workspace.read(inputs.read_inputs, gone["id"], FlowRunInputFilter(prefix="", limit=-1)) == []


async def test_runs_are_deleted_from_the_newest_on(workspace: Workspace) -> None:
    made = Population.make(seed=2)
    await workspace.write(made.insert)
    wanted = FlowRunsBulkDelete.model_validate({"flow_runs": {"name": {"any_": ["etl"]}}, "limit": 2})
    newest = sorted((run["id"] for run in made.flow_runs if run["name"] == "etl"), reverse=True)[:2]

    assert await workspace.write(flow_runs.delete_flow_runs, wanted) == {"deleted": newest}
    assert await workspace.read(flow_runs.count_flow_runs, FlowRunsWhere()) == len(made.flow_runs) - 2


async def test_another_workspace_cannot_delete_a_run(workspace: Workspace) -> None:
    run = await one_run(workspace)
    other = Workspace(workspace.database, new_id())

    with pytest.raises(FlowRunNotFound):
        await other.write(flow_runs.delete_flow_run, run["id"])
    assert await workspace.read(flow_runs.read_flow_run, run["id"])


async def test_lateness_is_the_average_of_what_each_run_answers(workspace: Workspace) -> None:
    made = Population.make(seed=4)
    await workspace.write(made.insert)
    runs = await workspace.read(flow_runs.read_flow_runs, FlowRunsQuery(), 1000)
    each = sum(run["estimated_start_time_delta"] for run in runs) / len(runs)

    average = await workspace.read(flow_runs.average_lateness, FlowRunsWhere())

    # Some runs wait since three weeks ago: the two readings are moments apart.
    assert average == pytest.approx(each, abs=5)
    assert each > 5
    nothing = FlowRunsWhere.model_validate({"flows": {"id": {"any_": []}}})
    assert await workspace.read(flow_runs.average_lateness, nothing) is None


async def test_an_input_is_stored_once_by_key(workspace: Workspace) -> None:
    run = await one_run(workspace)
    given = FlowRunInputCreate(key="a-1", value='{"x": "ü"}', sender="me")
    await workspace.write(inputs.create_input, run["id"], given)

    with pytest.raises(FlowRunInputExists, match="A flow run input with this key already exists"):
        await workspace.write(inputs.create_input, run["id"], given)
    with pytest.raises(FlowRunNotFound):
        await workspace.write(inputs.create_input, new_id(), given)
    assert await workspace.read(inputs.read_input_value, run["id"], "a-1") == '{"x": "ü"}'


async def test_inputs_are_listed_by_prefix_the_oldest_first(workspace: Workspace) -> None:
    run = await one_run(workspace)
    for key in ("b-2", "b-1", "b-3", "c"):
        await workspace.write(inputs.create_input, run["id"], FlowRunInputCreate(key=key, value="1"))

    async def keys(**wanted: Any) -> list[str]:  # Any: members of the filter
        found = await workspace.read(inputs.read_inputs, run["id"], FlowRunInputFilter.model_validate(wanted))
        return [given["key"] for given in found]

    assert await keys(prefix="b-") == ["b-2"]
    assert await keys(prefix="b-", limit=10) == ["b-2", "b-1", "b-3"]
    assert await keys(prefix="b-", limit=10, exclude_keys=["b-2"]) == ["b-1", "b-3"]
    assert await keys(prefix="", limit=-1) == ["b-2", "b-1", "b-3", "c"]
    assert await keys(prefix="_", limit=10) == []


async def test_a_deleted_input_is_gone(workspace: Workspace) -> None:
    run = await one_run(workspace)
    await workspace.write(inputs.create_input, run["id"], FlowRunInputCreate(key="k", value="v"))

    await workspace.write(inputs.delete_input, run["id"], "k")

    with pytest.raises(FlowRunInputNotFound, match="Flow run input not found"):
        await workspace.read(inputs.read_input_value, run["id"], "k")
    with pytest.raises(FlowRunInputNotFound):
        await workspace.write(inputs.delete_input, run["id"], "k")


async def test_an_interval_under_a_second_is_refused(workspace: Workspace) -> None:
    asked = {"history_start": utc_now(), "history_end": utc_now(), "history_interval_seconds": 0.9}

    with pytest.raises(Invalid, match=r"History interval must not be less than 1 second\."):
        await workspace.read(flow_runs.read_flow_run_history, FlowRunHistoryQuery.model_validate(asked))
