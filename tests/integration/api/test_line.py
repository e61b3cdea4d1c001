"""The line of runs that wait for a worker: order, limits, pauses, windows of time (behaviour.md, section 14.4)."""

import asyncio
from collections import Counter
from random import Random
from uuid import uuid4

import pytest

from tests.support.client import Api
from tests.support.json import Json
from tests.support.pools import at, move, new_flow, new_pool, new_queue, new_run, poll, unique


async def test_runs_come_in_order_of_priority_then_of_when_they_are_due(api: Api) -> None:
    pool, flow = await new_pool(api), await new_flow(api)
    await new_queue(api, pool, "urgent", priority=1)
    for name, due, queue in (("b", -10, "default"), ("a", -20, None), ("d", -5, "urgent"), ("c", -30, "urgent")):
        await new_run(api, flow, pool, name, due=due, queue=queue)

    assert await poll(api, pool) == ["c", "d", "a", "b"]
    assert await poll(api, pool, limit=3) == ["c", "d", "a"]
    assert await poll(api, pool, limit=0) == []
    assert await poll(api, pool, work_queue_names=["default"]) == ["a", "b"]


async def test_a_window_of_time_is_closed_on_both_sides(api: Api) -> None:
    pool, flow = await new_pool(api), await new_flow(api)
    runs = [await new_run(api, flow, pool, name, due=due) for name, due in (("a", -20), ("b", 20), ("c", 60))]
    due = [run["next_scheduled_start_time"] for run in runs]

    assert await poll(api, pool, scheduled_before=at(0)) == ["a"]
    assert await poll(api, pool, scheduled_before=due[1]) == ["a", "b"]
    assert await poll(api, pool, scheduled_after=due[1]) == ["b", "c"]
    assert await poll(api, pool, scheduled_after=due[1], scheduled_before=due[1]) == ["b"]


async def test_a_limited_pool_gives_out_as_many_runs_as_it_has_slots(api: Api) -> None:
    pool, flow = await new_pool(api, concurrency_limit=2), await new_flow(api)
    await new_queue(api, pool, "hi", priority=1)
    late = [await new_run(api, flow, pool, name, due=due) for name, due in (("a1", -20), ("a2", -10))]
    for name, due in (("b1", -5), ("b2", 60)):
        await new_run(api, flow, pool, name, due=due, queue="hi")

    assert await poll(api, pool) == ["b1", "b2"]
    assert await poll(api, pool, scheduled_before=at(0)) == ["b1", "a1"]
    await move(api, late[0], "PENDING")
    assert await poll(api, pool, scheduled_before=at(0)) == ["b1"]
    await move(api, late[1], "PENDING")
    assert await poll(api, pool) == []
    assert (await api.get(f"/work_pools/{pool['name']}")).json["active_slots"] == 2
    await move(api, late[0], "COMPLETED")
    assert await poll(api, pool) == ["b1"]


async def test_a_limited_queue_does_not_hold_up_the_others(api: Api) -> None:
    pool, flow = await new_pool(api), await new_flow(api)
    await new_queue(api, pool, "narrow", priority=1, concurrency_limit=1)
    for number in range(3):
        await new_run(api, flow, pool, f"narrow-{number}", due=-30 + number, queue="narrow")
    await new_run(api, flow, pool, "free", due=-1)

    assert await poll(api, pool) == ["narrow-0", "free"]


async def test_paused_pools_and_queues_give_out_nothing(api: Api) -> None:
    pool, flow = await new_pool(api), await new_flow(api)
    await new_queue(api, pool, "other")
    await new_run(api, flow, pool, "a")
    await new_run(api, flow, pool, "b", queue="other")
    path = f"/work_pools/{pool['name']}"

    assert (await api.request("PATCH", f"{path}/queues/other", {"is_paused": True})).status == 204
    assert await poll(api, pool) == ["a"]
    assert (await api.request("PATCH", path, {"is_paused": True})).status == 204
    assert await poll(api, pool) == []
    assert (await api.request("PATCH", path, {"is_paused": False})).status == 204
    assert await poll(api, pool) == ["a"]


async def test_runs_of_a_paused_queue_take_no_slots_of_the_pool(api: Api) -> None:
    pool, flow = await new_pool(api, concurrency_limit=1), await new_flow(api)
    await new_queue(api, pool, "other")
    await move(api, await new_run(api, flow, pool, "a", queue="other"), "PENDING")
    await new_run(api, flow, pool, "b")

    assert await poll(api, pool) == []
    await api.request("PATCH", f"/work_pools/{pool['name']}/queues/other", {"is_paused": True})
    assert await poll(api, pool) == ["b"]


