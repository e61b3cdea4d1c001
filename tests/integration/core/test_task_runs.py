"""Task runs and the histories of states: reading, renaming, deleting."""

from datetime import timedelta
from uuid import UUID

import pytest

from ostinato_core.db import tables
from ostinato_core.ids import new_id
from ostinato_core.logs import operations as logs
from ostinato_core.states import operations as states
from ostinato_core.states.errors import StateNotFound
from ostinato_core.task_runs import operations as task_runs
from ostinato_core.task_runs.errors import TaskRunNotFound
from ostinato_core.transaction import Transaction
from ostinato_wire.queries import LogsQuery, TaskRunsPageQuery, TaskRunsQuery
from ostinato_wire.states import State
from ostinato_wire.task_runs import TaskRun, TaskRunSummary, TaskRunUpdate
from tests.integration.core.population import START, Population, Row, insert_rows
from tests.support.workspace import Workspace


@pytest.fixture
async def made(workspace: Workspace) -> Population:
    """A population in the test's workspace."""
    population = Population.make(seed=5)
    await workspace.write(population.insert)
    return population


def state_of(owner: str, run: Row, seconds: int, type_: str) -> Row:
    """Return a row of a history."""
    return {
        "id": new_id(),
        owner: run["id"],
        "timestamp": START + timedelta(seconds=seconds),
        "type": type_,
        "name": type_.capitalize(),
        "message": "why",
        "state_details": {"deferred": True},
        "data": {"type": "reference"},
    }


async def test_a_task_run_is_read_as_the_wire_has_it(workspace: Workspace, made: Population) -> None:
    run = made.task_runs[0]

    found = await workspace.read(task_runs.read_task_run, run["id"])

    assert set(found) == set(TaskRun.model_fields)
    assert TaskRun.model_validate(found).dynamic_key == run["dynamic_key"]


async def test_a_page_holds_summaries(workspace: Workspace, made: Population) -> None:
    page = await workspace.read(task_runs.read_page, TaskRunsPageQuery(page=2), 25)

    newest = sorted((run["id"] for run in made.task_runs), reverse=True)
    assert [run["id"] for run in page["results"]] == newest[25:50]
    assert (page["count"], page["limit"], page["pages"], page["page"]) == (60, 25, 3, 2)
    assert set(page["results"][0]) == set(TaskRunSummary.model_fields)
    TaskRunSummary.model_validate(page["results"][0])


async def test_task_runs_of_flow_runs_named_by_id_are_found(workspace: Workspace, made: Population) -> None:
    ids = [run["id"] for run in made.flow_runs[:3]]
    query = TaskRunsQuery.model_validate({"flow_runs": {"id": {"any_": ids}}})

    found = await workspace.read(task_runs.read_task_runs, query, 1000)

    assert {run["id"] for run in found} == {run["id"] for run in made.task_runs if run["flow_run_id"] in ids}
    assert found


async def test_a_task_run_is_renamed(workspace: Workspace, made: Population) -> None:
    run = made.task_runs[0]

    await workspace.write(task_runs.update_task_run, run["id"], TaskRunUpdate(name="new"))
    assert (await workspace.read(task_runs.read_task_run, run["id"]))["name"] == "new"

    await workspace.write(task_runs.update_task_run, run["id"], TaskRunUpdate())
    assert (await workspace.read(task_runs.read_task_run, run["id"]))["name"] == "new"

    await workspace.write(task_runs.update_task_run, run["id"], TaskRunUpdate(name=None))
    assert (await workspace.read(task_runs.read_task_run, run["id"]))["name"] != "new"


async def test_a_missing_task_run_is_told(workspace: Workspace) -> None:
    with pytest.raises(TaskRunNotFound, match=r"^Task not found$"):
        await workspace.read(task_runs.read_task_run, new_id())
    with pytest.raises(TaskRunNotFound, match=r"^Task not found$"):
        await workspace.write(task_runs.delete_task_run, new_id())
    with pytest.raises(TaskRunNotFound, match=r"^Task run not found$"):
        await workspace.write(task_runs.update_task_run, new_id(), TaskRunUpdate(name="x"))


async def test_a_deleted_task_run_takes_its_states_and_logs_along(workspace: Workspace, made: Population) -> None:
    for run in made.task_runs[:3]:
        await workspace.write(insert_rows, tables.task_run_states, [state_of("task_run_id", run, 1, "RUNNING")])
        own = {log["id"] for log in made.logs if log["task_run_id"] == run["id"]}
        same_flow_run = {
            log["id"]
            for log in made.logs
            if log["task_run_id"] == run["id"] and log["flow_run_id"] == run["flow_run_id"]
        }
        assert own

        await workspace.write(task_runs.delete_task_run, run["id"])

        assert await workspace.read(states.read_task_run_states, run["id"]) == []
        lines = await workspace.read(logs.read_logs, LogsQuery(), 1000)
        assert not {line["id"] for line in lines} & same_flow_run
    assert await workspace.read(task_runs.count_task_runs, TaskRunsQuery()) == len(made.task_runs) - 3


async def read_of_flow_run(tx: Transaction, id_: UUID) -> list[Row]:
    """Return the history of a flow run."""
    return await states.read_flow_run_states(tx, id_)


async def read_of_task_run(tx: Transaction, id_: UUID) -> list[Row]:
    """Return the history of a task run."""
    return await states.read_task_run_states(tx, id_)


async def test_states_are_listed_in_order_of_time(workspace: Workspace, made: Population) -> None:
    flow_run, task_run = made.flow_runs[0], made.task_runs[0]
    for table, owner, run, read in (
        (tables.flow_run_states, "flow_run_id", flow_run, read_of_flow_run),
        (tables.task_run_states, "task_run_id", task_run, read_of_task_run),
    ):
        rows = [
            state_of(owner, run, seconds, type_) for seconds, type_ in ((2, "RUNNING"), (3, "FAILED"), (1, "PENDING"))
        ]
        await workspace.write(insert_rows, table, rows)

        found = await workspace.read(read, run["id"])

        assert [state["type"] for state in found] == ["PENDING", "RUNNING", "FAILED"]
        state = State.model_validate(found[0])
        assert (state.name, state.message, state.data) == ("Pending", "why", {"type": "reference"})
        assert state.state_details.deferred is True
        assert set(found[0]) == set(State.model_fields)


async def test_a_state_is_found_by_id(workspace: Workspace, made: Population) -> None:
    for table, owner, run, read in (
        (tables.flow_run_states, "flow_run_id", made.flow_runs[0], states.read_flow_run_state),
        (tables.task_run_states, "task_run_id", made.task_runs[0], states.read_task_run_state),
    ):
        row = state_of(owner, run, 1, "RUNNING")
        await workspace.write(insert_rows, table, [row])

        assert (await workspace.read(read, row["id"]))["timestamp"] == row["timestamp"]
        with pytest.raises(StateNotFound, match="Flow run state not found"):
            await workspace.read(read, new_id())
