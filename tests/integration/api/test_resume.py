"""Resuming flow runs: when they go on, when they stay paused, and what becomes of their input."""

from uuid import uuid4

import pytest

from tests.support.client import Answer, Api
from tests.support.json import Json

KEYS = {"schema": "pause-schema", "response": "pause-response"}
SCHEMA = '{"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}'
CIRCLE = '{"properties": {"x": {"$ref": "#/definitions/A"}}, "definitions": {"A": {"$ref": "#/definitions/A"}}}'


async def pause(api: Api, run_id: str, **details: Json) -> None:
    """Put a run into a pause."""
    state = {"type": "PAUSED", "state_details": {"pause_timeout": "2100-01-01T00:00:00Z", **details}}
    await api.created(f"/flow_runs/{run_id}/set_state", {"state": state, "force": True})


async def paused_run(api: Api, schema: str | None = None, **details: Json) -> str:
    """Make a run that is paused, with an input schema if there is one; return its id."""
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    run = await api.created("/flow_runs/", {"flow_id": flow["id"], "state": {"type": "RUNNING"}})
    if schema is not None:
        assert (await api.post(f"/flow_runs/{run['id']}/input", {"key": KEYS["schema"], "value": schema})).status == 201
    await pause(api, run["id"], **details)
    return run["id"]


async def asking_run(api: Api, schema: str | None = SCHEMA) -> str:
    """Make a run that is paused and asks for an input."""
    return await paused_run(api, schema, run_input_keyset=KEYS)


async def resume(api: Api, run_id: str, run_input: Json = None) -> Answer:
    """Resume a run with an input."""
    return await api.post(f"/flow_runs/{run_id}/resume", {"run_input": run_input})


async def state_type(api: Api, run_id: str) -> str:
    """Return the type of the state that a run is in."""
    return (await api.get(f"/flow_runs/{run_id}")).json["state_type"]


async def test_a_paused_run_goes_on(api: Api):
    run_id = await paused_run(api)
    answer = await api.post(f"/flow_runs/{run_id}/resume")
    assert (answer.status, answer.json["status"]) == (201, "ACCEPT")
    assert answer.json["state"]["type"] == await state_type(api, run_id) == "RUNNING"


@pytest.mark.parametrize("state", [None, {"type": "RUNNING"}, {"type": "COMPLETED"}])
async def test_a_run_that_is_not_paused_is_left_alone(api: Api, state: Json):
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    run = await api.created("/flow_runs/", {"flow_id": flow["id"], "state": state})
    answer = await resume(api, run["id"], {"x": {"__prefect_kind": "none"}})
    reason = "Cannot resume a flow run that is not paused."
    assert answer.status == 200
    assert answer.json == {
        "state": None, "status": "ABORT", "details": {"type": "abort_details", "reason": reason},
    }  # fmt: skip


async def test_a_missing_run_is_not_found(api: Api):
    answer = await resume(api, str(uuid4()))
    assert (answer.status, answer.json) == (404, {"detail": "Flow run not found"})


async def test_a_suspended_run_without_deployment_cannot_be_scheduled_again(api: Api):
    run_id = await paused_run(api, pause_reschedule=True)
    answer = await resume(api, run_id)
    assert (answer.status, answer.json["status"]) == (200, "REJECT")
    reason = "Cannot reschedule a resuming flow run without a deployment."
    assert answer.json["details"] == {"type": "reject_details", "reason": reason}


async def test_an_expired_pause_fails_the_run_and_stores_no_input(api: Api):
    run_id = await paused_run(api, SCHEMA, run_input_keyset=KEYS, pause_timeout="2020-01-01T00:00:00Z")
    answer = await resume(api, run_id, {"x": 1})
    assert (answer.status, answer.json["status"], answer.json["state"]["type"]) == (201, "REJECT", "FAILED")
    assert (await api.get(f"/flow_runs/{run_id}/input/{KEYS['response']}")).status == 404


async def test_an_input_that_fits_is_stored_as_it_was_filled_in(api: Api):
    run_id = await asking_run(api)
    given = {"x": {"__prefect_kind": "json", "value": "5"}, "y": "é", "z": [1.0, None]}
    answer = await resume(api, run_id, given)
    assert (answer.status, answer.json["status"]) == (201, "ACCEPT")
    stored = await api.get(f"/flow_runs/{run_id}/input/{KEYS['response']}")
    assert stored.body.decode() == '{"x":5,"y":"é","z":[1.0,null]}'


