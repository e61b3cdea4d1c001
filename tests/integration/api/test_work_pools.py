"""Work pools, queues and workers over HTTP: status, order, events, refusals (behaviour.md, sections 14.1 to 14.5)."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support.client import Api
from tests.support.json import Json
from tests.support.pools import move, new_flow, new_pool, new_queue, new_run, unique
from tests.support.ports import wait_until

pytestmark = pytest.mark.replicas

WRONG_DEFAULT = {
    "job_configuration": {"b": "{{ b }}"},
    "variables": {"properties": {"b": {"type": "string", "default": 3}}},
}


def referring(reference: Json) -> Json:
    """Return a template with a default that refers to something."""
    properties = {"b": {"type": "string", "default": {"$ref": reference}}}
    return {"job_configuration": {"b": "{{ b }}"}, "variables": {"properties": properties}}


async def change(api: Api, path: str, **members: Json) -> None:
    answer = await api.request("PATCH", path, members)
    assert answer.status == 204, answer.body


async def events_of(api: Api, pool: Json, count: int) -> list[Json]:
    """Return what was told of a pool and its queues, in order, once there are so many events."""
    about = {"any_resource": {"id": [f"prefect.work-pool.{pool['id']}"]}, "order": "ASC"}

    async def found() -> list[Json] | None:
        events: list[Json] = (await api.post("/events/filter", {"filter": about})).json["events"]
        return events if len(events) >= count else None

    events = await wait_until(found, seconds=10, every=0.05, what="events")
    assert events is not None
    return events


async def test_a_pool_tells_of_itself(api: Api) -> None:
    pool = await new_pool(api)
    path = f"/work_pools/{pool['name']}"
    assert (await api.post(f"{path}/workers/heartbeat", {"name": "w"})).status == 204
    await change(api, path, is_paused=True)
    await change(api, path, description="new", is_paused=False)
    assert (await api.request("DELETE", path)).status == 204

    events = await events_of(api, pool, 9)

    assert [event["event"].removeprefix("prefect.") for event in events] == [
        "work-queue.created", "work-pool.created", "work-pool.not-ready", "work-pool.ready", "work-pool.paused",
        "work-pool.updated", "work-pool.ready", "work-queue.deleted", "work-pool.deleted",
    ]  # fmt: skip
    _, created, not_ready, ready, paused, updated, again, *_ = events
    assert created["resource"] == {
        "prefect.resource.id": f"prefect.work-pool.{pool['id']}",
        "prefect.resource.name": pool["name"],
        "prefect.work-pool.type": "process",
        "prefect.resource.role": "work-pool",
    }
    assert [related["prefect.resource.role"] for related in created["related"]] == ["default-queue"]
    assert [each["follows"] for each in (ready, paused, again)] == [not_ready["id"], ready["id"], paused["id"]]
    assert updated["payload"] == {
        "updated_fields": ["description"],
        "updates": {"description": {"from": None, "to": "new"}},
    }


@pytest.mark.parametrize(
    ("members", "status", "detail"),
    [
        ({"name": "Prefect-x"}, 403, "Work pools starting with 'Prefect' are reserved for internal use."),
        (
            {"base_job_template": WRONG_DEFAULT},
            422,
            "Validation failed for work pool's job variable defaults: Validation failed for field 'b'. "
            "Failure reason: 3 is not valid under any of the given schemas",
        ),
        ({"base_job_template": referring({"block_document_id": str(uuid4())})}, 404, "Block not found."),
        ({"base_job_template": referring({"block_document_id": "no id"})}, 404, "Block not found."),
        (
            {"base_job_template": referring("nonsense")},
            422,
            "Validation failed for work pool's job variable defaults: Validation failed for field 'b'. "
            "Failure reason: {'$ref': 'nonsense'} is not valid under any of the given schemas",
        ),
        ({"name": "' \""}, 422, None),
        ({"name": "a/b"}, 422, None),
        ({"concurrency_limit": -1}, 422, None),
        ({"base_job_template": {"job_configuration": {}}}, 422, None),
    ],
)
async def test_a_pool_that_cannot_be_is_refused(api: Api, members: Json, status: int, detail: str | None) -> None:
    answer = await api.post("/work_pools/", {"name": unique("pool"), "type": "process"} | members)

    assert (answer.status, answer.json.get("detail")) == (status, detail)


async def test_names_of_pools_and_queues_are_given_once(api: Api) -> None:
    pool = await new_pool(api)
    again = await api.post("/work_pools/", {"name": pool["name"]})
    queue = await api.post(f"/work_pools/{pool['name']}/queues", {"name": "default"})

    assert (again.status, again.json) == (409, {"detail": "A work pool with this name already exists."})
    assert (queue.status, "already exists" in queue.json["detail"]) == (409, True)


@pytest.mark.parametrize(("type_", "paused", "status"), [
    ("process", False, "NOT_READY"), ("process", True, "PAUSED"), ("prefect-agent", True, None),
])  # fmt: skip
async def test_the_first_status_of_a_pool(api: Api, type_: str, paused: bool, status: str | None) -> None:
    assert (await new_pool(api, type=type_, is_paused=paused))["status"] == status


@pytest.mark.parametrize(("agent", "is_told"), [
    ("prefect/3.3.7 (API 0.8.4)", False), ("prefect/3.3.8.dev2 (API 0.8.4)", True), ("ostinato/0.1.0", True),
])  # fmt: skip
async def test_old_clients_are_not_told_what_they_cannot_read(api: Api, agent: str, is_told: bool) -> None:
    pool = await new_pool(api)
    answer = await api.request("GET", f"/work_pools/{pool['name']}", headers={"User-Agent": agent})

    assert ("default_result_storage_block_id" in answer.json["storage_configuration"]) is is_told


@pytest.mark.parametrize("members", [{"is_paused": None}, {"storage_configuration": None}])
async def test_a_null_where_there_must_be_a_value_is_refused(api: Api, members: Json) -> None:
    pool = await new_pool(api)

    assert (await api.request("PATCH", f"/work_pools/{pool['name']}", members)).status == 409


async def test_queues_keep_an_order_without_ties(api: Api) -> None:
    pool = await new_pool(api)
    path = f"/work_pools/{pool['name']}/queues"

    async def order() -> list[tuple[str, int]]:
        return [(each["name"], each["priority"]) for each in (await api.post(f"{path}/filter")).json]

    await new_queue(api, pool, "q2")
    await new_queue(api, pool, "q5", priority=5)
    await new_queue(api, pool, "q1", priority=1)
    assert await order() == [("q1", 1), ("default", 2), ("q2", 3), ("q5", 5)]
    await change(api, f"{path}/q5", priority=2)
    assert await order() == [("q1", 1), ("q5", 2), ("default", 3), ("q2", 4)]
    await change(api, f"{path}/q1", priority=4)
    assert await order() == [("q5", 2), ("default", 3), ("q1", 4), ("q2", 5)]
    assert (await new_queue(api, pool, "next"))["priority"] == 1
    assert (await api.request("DELETE", f"{path}/q5")).status == 204
    assert await order() == [("next", 1), ("default", 3), ("q1", 4), ("q2", 5)]


async def test_the_default_queue_goes_only_with_its_pool(api: Api) -> None:
    pool = await new_pool(api)

    by_name = await api.request("DELETE", f"/work_pools/{pool['name']}/queues/default")
    by_id = await api.request("DELETE", f"/work_queues/{pool['default_queue_id']}")

    assert (by_name.status, by_id.status) == (409, 409)


async def test_pausing_a_queue_and_its_end(api: Api) -> None:
    pool = await new_pool(api)
    path = f"/work_pools/{pool['name']}/queues/default"
    await change(api, path, is_paused=True)
    assert (await api.get(path)).json["status"] == "PAUSED"
    await change(api, path, is_paused=False)
    assert (await api.get(path)).json["status"] == "NOT_READY"


async def test_slots_are_told_by_pool_and_queue(api: Api) -> None:
    pool, flow = await new_pool(api, concurrency_limit=5), await new_flow(api)
    queue = await new_queue(api, pool, "one", concurrency_limit=2)
    runs = [await new_run(api, flow, pool, f"{number}", queue="one") for number in range(3)]
    await move(api, runs[0], "PENDING")
    await move(api, runs[1], "RUNNING")
    await move(api, runs[2], "RUNNING")
    await move(api, runs[2], "CANCELLING")

    status: dict[str, Any] = (await api.post(f"/work_pools/{pool['name']}/concurrency_status", {})).json
    alone = (await api.post(f"/work_queues/{queue['id']}/concurrency_status", {"limit": 1})).json

    assert (status["active_slots"], status["concurrency_limit"], status["count"]) == (2, 5, 2)
    by_name = {each["queue_name"]: each for each in status["queues"]}
    assert (by_name["default"]["active_slots"], by_name["one"]["flow_run_count"]) == (0, 2)
    assert [run["name"] for run in by_name["one"]["flow_runs"]] == ["0", "1"]
    assert all(run["time_in_current_state"] >= 0 for run in by_name["one"]["flow_runs"])
    assert (alone["active_slots"], alone["count"], alone["pages"], len(alone["flow_runs"])) == (3, 3, 3, 1)
    assert (await api.get(f"/work_pools/{pool['name']}/queues/one")).json["active_slots"] == 2
    assert (await api.get(f"/work_queues/{queue['id']}")).json["active_slots"] == 3


async def test_the_load_of_pools_is_told_queue_by_queue(api: Api) -> None:
    pool, other, flow = await new_pool(api), await new_pool(api), await new_flow(api)
    await new_queue(api, pool, "first", priority=1, concurrency_limit=2, is_paused=True)
    due = [await new_run(api, flow, pool, f"due {number}", due=-60 - number, queue="first") for number in range(2)]
    await new_run(api, flow, pool, "later", due=3600, queue="first")
    await move(api, await new_run(api, flow, pool, "runs"), "RUNNING")
    await api.post(f"/work_pools/{pool['name']}/workers/heartbeat", {"name": "w"})
    await api.post(f"/work_pools/{pool['name']}/get_scheduled_flow_runs", {"work_queue_names": ["default"]})

    wanted = {"work_pools": {"name": {"any_": [pool["name"], other["name"]]}}}
    found = {each["work_pool_id"]: each for each in (await api.post("/work_pools/loads", wanted)).json}
    one = (await api.post("/work_pools/loads", wanted | {"limit": 1})).json

    assert (found[pool["id"]]["workers_online"], found[other["id"]]["workers_online"], len(one)) == (1, 0, 1)
    assert {name: value for name, value in found[pool["id"]].items() if name not in ("queues", "workers_online")} == {
        "work_pool_id": pool["id"], "name": pool["name"], "type": pool["type"], "is_paused": False,
        "status": "READY", "concurrency_limit": pool["concurrency_limit"],
    }  # fmt: skip
    first, default = found[pool["id"]]["queues"]
    assert {name: first[name] for name in first if name != "id"} == {
        "name": "first", "is_paused": True, "concurrency_limit": 2, "last_polled": None,
        "active_slots": 0, "waiting": 2, "waiting_since": due[1]["next_scheduled_start_time"],
    }  # fmt: skip
    assert (default["name"], default["active_slots"], default["waiting"]) == ("default", 1, 0)
    assert default["last_polled"] is not None
    assert [each["waiting"] for each in found[other["id"]]["queues"]] == [0]


async def test_runs_lose_a_queue_that_is_deleted(api: Api) -> None:
    pool, flow = await new_pool(api), await new_flow(api)
    await new_queue(api, pool, "one")
    run = await new_run(api, flow, pool, "a", queue="one")
    assert (run["work_queue_name"], run["work_pool_name"]) == ("one", pool["name"])
    await change(api, f"/work_pools/{pool['name']}/queues/one", name="renamed")
    assert (await api.get(f"/flow_runs/{run['id']}")).json["work_queue_name"] == "renamed"

    assert (await api.request("DELETE", f"/work_pools/{pool['name']}/queues/renamed")).status == 204

    found = (await api.get(f"/flow_runs/{run['id']}")).json
    assert (found["work_queue_id"], found["work_queue_name"], found["work_pool_id"]) == (None, "one", None)


async def test_runs_are_found_by_pool_and_queue(api: Api) -> None:
    pool, other, flow = await new_pool(api), await new_pool(api), await new_flow(api)
    await new_queue(api, pool, "one")
    await new_run(api, flow, pool, "a")
    await new_run(api, flow, pool, "b", queue="one")
    await new_run(api, flow, other, "c")

    async def names(**where: Json) -> list[str]:
        asked = {"flows": {"id": {"any_": [flow]}}, "sort": "NAME_ASC"}
        return [run["name"] for run in (await api.post("/flow_runs/filter", asked | where)).json]

    assert await names(work_pools={"name": {"any_": [pool["name"]]}}) == ["a", "b"]
    assert await names(work_pool_queues={"name": {"startswith_": ["ON"]}}) == ["b"]
    assert await names(work_pools={"id": {"any_": [other["id"]]}}, work_pool_queues={"name": {"any_": ["one"]}}) == []


async def test_a_queue_without_a_pool_is_made_in_the_pool_of_agents(api: Api) -> None:
    name = unique("queue")
    made = await api.created("/work_queues/", {"name": name})

    assert made["work_pool_name"] == "default-agent-pool"
    assert (await api.get(f"/work_queues/name/{name}")).json["id"] == made["id"]
    again = await api.post("/work_queues/", {"name": name})
    assert (again.status, again.json) == (409, {"detail": "A work queue with this name already exists."})


async def test_workers_are_online_while_they_give_signs_of_life(api: Api) -> None:
    pool = await new_pool(api)
    path = f"/work_pools/{pool['name']}/workers"
    await api.post(f"{path}/heartbeat", {"name": "w", "heartbeat_interval_seconds": 7, "metadata": {}})
    await api.post(f"{path}/heartbeat", {"name": "w"})
    await api.post(f"{path}/heartbeat", {"name": "gone", "heartbeat_interval_seconds": 0})

    found = {each["name"]: each for each in (await api.post(f"{path}/filter")).json}

    assert {name: each["status"] for name, each in found.items()} == {"w": "ONLINE", "gone": "OFFLINE"}
    assert found["w"]["heartbeat_interval_seconds"] == 7
    assert (await api.request("DELETE", f"{path}/w")).status == 204
    missing = await api.request("DELETE", f"{path}/w")
    assert (missing.status, missing.json) == (404, {"detail": "Worker not found."})


async def test_what_workers_run_is_told_by_their_names(api: Api) -> None:
    pool, other, flow = await new_pool(api), await new_pool(api), await new_flow(api)
    for name, worker, where in [("a", "one", pool), ("b", "one", pool), ("c", None, pool), ("d", "two", other)]:
        run = await new_run(api, flow, where, name)
        await move(api, run, "PENDING")
        if worker is not None:
            await api.request("PATCH", f"/flow_runs/{run['id']}/labels", {"prefect.worker.name": worker})
    await new_run(api, flow, pool, "waits")

    path = f"/work_pools/{pool['name']}/workers/flow_runs"
    found = {each["worker_name"]: each for each in (await api.post(path, {"flow_run_limit": 1})).json}
    of_one = (await api.post(path, {"worker_names": ["one"]})).json
    missing = await api.post("/work_pools/nope/workers/flow_runs", {})

    assert {name: each["flow_run_count"] for name, each in found.items()} == {"one": 2, None: 1}
    assert [run["name"] for run in found["one"]["flow_runs"]] == ["a"]
    assert [[run["name"] for run in each["flow_runs"]] for each in of_one] == [["a", "b"]]
    assert of_one[0]["flow_runs"][0]["state_type"] == "PENDING"
    assert missing.status == 404


NOTHING = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/work_pools/nope", {"detail": 'Work pool "nope" not found.'}),
        ("PATCH", "/work_pools/nope", {"detail": 'Work pool "nope" not found.'}),
        ("POST", "/work_pools/nope/concurrency_status", {"detail": "Work pool 'nope' not found."}),
        ("GET", "/work_pools/nope/queues/q", {"detail": "Work pool queue 'nope/q' not found."}),
        ("POST", "/work_pools/nope/queues/filter", {"detail": 'Work pool "nope" not found.'}),
        ("GET", f"/work_queues/{NOTHING}", {"detail": "work queue not found"}),
        ("PATCH", f"/work_queues/{NOTHING}", {"detail": f"Work Queue {NOTHING} not found"}),
        ("GET", f"/work_queues/{NOTHING}/status", {"exception_message": f"Work queue with id {NOTHING} not found"}),
        ("POST", f"/work_queues/{NOTHING}/get_runs", {"exception_message": f"Work queue with id {NOTHING} not found."}),
        ("POST", f"/work_queues/{NOTHING}/concurrency_status", {"detail": "Work queue not found."}),
    ],
)
async def test_what_is_not_there_is_said_as_the_reference_does(api: Api, method: str, path: str, body: Json) -> None:
    answer = await api.request(method, path, None if method == "GET" else {})

    assert (answer.status, answer.json) == (404, body)


async def test_pools_are_found_by_a_part_of_their_names(api: Api) -> None:
    pool, other = await new_pool(api), await new_pool(api)
    part = pool["name"][2:].upper()

    found = (await api.post("/work_pools/filter", {"work_pools": {"name": {"like_": part}}})).json

    assert [each["id"] for each in found] == [pool["id"]]
    assert (await api.post("/work_pools/count", {"work_pools": {"name": {"like_": other["name"]}}})).json == 1
