"""Pages of log lines by the API: whose they are, and the names of the task runs that wrote them."""

from uuid import uuid4

from tests.support.client import Api
from tests.support.json import Json

START = "2026-11-01T00:00:00Z"


async def test_the_lines_of_a_task_are_named_after_it(api: Api) -> None:
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    flow_run = await api.created("/flow_runs/", {"flow_id": flow["id"]})
    task = {"flow_run_id": flow_run["id"], "task_key": "t", "dynamic_key": "0", "name": "extract-0"}
    task_run = await api.created("/task_runs/", task)
    of_flow: Json = {"name": "n", "level": 20, "timestamp": START, "flow_run_id": flow_run["id"]}
    lines = [{**of_flow, "message": "a"}, {**of_flow, "message": "b", "task_run_id": task_run["id"]}]
    assert (await api.post("/logs/", lines)).status == 201

    whole = (await api.post("/ui/logs/page", {"flow_run_id": flow_run["id"]})).json
    of_task = (await api.post("/ui/logs/page", {"task_run_id": task_run["id"]})).json

    assert [each["message"] for each in whole["lines"]] == ["a", "b"]
    assert whole["task_run_names"] == {task_run["id"]: "extract-0"}
    assert [each["message"] for each in of_task["lines"]] == ["b"]
    assert whole["next"] is of_task["next"] is None


async def test_whose_lines_must_be_said(api: Api) -> None:
    answer = await api.post("/ui/logs/page", {"level": 40})

    assert answer.status == 422
    assert "say whose lines: flow_run_id or task_run_id" in answer.body.decode()