async def test_a_run_that_retries_in_its_process_is_not_given_out(api: Api) -> None:
    pool, flow = await new_pool(api), await new_flow(api)
    await new_run(api, flow, pool, "own", empirical_policy={"retry_type": "in_process"})
    await new_run(api, flow, pool, "other", empirical_policy={"retry_type": "reschedule"})

    assert await poll(api, pool) == ["other"]


async def test_a_run_is_given_out_without_its_state(api: Api) -> None:
    pool, flow = await new_pool(api), await new_flow(api)
    run = await new_run(api, flow, pool, "a")

    (given,) = (await api.post(f"/work_pools/{pool['name']}/get_scheduled_flow_runs")).json

    assert (given["work_pool_id"], given["work_queue_id"]) == (pool["id"], pool["default_queue_id"])
    shown = given["flow_run"]
    assert (shown["id"], shown["state"], shown["state_type"], shown["state_name"]) == (
        run["id"], None, "SCHEDULED", "Scheduled",
    )  # fmt: skip
    assert (shown["work_queue_id"], shown["work_queue_name"]) == (pool["default_queue_id"], None)


async def limited_deployment(api: Api, flow: str, pool: Json, limit: int, strategy: str = "ENQUEUE") -> tuple[str, str]:
    """Make a deployment with a limit of its own; return its id and the name of its limit."""
    body = {"name": unique("deployment"), "flow_id": flow, "work_pool_name": pool["name"], "concurrency_limit": limit}
    made = await api.created("/deployments/", body | {"concurrency_options": {"collision_strategy": strategy}})
    return made["id"], f"deployment:{made['id']}"


async def test_who_holds_slots_of_a_deployment_holds_up_the_others(api: Api) -> None:
    pool, flow = await new_pool(api), await new_flow(api)
    deployment, limit = await limited_deployment(api, flow, pool, limit=2)
    for number in range(3):
        await new_run(api, flow, pool, f"{number}", due=-10 + number, deployment_id=deployment)
    slot = {"names": [limit], "slots": 1, "mode": "concurrency"}

    assert await poll(api, pool) == ["0", "1"]
    lease = await api.created("/v2/concurrency_limits/increment-with-lease", slot | {"lease_duration": 60})
    assert await poll(api, pool) == ["0"]
    await api.created("/v2/concurrency_limits/increment", slot)
    assert await poll(api, pool) == []
    back = await api.post("/v2/concurrency_limits/decrement-with-lease", {"lease_id": lease["lease_id"]})
    assert back.status == 204, back.body
    assert await poll(api, pool) == ["0"]


async def test_500_runs_of_a_deployment_with_one_slot_do_not_delay_another(api: Api) -> None:
    pool, flow = await new_pool(api), await new_flow(api)
    deployment, _ = await limited_deployment(api, flow, pool, limit=1)
    await asyncio.gather(
        *(
            new_run(api, flow, pool, f"queued-{number:03}", due=-1000 + number, deployment_id=deployment)
            for number in range(500)
        )
    )
    await new_run(api, flow, pool, "unrelated", due=-1)

    assert await poll(api, pool, scheduled_before=at(0)) == ["queued-000", "unrelated"]
    assert await poll(api, pool, scheduled_before=at(0), limit=1) == ["queued-000"]


async def test_a_run_that_awaits_a_slot_keeps_its_place_and_is_due_when_there_is_one(api: Api) -> None:
    pool, flow = await new_pool(api), await new_flow(api)
    deployment, _ = await limited_deployment(api, flow, pool, limit=1)
    first = await new_run(api, flow, pool, "first", due=-20, deployment_id=deployment)
    await new_run(api, flow, pool, "second", due=-10, deployment_id=deployment)
    details = {"scheduled_time": at(30)}
    await move(api, first, "SCHEDULED", name="AwaitingConcurrencySlot", state_details=details)

    assert await poll(api, pool, scheduled_before=at(0)) == ["first"]


async def test_runs_that_are_cancelled_where_there_is_no_slot_are_given_out(api: Api) -> None:
    pool, flow = await new_pool(api), await new_flow(api)
    deployment, _ = await limited_deployment(api, flow, pool, limit=1, strategy="CANCEL_NEW")
    for number in range(3):
        await new_run(api, flow, pool, f"{number}", due=-10 + number, deployment_id=deployment)

    assert await poll(api, pool) == ["0", "1", "2"]