async def test_an_input_may_name_a_variable_of_the_workspace(api: Api):
    name = f"v_{uuid4().hex}"
    await api.created("/variables/", {"name": name, "value": 7})
    run_id = await asking_run(api)
    answer = await resume(api, run_id, {"x": {"__prefect_kind": "workspace_variable", "variable_name": name}})
    assert (answer.status, answer.json["status"]) == (201, "ACCEPT")
    assert (await api.get(f"/flow_runs/{run_id}/input/{KEYS['response']}")).body == b'{"x":7}'


async def test_an_empty_input_is_not_stored(api: Api):
    run_id = await asking_run(api, "{}")
    assert (await resume(api, run_id, {})).status == 201
    assert (await api.get(f"/flow_runs/{run_id}/input/{KEYS['response']}")).status == 404


async def test_an_input_that_nobody_asked_for_is_ignored(api: Api):
    run_id = await paused_run(api)
    assert (await resume(api, run_id, {"x": {"__prefect_kind": "none"}})).status == 201
    assert (await api.post(f"/flow_runs/{run_id}/input/filter", {"prefix": "", "limit": 9})).json == []


@pytest.mark.parametrize(
    ("schema", "given", "reason"),
    [
        (
            SCHEMA,
            {"x": {"__prefect_kind": "none"}},
            "Error hydrating run input: Missing 'value' key in __prefect object",
        ),
        (
            SCHEMA,
            {"x": {"__prefect_kind": "workspace_variable", "variable_name": "nope"}},
            "Error hydrating run input: Variable 'nope' not found in workspace.",
        ),
        (None, {"x": 1}, "Run input schema not found."),
        ("{bad", {"x": 1}, "Run input schema is not valid JSON."),
        (
            SCHEMA,
            {"x": "a"},
            "Reason: Validation failed for field 'x'. Failure reason: 'a' is not of type 'integer'",
        ),
        (SCHEMA, None, "Reason: Validation failed. Failure reason: 'x' is a required property"),
        (CIRCLE, {"x": 1}, "Invalid schema: Unable to validate schema with circular references."),
        ('{"type": "nope"}', {"x": 1}, "Invalid schema: 'nope' is not valid under any of the given schemas"),
        ("[1]", {"x": 1}, "Invalid schema: [1] is not of type 'object'"),
    ],
)
async def test_a_run_stays_paused_until_its_input_fits(api: Api, schema: str | None, given: Json, reason: str):
    run_id = await asking_run(api, schema)
    answer = await resume(api, run_id, given)
    assert (answer.status, answer.json["status"]) == (200, "REJECT")
    assert answer.json["details"] == {"type": "abort_details", "reason": reason}
    assert answer.json["state"]["type"] == await state_type(api, run_id) == "PAUSED"


async def test_a_number_that_cannot_be_stored_is_refused(api: Api):
    run_id = await asking_run(api, "{}")
    answer = await resume(api, run_id, {"x": {"__prefect_kind": "json", "value": "1" + "0" * 30}})
    assert (answer.status, answer.json["status"]) == (200, "REJECT")
    assert "Integer exceeds 64-bit range" in answer.json["details"]["reason"]


@pytest.mark.parametrize("keys", [{"response": "r"}, {"schema": KEYS["schema"]}, {**KEYS, "response": "Not A Key"}])
async def test_a_keyset_that_names_no_usable_keys_is_refused(api: Api, keys: Json):
    run_id = await paused_run(api, SCHEMA, run_input_keyset=keys)
    answer = await resume(api, run_id, {"x": 1})
    assert (answer.status, answer.json["status"]) == (200, "REJECT")
    assert await state_type(api, run_id) == "PAUSED"


async def test_the_run_stays_paused_where_its_input_cannot_be_stored(api: Api):
    run_id = await asking_run(api)
    assert (await resume(api, run_id, {"x": 1})).status == 201
    await pause(api, run_id, run_input_keyset=KEYS)
    answer = await resume(api, run_id, {"x": 2})
    assert answer.status == 409
    assert await state_type(api, run_id) == "PAUSED"
    assert (await api.get(f"/flow_runs/{run_id}/input/{KEYS['response']}")).body == b'{"x":1}'


async def test_an_input_that_is_no_object_does_not_fit_the_request(api: Api):
    answer = await resume(api, await paused_run(api), 5)
    assert answer.status == 422
    assert answer.json["exception_detail"][0]["loc"] == ["body", "run_input"]
