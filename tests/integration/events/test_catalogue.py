"""Which events the server makes, in order, of the life of each noun (behaviour.md, section 21).

The lists are those of the reference (3.8.4), found by doing the same with both.
"""

from typing import Final
from uuid import uuid4

import pytest

from tests.support.client import Api
from tests.support.json import Json

MOVES: Final[list[Json]] = [
    {"type": "RUNNING"}, {"type": "PAUSED", "state_details": {"pause_timeout": "2100-01-01T00:00:00Z"}},
    {"type": "RUNNING"}, {"type": "CANCELLING"}, {"type": "CANCELLED"},
]  # fmt: skip


async def told(api: Api, *prefixes: str, of: str) -> list[str]:
    """Return the names of the events with a prefix whose resource has this name or id, in order."""
    wanted: dict[str, Json] = {"event": {"prefix": list(prefixes)}, "order": "ASC"}
    wanted["resource"] = {"id": [of]} if "." in of else {"labels": {"prefect.resource.name": of}}
    page = (await api.post("/events/filter", {"filter": wanted, "limit": 50})).json
    assert page["next_page"] is None
    return [event["event"].removeprefix("prefect.") for event in page["events"]]


@pytest.fixture
def name() -> str:
    return f"noun-{uuid4().hex}"


async def test_of_work_pools_and_queues(api: Api, name: str) -> None:
    pool, queue = f"/work_pools/{name}", f"/work_pools/{name}/queues/{name}"
    await api.created("/work_pools/", {"name": name, "type": "process", "base_job_template": {}})
    await api.created(f"{pool}/queues", {"name": name})
    for path in (pool, queue):
        for changes in ({"description": "d", "concurrency_limit": 3}, {"is_paused": True}, {"is_paused": False}):
            await api.request("PATCH", path, changes)
    await api.post(f"{pool}/workers/heartbeat", {"name": "w"})
    await api.delete(queue)
    await api.delete(pool)

    assert await told(api, "prefect.work-pool.", of=name) == [
        "work-pool.created", "work-pool.not-ready", "work-pool.updated", "work-pool.paused", "work-pool.not-ready",
        "work-pool.ready", "work-pool.deleted",
    ]  # fmt: skip
    assert await told(api, "prefect.work-queue.", of=name) == [
        "work-queue.created", "work-queue.updated", "work-queue.paused", "work-queue.not-ready", "work-queue.deleted",
    ]  # fmt: skip


async def test_of_deployments(api: Api, name: str) -> None:
    flow = await api.created("/flows/", {"name": name})
    body = {"name": name, "flow_id": flow["id"], "tags": ["a"], "schedules": []}
    made = await api.created("/deployments/", body)
    path = f"/deployments/{made['id']}"
    await api.created("/deployments/", body)
    await api.created("/deployments/", {**body, "tags": ["b"]})
    await api.request("PATCH", path, {"description": "d"})
    await api.post(f"{path}/pause_deployment")
    await api.post(f"{path}/schedules", [{"schedule": {"interval": 3600}}])
    await api.post("/deployments/get_scheduled_flow_runs", {"deployment_ids": [made["id"]]})
    await api.delete(path)

    assert await told(api, "prefect.deployment.", of=name) == [
        "deployment.created", "deployment.updated", "deployment.updated", "deployment.ready", "deployment.deleted",
    ]  # fmt: skip


async def test_of_flows_and_their_runs(api: Api, name: str) -> None:
    flow = await api.created("/flows/", {"name": name})
    run = await api.created("/flow_runs/", {"flow_id": flow["id"], "name": name, "state": {"type": "PENDING"}})
    path = f"/flow_runs/{run['id']}"
    for state in MOVES:
        await api.post(f"{path}/set_state", {"state": state})
    await api.request("PATCH", path, {"tags": ["t"]})
    await api.delete(path)
    await api.request("PATCH", f"/flows/{flow['id']}", {"tags": ["b"]})
    await api.delete(f"/flows/{flow['id']}")

    runs = ["Pending", "Running", "Paused", "Running", "Cancelling", "Cancelled"]
    assert await told(api, "prefect.flow-run.", of=name) == [f"flow-run.{state}" for state in runs]
    assert await told(api, "prefect.flow.", of=name) == ["flow.created", "flow.updated", "flow.deleted"]


async def test_states_that_the_server_sets_on_task_runs_are_not_told(api: Api, name: str) -> None:
    flow = await api.created("/flows/", {"name": name})
    run = await api.created("/flow_runs/", {"flow_id": flow["id"], "state": {"type": "RUNNING"}})
    body = {"flow_run_id": run["id"], "task_key": "k", "dynamic_key": "0", "state": {"type": "RUNNING"}}
    task_run = await api.created("/task_runs/", body)
    await api.post(f"/task_runs/{task_run['id']}/set_state", {"state": {"type": "COMPLETED"}})

    assert await told(api, "prefect.", of=f"prefect.task-run.{task_run['id']}") == []


async def test_of_artifacts(api: Api, name: str) -> None:
    made = [await api.created("/artifacts/", {"key": name, "data": number}) for number in range(2)]
    await api.created("/artifacts/", {"data": "without a key"})
    for artifact in reversed(made):
        await api.delete(f"/artifacts/{artifact['id']}")

    assert await told(api, "prefect.artifact", of=name) == [
        f"artifact-collection.{change}" for change in ("created", "updated", "updated", "deleted")
    ]


async def test_of_limits(api: Api, name: str) -> None:
    await api.created("/v2/concurrency_limits/", {"name": name, "limit": 2})
    await api.request("PATCH", f"/v2/concurrency_limits/{name}", {"limit": 3})
    await api.post("/v2/concurrency_limits/increment", {"names": [name], "slots": 1, "mode": "concurrency"})
    await api.post("/v2/concurrency_limits/decrement", {"names": [name], "slots": 1})
    await api.delete(f"/v2/concurrency_limits/{name}")

    assert await told(api, "prefect.concurrency-limit.", of=name) == [
        f"concurrency-limit.{change}" for change in ("created", "updated", "deleted")
    ]


async def test_of_blocks(api: Api, name: str) -> None:
    kind = await api.created("/block_types/", {"name": name, "slug": name})
    schema = await api.created("/block_schemas/", {"block_type_id": kind["id"], "fields": {"title": "x"}})
    ids = {"block_type_id": kind["id"], "block_schema_id": schema["id"]}
    block = await api.created("/block_documents/", {"name": name, "data": {"a": "1"}, **ids})
    await api.created("/block_documents/", {"is_anonymous": True, "data": {}, **ids})
    await api.request("PATCH", f"/block_documents/{block['id']}", {"data": {"a": "2"}})
    await api.delete(f"/block_documents/{block['id']}")
    await api.request("PATCH", f"/block_types/{kind['id']}", {"description": "d"})
    await api.delete(f"/block_types/{kind['id']}")

    for noun in ("block-type", "block-document"):
        changes = [f"{noun}.{change}" for change in ("created", "updated", "deleted")]
        assert await told(api, f"prefect.{noun}.", of=name) == changes
