"""Artifacts, the latest of each key, and their place in the graph of a flow run."""

import asyncio
from uuid import uuid4

import pytest

from tests.support.client import Api
from tests.support.json import Json
from tests.support.recorded import recorded_events


def new_key() -> str:
    return f"k-{uuid4().hex}"


async def latest(api: Api, key: str) -> Json:
    return (await api.get(f"/artifacts/{key}/latest")).json


async def test_the_latest_of_a_key_is_a_collection_that_shows_the_newest(api: Api) -> None:
    key = new_key()
    first = await api.created("/artifacts/", {"key": key, "type": "markdown", "data": "1", "description": "d"})
    second = await api.created("/artifacts/", {"key": key, "data": {"n": 2}})

    shown = await latest(api, key)

    assert shown["id"] not in (first["id"], second["id"])
    assert (shown["data"], shown["type"], shown["description"]) == ({"n": 2}, None, None)
    assert (shown["created"], shown["updated"]) == (first["created"], second["updated"])
    (listed,) = (await api.post("/artifacts/latest/filter", {"artifacts": {"key": {"any_": [key]}}})).json
    assert listed == {**shown, "latest_id": second["id"]}


async def test_a_change_of_the_latest_is_shown_and_of_another_is_not(api: Api) -> None:
    key = new_key()
    first = await api.created("/artifacts/", {"key": key, "data": 1})
    second = await api.created("/artifacts/", {"key": key, "data": 2})

    await api.request("PATCH", f"/artifacts/{first['id']}", {"data": 11})
    assert (await latest(api, key))["data"] == 2
    await api.request("PATCH", f"/artifacts/{second['id']}", {"description": "new"})
    assert (await latest(api, key))["description"] == "new"
    assert (await api.get(f"/artifacts/{first['id']}")).json["data"] == 11


async def test_when_the_latest_is_deleted_the_one_before_takes_its_place(api: Api) -> None:
    key = new_key()
    first = await api.created("/artifacts/", {"key": key, "data": 1})
    second = await api.created("/artifacts/", {"key": key, "data": 2})
    collection = (await latest(api, key))["id"]

    assert (await api.request("DELETE", f"/artifacts/{second['id']}")).status == 204
    assert (await latest(api, key))["data"] == 1
    assert (await api.request("DELETE", f"/artifacts/{first['id']}")).status == 204
    assert (await api.get(f"/artifacts/{key}/latest")).status == 404

    told = await recorded_events(api, f"prefect.artifact-collection.{collection}", 4)
    assert [event["event"].rpartition(".")[2] for event in told] == ["created", "updated", "updated", "deleted"]
    assert told[2]["related"][0]["prefect.resource.id"] == f"prefect.artifact.{first['id']}"


async def test_deletions_at_once_leave_no_collection_that_shows_what_is_gone(api: Api) -> None:
    key = new_key()
    made = [await api.created("/artifacts/", {"key": key, "data": number}) for number in range(12)]

    await asyncio.gather(*(api.request("DELETE", f"/artifacts/{each['id']}") for each in reversed(made[1:])))

    (shown,) = (await api.post("/artifacts/latest/filter", {"artifacts": {"key": {"any_": [key]}}})).json
    assert shown["latest_id"] == made[0]["id"]


async def test_keys_are_checked_and_metadata_cut(api: Api) -> None:
    assert (await api.post("/artifacts/", {"key": "K 1"})).status == 422
    made = await api.created("/artifacts/", {"metadata_": {"m": "y" * 600}})
    assert made["metadata_"] == {"m": "y" * 500 + "..."}


async def test_artifacts_are_filtered_by_key_type_and_run(api: Api) -> None:
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    run = await api.created("/flow_runs/", {"flow_id": flow["id"]})
    key = new_key()
    keyed = await api.created("/artifacts/", {"key": key, "type": "table", "flow_run_id": run["id"]})
    plain = await api.created("/artifacts/", {"type": "markdown", "flow_run_id": run["id"]})

    async def found(**body: Json) -> list[str]:
        listed = (await api.post("/artifacts/filter", body)).json
        assert (await api.post("/artifacts/count", body)).json == len(listed)
        return [artifact["id"] for artifact in listed]

    flows = {"name": {"any_": [flow["name"]]}}
    assert await found(flows=flows) == [plain["id"], keyed["id"]]
    assert await found(flows=flows, artifacts={"key": {"exists_": True}}) == [keyed["id"]]
    assert await found(flows=flows, artifacts={"type": {"not_any_": ["table"]}}) == [plain["id"]]
    assert await found(artifacts={"key": {"like_": key[:20].upper()}}) == [keyed["id"]]
    assert await found(flow_runs={"id": {"any_": [str(uuid4())]}}) == []
    assert (await api.post("/artifacts/latest/count", {"flow_runs": {"id": {"any_": [run["id"]]}}})).json == 1


async def test_artifacts_outlive_their_run(api: Api) -> None:
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    run = await api.created("/flow_runs/", {"flow_id": flow["id"]})
    made = await api.created("/artifacts/", {"flow_run_id": run["id"]})

    assert (await api.request("DELETE", f"/flow_runs/{run['id']}")).status == 204

    assert (await api.get(f"/artifacts/{made['id']}")).json["flow_run_id"] == run["id"]


async def test_the_graph_holds_artifacts_where_they_were_made(api: Api) -> None:
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    run = await api.created("/flow_runs/", {"flow_id": flow["id"], "state": {"type": "RUNNING"}})
    state = {"type": "SCHEDULED", "state_details": {"scheduled_time": "2026-11-22T00:00:00Z"}}
    names = {"task_key": "t", "dynamic_key": "1", "state": state}
    task = await api.created("/task_runs/", {"flow_run_id": run["id"], **names})
    key = new_key()
    old, new, progress = [
        await api.created("/artifacts/", {"flow_run_id": run["id"], **members})
        for members in (
            {"key": key, "data": 1, "type": "table"},
            {"key": key, "data": 2, "task_run_id": task["id"]},
            {"data": 5.5, "type": "progress"},
        )
    ]
    await api.created("/artifacts/", {"flow_run_id": run["id"], "type": "result"})

    graph = (await api.get(f"/flow_runs/{run['id']}/graph-v2")).json

    shown = [(each["id"], each["is_latest"], each["data"]) for each in graph["artifacts"]]
    assert shown == [(old["id"], False, None), (progress["id"], True, 5.5)]
    ((_, node),) = graph["nodes"]
    assert [(each["id"], each["key"], each["is_latest"]) for each in node["artifacts"]] == [(new["id"], key, True)]


@pytest.mark.parametrize("path", ["/artifacts/filter", "/artifacts/latest/filter"])
@pytest.mark.parametrize("sort", ["CREATED_DESC", "UPDATED_DESC", "ID_DESC", "KEY_DESC", "KEY_ASC"])
async def test_every_sort_is_answered(api: Api, path: str, sort: str) -> None:
    assert (await api.post(path, {"sort": sort, "limit": 1})).status == 200
