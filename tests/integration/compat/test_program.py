"""An ordinary program of the unmodified client runs, and everything about it can be read soon after it ended."""

from collections import Counter

import pytest

from tests.integration.compat.conftest import ProgramRun
from tests.support.client import Api
from tests.support.json import Json
from tests.support.ports import wait_until

pytestmark = pytest.mark.compat

READABLE_WITHIN = 5.0
"""Seconds after the program's end within which its task runs must be there, in final states (issue 2)."""

FLOW_RUN_STATES = {
    "etl": ["Pending", "Running", "Completed"],
    "subflow": ["Pending", "Running", "Completed"],
    "retried": ["Pending", "Running", "AwaitingRetry", "Running", "Completed"],
    "asynchronous": ["Pending", "Running", "Completed"],
    "doomed": ["Pending", "Running", "Failed"],
}

STATE_EVENTS = {"prefix": ["prefect.flow-run."], "exclude_name": ["prefect.flow-run.heartbeat"]}
"""What the server tells of a flow run's states; the heartbeat is the client's own."""

ETL_TASK_RUNS = Counter(extract=1, double=4, broken=1, flaky=1, summarise=1)


async def task_runs_of(api: Api, flow_run_id: str, number: int) -> list[Json]:
    """Return the task runs of a flow run, once there are `number` of them and all have ended."""

    async def all_ended() -> list[Json] | None:
        found = (await api.post("/task_runs/filter", {"task_runs": {"flow_run_id": {"any_": [flow_run_id]}}})).json
        ended = [run for run in found if run["state_type"] in ("COMPLETED", "FAILED")]
        return found if len(ended) == len(found) == number else None

    runs = await wait_until(all_ended, seconds=READABLE_WITHIN, what=f"{number} ended task runs of {flow_run_id}")
    assert runs is not None
    return runs


async def state_names(api: Api, noun: str, run_id: str) -> list[str]:
    """Return the names of all states of a run in order."""
    answer = await api.get(f"/{noun}_states/", **{f"{noun}_id": run_id})
    return [state["name"] for state in answer.json]


async def logged(api: Api, flow_run_id: str) -> list[Json]:
    """Return the log lines of a flow run, oldest first."""
    answer = await api.post("/logs/filter", {"logs": {"flow_run_id": {"any_": [flow_run_id]}}})
    return list(answer.json)


async def test_task_runs_are_readable_and_ended_soon_after_the_program(api: Api, program_run: ProgramRun) -> None:
    runs = await task_runs_of(api, program_run.ids["etl"], ETL_TASK_RUNS.total())

    assert Counter(run["task_key"].split("-")[0] for run in runs) == ETL_TASK_RUNS
    assert {run["name"] for run in runs if run["state_type"] == "FAILED"} == {
        run["name"] for run in runs if run["task_key"].startswith("broken")
    }
    assert all(run["start_time"] and run["end_time"] and run["run_count"] for run in runs)


@pytest.mark.parametrize("name", FLOW_RUN_STATES)
async def test_a_flow_run_went_through_its_states_in_order(api: Api, program_run: ProgramRun, name: str) -> None:
    run = (await api.get(f"/flow_runs/{program_run.ids[name]}")).json

    assert await state_names(api, "flow_run", run["id"]) == FLOW_RUN_STATES[name]
    assert run["state_name"] == FLOW_RUN_STATES[name][-1]
    assert run["run_count"] == FLOW_RUN_STATES[name].count("Running")
    assert run["start_time"] <= run["end_time"]


async def test_a_retried_task_kept_its_whole_history(api: Api, program_run: ProgramRun) -> None:
    runs = await task_runs_of(api, program_run.ids["etl"], ETL_TASK_RUNS.total())
    (flaky,) = [run for run in runs if run["task_key"].startswith("flaky")]

    names = await state_names(api, "task_run", flaky["id"])

    assert names == ["Pending", "Running", "Retrying", "Retrying", "Completed"]
    assert flaky["run_count"] == 3


async def test_mapped_and_waiting_tasks_name_their_inputs(api: Api, program_run: ProgramRun) -> None:
    runs = await task_runs_of(api, program_run.ids["etl"], ETL_TASK_RUNS.total())
    (late,) = [run for run in runs if run["task_inputs"].get("wait_for")]
    mapped = {run["id"] for run in runs if run["task_key"].startswith("double")} - {late["id"]}

    assert {each["id"] for each in late["task_inputs"]["wait_for"]} == mapped


async def test_a_subflow_hangs_on_a_task_run_of_its_parent(api: Api, program_run: ProgramRun) -> None:
    subflow = (await api.get(f"/flow_runs/{program_run.ids['subflow']}")).json
    parent = (await api.get(f"/task_runs/{subflow['parent_task_run_id']}")).json

    assert parent["flow_run_id"] == program_run.ids["etl"]
    assert parent["state_type"] == "COMPLETED"
    assert parent["state"]["state_details"]["child_flow_run_id"] == subflow["id"]


async def test_a_flow_run_name_made_from_parameters_is_stored(api: Api, program_run: ProgramRun) -> None:
    run = (await api.get(f"/flow_runs/{program_run.ids['etl']}")).json

    assert run["name"] == "etl-of-orders"
    assert run["parameters"] == {"source": "orders"}


async def test_logs_of_flows_tasks_and_prints_are_there(api: Api, program_run: ProgramRun) -> None:
    lines = await logged(api, program_run.ids["etl"])
    of_subflow = await logged(api, program_run.ids["subflow"])

    messages = [line["message"] for line in lines]
    assert any("a task failed, as expected" in message for message in messages)
    (reading,) = [line for line in lines if line["message"] == "reading orders"]
    assert reading["task_run_id"]
    assert "the sum is 12" in [line["message"] for line in of_subflow]
    assert [line["timestamp"] for line in lines] == sorted(line["timestamp"] for line in lines)


def test_the_client_has_nothing_to_warn_about(program_run: ProgramRun) -> None:
    warnings = [line for line in program_run.stderr.splitlines() if "WARNING" in line or "Warning" in line]
    broken_services = [line for line in program_run.stderr.splitlines() if "prefect._internal" in line]

    assert warnings == []
    assert broken_services == []


async def test_state_changes_of_flow_runs_are_events(api: Api, program_run: ProgramRun) -> None:
    resource = f"prefect.flow-run.{program_run.ids['retried']}"
    wanted = {"filter": {"resource": {"id": [resource]}, "event": STATE_EVENTS, "order": "ASC"}}

    async def all_told() -> list[str] | None:
        page = (await api.post("/events/filter", wanted)).json
        names = [event["event"].removeprefix("prefect.flow-run.") for event in page["events"]]
        return names if "Completed" in names else None

    assert await wait_until(all_told, seconds=15, every=0.1) == FLOW_RUN_STATES["retried"]