async def test_polls_at_the_same_time_never_give_out_more_than_the_limit(api: Api) -> None:
    pool, flow = await new_pool(api, concurrency_limit=3), await new_flow(api)
    for number in range(10):
        await new_run(api, flow, pool, f"{number}", due=-10 + number)

    given = await asyncio.gather(*(poll(api, pool) for _ in range(20)))

    assert {name for names in given for name in names} <= {"0", "1", "2"}
    assert await poll(api, pool) == ["0", "1", "2"]


async def test_a_poll_makes_the_queues_ready_and_is_noted(api: Api) -> None:
    pool = await new_pool(api)
    await new_queue(api, pool, "asked")
    await new_queue(api, pool, "not-asked")

    assert await poll(api, pool, work_queue_names=["asked"]) == []

    queues: Json = (await api.post(f"/work_pools/{pool['name']}/queues/filter")).json
    found = {each["name"]: (each["status"], each["last_polled"] is not None) for each in queues}
    assert found == {"default": ("NOT_READY", False), "asked": ("READY", True), "not-asked": ("NOT_READY", False)}


async def test_a_poll_makes_the_deployments_of_the_queue_ready(api: Api) -> None:
    pool, flow = await new_pool(api), await new_flow(api)
    made = await api.created("/deployments/", {"name": "d", "flow_id": flow, "work_pool_name": pool["name"]})
    assert made["status"] == "NOT_READY"

    await poll(api, pool)

    found = (await api.get(f"/deployments/{made['id']}")).json
    assert (found["status"], found["last_polled"] is not None) == ("READY", True)


async def test_polls_that_say_nothing_new_write_nothing(api: Api) -> None:
    pool = await new_pool(api)
    path = f"/work_pools/{pool['name']}/queues/default"
    await poll(api, pool)
    noted = (await api.get(path)).json

    for _ in range(5):
        await poll(api, pool)

    assert (await api.get(path)).json == noted


async def test_what_is_not_there_is_said_so(api: Api) -> None:
    pool = await new_pool(api)
    path = f"/work_pools/{pool['name']}/get_scheduled_flow_runs"

    unknown = await api.post(path, {"work_queue_names": ["default", "nope"]})
    assert (unknown.status, unknown.json) == (404, {"detail": f"Work pool queue '{pool['name']}/nope' not found."})
    missing = await api.post("/work_pools/nope/get_scheduled_flow_runs")
    assert (missing.status, missing.json) == (404, {"detail": 'Work pool "nope" not found.'})
    assert (await api.post(path, {"limit": 201})).json == {
        "detail": "Invalid limit: must be less than or equal to 200."
    }


async def test_a_queue_on_its_own_gives_out_its_runs(api: Api) -> None:
    pool, flow = await new_pool(api), await new_flow(api)
    queue = await new_queue(api, pool, "one", concurrency_limit=2)
    for number in range(3):
        await new_run(api, flow, pool, f"{number}", due=-10 + number, queue="one")
    path = f"/work_queues/{queue['id']}/get_runs"

    by_ui = await api.request("POST", path, {}, headers={"X-Prefect-UI": "true"})
    assert [run["name"] for run in by_ui.json] == ["0", "1"]
    assert (await api.get(f"/work_queues/{queue['id']}")).json["last_polled"] is None
    (run,) = (await api.post(path, {"limit": 1})).json
    assert (run["work_queue_name"], run["work_pool_name"], run["state"]["type"]) == ("one", pool["name"], "SCHEDULED")
    status = (await api.get(f"/work_queues/{queue['id']}/status")).json
    assert (status["healthy"], status["late_runs_count"]) == (True, 0)


async def test_a_queue_of_old_chooses_runs_by_tags(api: Api) -> None:
    pool, flow, tag = await new_pool(api), await new_flow(api), str(uuid4())
    queue = await api.created("/work_queues/", {"name": tag, "filter": {"tags": [tag]}})
    await new_run(api, flow, pool, "tagged", tags=[tag, "b"])
    await new_run(api, flow, pool, "untagged", tags=["b"])

    runs = (await api.post(f"/work_queues/{queue['id']}/get_runs", {"scheduled_before": at(0)})).json

    assert [run["name"] for run in runs] == ["tagged"]


