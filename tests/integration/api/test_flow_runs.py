"""Making flow runs over HTTP: what they refer to has to be there (behaviour.md, section 11.1)."""

from uuid import uuid4

from tests.support.client import Api
from tests.support.pools import new_flow


async def test_a_run_needs_a_parent_that_exists(api: Api) -> None:
    flow_id = await new_flow(api)
    task_run = await api.created("/task_runs/", {"task_key": "t", "dynamic_key": "0"})
    made = await api.created("/flow_runs/", {"flow_id": flow_id, "parent_task_run_id": task_run["id"]})
    assert made["parent_task_run_id"] == task_run["id"]

    answer = await api.post("/flow_runs/", {"flow_id": flow_id, "parent_task_run_id": str(uuid4())})
    assert answer.status == 409
    assert answer.json["detail"].startswith("Data integrity conflict.")


async def test_so_does_a_run_of_a_deployment(api: Api) -> None:
    deployment = await api.created("/deployments/", {"name": "d", "flow_id": await new_flow(api)})
    path, body = f"/deployments/{deployment['id']}/create_flow_run", {"parent_task_run_id": str(uuid4())}
    assert (await api.post(path, body)).status == 409

    made, failed = (await api.post(f"{path}/bulk", [{}, body])).json["results"]
    assert (made["status"], failed["status"], failed["flow_run_id"]) == ("CREATED", "FAILED", None)
    assert failed["error"].startswith("Data integrity conflict.")


async def test_a_run_that_was_made_before_is_found_whatever_parent_is_named(api: Api) -> None:
    body = {"flow_id": await new_flow(api), "idempotency_key": "once"}
    made = await api.created("/flow_runs/", body)
    found = await api.post("/flow_runs/", body | {"parent_task_run_id": str(uuid4())})
    assert (found.status, found.json["id"], found.json["parent_task_run_id"]) == (200, made["id"], None)
