"""Limits on task tags: through the older routes, and as task runs meet them."""

import asyncio
from collections import Counter
from uuid import uuid4

import pytest

from tests.integration.api.test_concurrency_limits import V2, in_use
from tests.support.client import Api
from tests.support.json import Json

pytestmark = pytest.mark.replicas

V1 = "/concurrency_limits"


async def new_tag(api: Api, limit: int = 1) -> str:
    """Limit a tag of its own, and return it."""
    tag = f"tag-{uuid4()}"
    await api.created(f"{V1}/", {"tag": tag, "concurrency_limit": limit})
    return tag


async def new_task_run(api: Api, *tags: str) -> str:
    """Make a pending task run in no flow run, and return its id."""
    body = {"task_key": "t", "dynamic_key": str(uuid4()), "tags": list(tags), "state": {"type": "PENDING"}}
    return (await api.created("/task_runs/", body))["id"]


async def move(api: Api, run_id: str, type_: str, *, force: bool = False) -> Json:
    """Propose a state."""
    answer = await api.post(f"/task_runs/{run_id}/set_state", {"state": {"type": type_}, "force": force})
    assert answer.status in (200, 201), answer.body
    return answer.json


async def test_a_tag_is_limited_read_changed_and_freed(api: Api) -> None:
    tag = f"tag-{uuid4()}"
    made = await api.post(f"{V1}/", {"tag": tag, "concurrency_limit": 2})
    assert (made.status, made.json["tag"], made.json["concurrency_limit"]) == (201, tag, 2)
    changed = await api.post(f"{V1}/", {"tag": tag, "concurrency_limit": 3})
    assert (changed.status, changed.json["id"], changed.json["concurrency_limit"]) == (200, made.json["id"], 3)
    for path in (f"{V1}/{made.json['id']}", f"{V1}/tag/{tag}"):
        assert (await api.get(path)).json == {**changed.json, "active_slots": []}
    assert (await api.get(f"{V2}/tag:{tag}")).json["limit"] == 3
    deleted = await api.request("DELETE", f"{V1}/tag/{tag}")
    assert (deleted.status, deleted.json) == (200, None)
    missing = await api.get(f"{V1}/tag/{tag}")
    assert (missing.status, missing.json) == (404, {"detail": "Concurrency limit not found"})


async def test_other_limits_are_not_on_a_tag(api: Api) -> None:
    other = await api.created(f"{V2}/", {"name": f"limit-{uuid4()}", "limit": 1})
    tag = await new_tag(api)
    assert (await api.get(f"{V1}/{other['id']}")).status == 404
    assert (await api.request("DELETE", f"{V1}/{other['id']}")).status == 404
    listed = (await api.post(f"{V1}/filter", {})).json
    assert tag in [limit["tag"] for limit in listed]
    assert other["id"] not in [limit["id"] for limit in listed]


async def test_task_runs_hold_slots(api: Api) -> None:
    tag, task_runs = await new_tag(api), [str(uuid4()) for _ in range(2)]
    taken = await api.post(f"{V1}/increment", {"names": [tag, "unlimited"], "task_run_id": task_runs[0]})
    assert (taken.status, [limit["name"] for limit in taken.json]) == (200, [tag])
    denied = await api.post(f"{V1}/increment", {"names": [tag], "task_run_id": task_runs[1]})
    assert (denied.status, denied.headers["Retry-After"]) == (423, "10")
    assert denied.json["detail"] == f"Concurrency limit for the {tag} tag has been reached"
    assert (await api.get(f"{V1}/tag/{tag}")).json["active_slots"] == task_runs[:1]
    other = await api.post(f"{V1}/decrement", {"names": [tag], "task_run_id": task_runs[1]})
    assert ([limit["name"] for limit in other.json], await in_use(api, f"tag:{tag}")) == ([f"tag:{tag}"], 1)
    await api.post(f"{V1}/decrement", {"names": [tag], "task_run_id": task_runs[0]})
    assert await in_use(api, f"tag:{tag}") == 0


async def test_a_tag_without_slots_does_not_tell_when_to_come_again(api: Api) -> None:
    tag = await new_tag(api, 0)
    denied = await api.post(f"{V1}/increment", {"names": [tag], "task_run_id": str(uuid4())})
    assert (denied.status, denied.headers.get("Retry-After")) == (423, None)
    assert "is 0 and will deadlock" in denied.json["detail"]


