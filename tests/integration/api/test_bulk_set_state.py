"""Setting the state of many flow runs: which ones, in which order, and each by itself."""

from uuid import uuid4

import pytest

from tests.support.client import Api
from tests.support.json import Json


async def make_runs(api: Api, *states: str) -> list[str]:
    """Make a run in each state; return their ids, the newest first."""
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    runs = [await api.created("/flow_runs/", {"flow_id": flow["id"], "state": {"type": each}}) for each in states]
    return sorted((run["id"] for run in runs), reverse=True)


def only(ids: list[str]) -> Json:
    """Return a filter that these runs match."""
    return {"id": {"any_": ids}}


async def set_states(api: Api, ids: list[str], state: Json, **members: Json) -> list[Json]:
    """Set the state of these runs; return the results."""
    body = {"flow_runs": only(ids), "state": state, **members}
    answer = await api.post("/flow_runs/bulk_set_state", body)
    assert answer.status == 200
    return answer.json["results"]


async def test_each_run_gets_a_state_of_its_own(api: Api):
    ids = await make_runs(api, "PENDING", "PENDING", "SCHEDULED")
    results = await set_states(api, ids, {"type": "RUNNING", "message": "go"})
    assert [result["flow_run_id"] for result in results] == ids
    assert {(each["status"], each["state"]["type"], each["state"]["message"]) for each in results} == {
        ("ACCEPT", "RUNNING", "go")
    }
    states = [(await api.get(f"/flow_runs/{id_}")).json["state_id"] for id_ in ids]
    assert states == [result["state"]["id"] for result in results]
    assert len(set(states)) == 3


async def test_a_run_that_may_not_move_does_not_hold_up_the_others(api: Api):
    ids = await make_runs(api, "RUNNING", "SCHEDULED")
    results = {each["state"]["type"]: each for each in await set_states(api, ids, {"type": "PENDING"})}
    assert results["PENDING"]["status"] == "ACCEPT"
    assert results["RUNNING"]["status"] == "ABORT"
    reason = "This run is in a RUNNING state and cannot transition to a PENDING state."
    assert results["RUNNING"]["details"] == {"type": "abort_details", "reason": reason}


async def test_force_sets_what_rules_would_refuse(api: Api):
    ids = await make_runs(api, "RUNNING")
    (result,) = await set_states(api, ids, {"type": "PENDING"}, force=True)
    assert (result["status"], result["state"]["type"]) == ("ACCEPT", "PENDING")


async def test_the_newest_runs_come_first_within_the_limit(api: Api):
    ids = await make_runs(api, "RUNNING", "RUNNING", "RUNNING")
    results = await set_states(api, ids, {"type": "COMPLETED"}, limit=2)
    assert [result["flow_run_id"] for result in results] == ids[:2]


async def test_nothing_matches_nothing(api: Api):
    assert await set_states(api, [], {"type": "CANCELLED"}) == []


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({}, "state"),
        ({"state": {"type": "CANCELLED"}, "limit": 0}, "limit"),
        ({"state": {"type": "CANCELLED"}, "limit": 51}, "limit"),
    ],
)
async def test_a_request_that_does_not_fit_is_refused(api: Api, body: Json, member: str):
    answer = await api.post("/flow_runs/bulk_set_state", body)
    assert answer.status == 422
    assert answer.json["exception_detail"][0]["loc"] == ["body", member]