@pytest.mark.parametrize("seed", range(4))
async def test_limits_of_all_kinds_give_out_what_counting_by_hand_does(api: Api, seed: int) -> None:
    random = Random(seed)
    pool, flow = await new_pool(api, concurrency_limit=random.choice([None, 4, 9])), await new_flow(api)
    rooms = {name: random.choice([None, 1, 3, 6]) for name in ("one", "two", "three")}
    for priority, (name, room) in enumerate(rooms.items(), 1):
        await new_queue(api, pool, name, priority=priority, concurrency_limit=room)
    limits: dict[str | None, int | None] = {None: None}
    for limit in (1, 3):
        limits[(await limited_deployment(api, flow, pool, limit))[0]] = limit
    limits[(await limited_deployment(api, flow, pool, 1, "CANCEL_NEW"))[0]] = None
    runs: list[tuple[str, str, str | None]] = []
    for number in range(30):
        queue, deployment = random.choice(list(rooms)), random.choice(list(limits))
        await new_run(api, flow, pool, f"{number}", due=-100 + number, queue=queue, deployment_id=deployment)
        runs.append((f"{number}", queue, deployment))

    expected: list[str] = []
    taken = Counter[str | None]()
    for name, queue, deployment in sorted(runs, key=lambda run: (list(rooms).index(run[1]), int(run[0]))):
        limit, room = limits[deployment], rooms[queue]
        if limit is not None and taken[deployment] >= limit:
            continue
        taken[deployment] += 1
        if room is None or taken[queue] < room:
            taken[queue] += 1
            expected.append(name)

    expected = expected[: pool["concurrency_limit"]]
    assert await poll(api, pool) == expected
    assert await poll(api, pool, limit=3) == expected[:3]


async def test_a_run_whose_deployment_lost_its_limit_is_given_out_in_its_place(api: Api) -> None:
    pool, flow = await new_pool(api), await new_flow(api)
    deployment, _ = await limited_deployment(api, flow, pool, limit=1)
    first = await new_run(api, flow, pool, "first", due=-20, deployment_id=deployment)
    second = await new_run(api, flow, pool, "second", due=-10, deployment_id=deployment)
    await new_run(api, flow, pool, "third", due=-5)
    await move(api, first, "PENDING")
    await move(api, second, "PENDING")

    assert await poll(api, pool) == ["third"]
    assert (await api.request("PATCH", f"/deployments/{deployment}", {"concurrency_limit": None})).status == 204
    assert await poll(api, pool) == ["second", "third"]


async def test_who_polls_again_is_told_what_has_changed(api: Api) -> None:
    pool, flow = await new_pool(api), await new_flow(api)
    run, other = [await new_run(api, flow, pool, name, due=due) for name, due in (("a", -20), ("b", -10))]
    path = f"/work_pools/{pool['name']}/get_scheduled_flow_runs"
    before, _ = (await api.post(path)).json
    again, _ = (await api.post(path)).json
    assert again["flow_run"].pop("estimated_start_time_delta") > before["flow_run"].pop("estimated_start_time_delta")
    assert again == before

    assert (await api.request("PATCH", f"/flow_runs/{run['id']}", {"tags": ["new"], "name": "c"})).status == 204
    changed, _ = (await api.post(path)).json
    assert (changed["flow_run"]["name"], changed["flow_run"]["tags"]) == ("c", ["new"])
    state = {"type": "SCHEDULED", "name": "Later", "state_details": {"scheduled_time": at(-15)}}
    assert (await api.created(f"/flow_runs/{run['id']}/set_state", {"state": state, "force": True}))[
        "status"
    ] == "ACCEPT"
    later, _ = (await api.post(path)).json
    assert (later["flow_run"]["state_name"], later["flow_run"]["state_id"]) != ("Scheduled", run["state_id"])
    await move(api, run, "PENDING")
    assert [each["flow_run"]["id"] for each in (await api.post(path)).json] == [other["id"]]
    assert (await api.request("DELETE", f"/flow_runs/{other['id']}")).status == 204
    assert (await api.post(path)).json == []


async def test_the_json_of_a_run_is_that_of_its_page_but_for_its_place(api: Api) -> None:
    pool, flow = await new_pool(api), await new_flow(api)
    parameters = {"list": [1, 2.5, None], "text": '"estimated_start_time_delta":'}
    run = await new_run(api, flow, pool, "a", tags=["t"], labels={"l": True}, parameters=parameters)
    (given,) = (await api.post(f"/work_pools/{pool['name']}/get_scheduled_flow_runs")).json
    page = (await api.get(f"/flow_runs/{run['id']}")).json

    assert (given["work_pool_id"], given["work_queue_id"]) == (pool["id"], pool["default_queue_id"])
    same = given["flow_run"]
    lateness = same.pop("estimated_start_time_delta"), page.pop("estimated_start_time_delta")
    assert 60 <= lateness[0] <= lateness[1]
    for member in ("state", "work_queue_name", "work_pool_id", "work_pool_name", "last_heartbeat"):
        for each in (same, page):
            each.pop(member, None)
    assert same == page