async def test_a_reset_gives_the_slots_to_whom_it_names(api: Api) -> None:
    tag, task_runs = await new_tag(api), [str(uuid4()) for _ in range(3)]
    await api.post(f"{V1}/increment", {"names": [tag], "task_run_id": task_runs[0]})
    reset = await api.post(f"{V1}/tag/{tag}/reset", {"slot_override": task_runs[1:]})
    assert (reset.status, reset.json) == (200, None)
    assert sorted((await api.get(f"{V1}/tag/{tag}")).json["active_slots"]) == sorted(task_runs[1:])
    await api.post(f"{V1}/tag/{tag}/reset", {})
    assert (await api.get(f"{V1}/tag/{tag}")).json["active_slots"] == []
    assert (await api.post(f"{V1}/tag/unlimited/reset", {})).status == 404


async def test_a_task_run_waits_for_a_slot_on_each_of_its_tags(api: Api) -> None:
    one, two = await new_tag(api, 1), await new_tag(api, 2)
    first, second = await new_task_run(api, one, two), await new_task_run(api, two, "free", one)

    assert (await move(api, first, "RUNNING"))["status"] == "ACCEPT"
    assert (await api.get(f"{V1}/tag/{one}")).json["active_slots"] == [first]
    waiting = await move(api, second, "RUNNING")

    assert waiting["status"] == "WAIT"
    assert waiting["details"]["reason"] == f"Concurrency limit reached for tags: {two}, {one}"
    assert 1 <= waiting["details"]["delay_seconds"] <= 3
    assert await in_use(api, f"tag:{two}") == 1
    await move(api, first, "COMPLETED")
    assert (await in_use(api, f"tag:{one}"), await in_use(api, f"tag:{two}")) == (0, 0)
    assert (await move(api, second, "RUNNING"))["status"] == "ACCEPT"


async def test_a_tag_of_0_aborts(api: Api) -> None:
    tag = await new_tag(api, 0)
    denied = await move(api, await new_task_run(api, tag), "RUNNING")
    assert (denied["status"], denied["details"]["reason"]) == (
        "ABORT",
        f'The concurrency limit on tag "{tag}" is 0 and will deadlock if the task tries to run again.',
    )


@pytest.mark.parametrize("end", ["FAILED", "SCHEDULED", "CRASHED"])
@pytest.mark.parametrize("force", [False, True])
async def test_every_end_gives_the_slots_back(api: Api, end: str, force: bool) -> None:
    tag = await new_tag(api)
    run = await new_task_run(api, tag)
    await move(api, run, "RUNNING")
    assert (await move(api, run, "RUNNING"))["status"] == "ACCEPT"
    assert await in_use(api, f"tag:{tag}") == 1
    await move(api, run, end, force=force)
    assert await in_use(api, f"tag:{tag}") == 0


async def test_deleting_a_task_run_gives_its_slots_back(api: Api) -> None:
    tag = await new_tag(api)
    run = await new_task_run(api, tag)
    await move(api, run, "RUNNING")
    assert (await api.request("DELETE", f"/task_runs/{run}")).status == 204
    assert await in_use(api, f"tag:{tag}") == 0


async def test_deleting_a_flow_gives_back_what_its_task_runs_hold(api: Api) -> None:
    tag = await new_tag(api)
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    flow_run = await api.created("/flow_runs/", {"flow_id": flow["id"], "state": {"type": "RUNNING"}})
    body = {"task_key": "t", "dynamic_key": "0", "flow_run_id": flow_run["id"], "tags": [tag]}
    run = await api.created("/task_runs/", {**body, "state": {"type": "PENDING"}})
    assert (await move(api, run["id"], "RUNNING"))["status"] == "ACCEPT"
    assert (await api.request("DELETE", f"/flows/{flow['id']}")).status == 204
    assert await in_use(api, f"tag:{tag}") == 0


async def test_of_many_task_runs_at_once_as_many_run_as_there_are_slots(api: Api) -> None:
    tag = await new_tag(api, 3)
    runs = await asyncio.gather(*(new_task_run(api, tag) for _ in range(40)))
    answers = await asyncio.gather(*(move(api, run, "RUNNING") for run in runs))
    assert Counter(answer["status"] for answer in answers) == {"ACCEPT": 3, "WAIT": 37}
    assert await in_use(api, f"tag:{tag}") == 3
