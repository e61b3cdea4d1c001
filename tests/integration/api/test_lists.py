"""What lists of flows and deployments show: slim rows, folders by tags, what ran last and next; and changes of many."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tests.integration.api.test_deployments import HOURLY, new_deployment, new_flow, new_pool, patch, read, waiting_runs
from tests.support.client import Api
from tests.support.json import Json


def ago(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()


def scheduled(time: str) -> Json:
    return {"type": "SCHEDULED", "state_details": {"scheduled_time": time}}


async def a_run(api: Api, deployment: Json, minutes_ago: float, kind: str, **state: Json) -> Json:
    """Make a run of a deployment that was due so long ago."""
    body = {"flow_id": deployment["flow_id"], "deployment_id": deployment["id"], "state": scheduled(ago(minutes_ago))}
    run = await api.created("/flow_runs/", body)
    if kind != "SCHEDULED":
        await api.post(f"/flow_runs/{run['id']}/set_state", {"state": {"type": kind, **state}, "force": True})
    return run


def these(deployments: list[Json]) -> Json:
    return {"deployments": {"id": {"any_": [each["id"] for each in deployments]}}}


async def test_a_list_shows_names_and_schedules_and_leaves_out_what_is_large(api: Api) -> None:
    pool = await new_pool(api)
    flow = await new_flow(api)
    made = await new_deployment(
        api, flow_id=flow["id"], work_pool_name=pool, tags=["a"], schedules=[{"schedule": HOURLY, "active": False}],
        parameter_openapi_schema={"type": "object", "properties": {"x": {"type": "string", "title": "x" * 9000}}},
    )  # fmt: skip
    answer = await api.post("/ui/deployments/page", these([made]))
    (row,) = answer.json["results"]
    assert (answer.json["count"], row["flow_name"], row["work_pool_name"]) == (1, flow["name"], pool)
    assert (row["tags"], row["paused"], row["status"]) == (["a"], False, "NOT_READY")
    assert [(each["active"], each["schedule"]["interval"]) for each in row["schedules"]] == [(False, 3600.0)]
    assert len(answer.body) < 2000


async def test_a_list_is_filtered_by_status_and_paged_in_order(api: Api) -> None:
    flow = await new_flow(api)
    made = [await new_deployment(api, flow_id=flow["id"], name=f"{name}-{uuid4()}") for name in "bac"]
    await patch(api, made[0], paused=True)
    await api.post("/deployments/get_scheduled_flow_runs", {"deployment_ids": [made[1]["id"]]})

    async def names(page: int = 1, **wanted: Json) -> str:
        where = {"deployments": {**these(made)["deployments"], **wanted}, "limit": 2, "page": page}
        found = (await api.post("/ui/deployments/page", where)).json["results"]
        return "".join(each["name"][0] for each in found)

    assert (await names(), await names(page=2)) == ("ab", "c")
    assert await names(status={"any_": ["READY"]}) == "a"
    assert await names(status={"any_": ["NOT_READY"]}, paused={"eq_": False}) == "c"
    assert (await api.post("/ui/deployments/page", {"deployments": {"status": {"any_": ["WELL"]}}})).status == 422


async def test_tags_are_folders_in_folders_and_each_deployment_counts_once(api: Api) -> None:
    top = f"team-{uuid4().hex}"
    made = [
        await new_deployment(api, tags=tags)
        for tags in ([f"{top}/etl", f"{top}/ml"], [f"{top}/etl/daily", "other"], [top], [f"{top}s/etl"], [])
    ]
    await patch(api, made[1], paused=True)

    async def folders(under: str | None) -> list[tuple[str, str, int, int, int]]:
        found = (await api.post("/ui/deployments/folders", {**these(made), "under": under})).json
        return [(each["path"], each["name"], each["deployments"], each["not_ready"], each["paused"]) for each in found]

    assert await folders(None) == [("other", "other", 1, 0, 1), (top, top, 3, 2, 1), (f"{top}s", f"{top}s", 1, 1, 0)]
    assert await folders(top) == [(f"{top}/etl", "etl", 2, 1, 1), (f"{top}/ml", "ml", 1, 1, 0)]
    assert await folders(f"{top}/etl") == [(f"{top}/etl/daily", "daily", 1, 0, 1)]
    assert await folders(f"{top}/ml") == []


async def test_the_last_runs_of_each_are_told_the_latest_first_with_the_next_one(api: Api) -> None:
    busy = await new_deployment(api)
    idle = await new_deployment(api)
    unknown = str(uuid4())
    oldest = await a_run(api, busy, 30, "PENDING")
    late = await a_run(api, busy, 20, "SCHEDULED")
    failed = await a_run(api, busy, 10, "FAILED")
    coming = await a_run(api, busy, -60, "SCHEDULED")
    await a_run(api, busy, -120, "SCHEDULED")
    for path, owner, nothing in (
        ("/ui/deployments/activity", busy["id"], idle["id"]),
        ("/ui/flows/activity", busy["flow_id"], idle["flow_id"]),
    ):
        found = (await api.post(path, {"ids": [owner, nothing, unknown]})).json
        assert [each["id"] for each in found[owner]["runs"]] == [failed["id"], late["id"], oldest["id"]]
        assert [each["state_type"] for each in found[owner]["runs"]] == ["FAILED", "SCHEDULED", "PENDING"]
        assert found[owner]["next_run"]["id"] == late["id"]
        assert found[nothing] == found[unknown] == {"runs": [], "next_run": None}
        two = (await api.post(path, {"ids": [owner], "runs": 2})).json[owner]["runs"]
        assert [each["id"] for each in two] == [failed["id"], late["id"]]
        assert (await api.post(path, {"ids": [owner] * 201})).status == 422
    await api.request("DELETE", f"/flow_runs/{late['id']}")
    found = (await api.post("/ui/deployments/activity", {"ids": [busy["id"]]})).json
    assert found[busy["id"]]["next_run"]["id"] == coming["id"]


async def test_many_are_paused_and_resumed_in_one_request(api: Api) -> None:
    made = [await new_deployment(api, schedules=[{"schedule": HOURLY}]) for _ in range(3)]
    for each in made:
        await api.post(f"/deployments/{each['id']}/schedule", {"min_runs": 2, "max_runs": 2})
    await patch(api, made[2], paused=True)
    answer = await api.post("/deployments/bulk_set_paused", {**these(made), "paused": True})
    assert sorted(answer.json["changed"]) == sorted(each["id"] for each in made[:2])
    assert [(await read(api, each))["paused"] for each in made] == [True] * 3
    assert [await waiting_runs(api, each) for each in made] == [[]] * 3
    answer = await api.post("/deployments/bulk_set_paused", {**these(made[1:]), "paused": False})
    assert len(answer.json["changed"]) == 2
    assert [(await read(api, each))["paused"] for each in made] == [True, False, False]
    assert (await api.post("/deployments/bulk_set_paused", {"paused": True})).status == 422
