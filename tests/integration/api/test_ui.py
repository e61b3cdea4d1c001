"""What web pages ask for: sums by flow and run, dashboards, and the check of a form (behaviour.md, section 20)."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

import aiohttp
import orjson
import pytest

from ostinato_core.ids import new_id
from tests.support.client import Api
from tests.support.json import Json
from tests.support.server import Server


async def a_flow(api: Api) -> str:
    return (await api.created("/flows/", {"name": f"flow-{new_id()}"}))["id"]


async def a_run(api: Api, flow_id: str, state: Json, **more: Json) -> Json:
    return await api.created("/flow_runs/", {"flow_id": flow_id, "state": state} | more)


def scheduled(time: str) -> Json:
    return {"type": "SCHEDULED", "state_details": {"scheduled_time": time}}


async def test_the_next_run_of_each_flow(api: Api) -> None:
    busy, idle, unknown = await a_flow(api), await a_flow(api), str(new_id())
    await a_run(api, busy, scheduled("2031-01-01T00:00:00Z"))
    sooner = await a_run(api, busy, scheduled("2030-01-01T00:00:00Z"))
    await a_run(api, busy, {"type": "PENDING"})
    await a_run(api, idle, {"type": "RUNNING"})
    answer = await api.post("/ui/flows/next-runs", {"flow_ids": [busy, idle, unknown]})
    expected = {
        "id": sooner["id"], "flow_id": busy, "name": sooner["name"], "state_name": "Scheduled",
        "state_type": "SCHEDULED", "next_scheduled_start_time": "2030-01-01T00:00:00Z",
    }  # fmt: skip
    assert answer.json == {busy: expected, idle: None, unknown: None}


async def test_flows_without_deployments_have_none(api: Api) -> None:
    flow, unknown = await a_flow(api), str(new_id())
    answer = await api.post("/ui/flows/count-deployments", {"flow_ids": [flow, unknown]})
    assert answer.json == {flow: 0, unknown: 0}


async def task_run(api: Api, flow_run_id: str, kind: str) -> Json:
    body = {"flow_run_id": flow_run_id, "task_key": "t", "dynamic_key": str(new_id()), "state": {"type": kind}}
    return await api.created("/task_runs/", body)


async def test_task_runs_are_counted_without_those_that_stand_for_sub_flows(api: Api) -> None:
    flow, unknown = await a_flow(api), str(new_id())
    run = await a_run(api, flow, {"type": "RUNNING"})
    for _ in range(2):
        await task_run(api, run["id"], "RUNNING")
    dummy = await task_run(api, run["id"], "PENDING")
    await a_run(api, flow, {"type": "PENDING"}, parent_task_run_id=dummy["id"])
    answer = await api.post("/ui/flow_runs/count-task-runs", {"flow_run_ids": [run["id"], unknown]})
    assert answer.json == {run["id"]: 2, unknown: 0}


async def test_points_of_a_plot(api: Api) -> None:
    flow = await a_flow(api)
    later = await a_run(api, flow, scheduled("2030-01-01T00:00:00Z"))
    running = await a_run(api, flow, {"type": "RUNNING"})
    where = {"flows": {"id": {"any_": [flow]}}}
    answer = await api.post("/ui/flow_runs/history", where)
    first, second = answer.json
    assert (first["id"], first["timestamp"], first["duration"]) == (later["id"], "2030-01-01T00:00:00Z", 0.0)
    assert (second["id"], second["timestamp"]) == (running["id"], running["start_time"])
    assert second["duration"] > 0
    assert [len((await api.post("/ui/flow_runs/history", where | {"limit": n})).json) for n in (0, 1)] == [0, 1]
    assert (await api.post("/ui/flow_runs/history", {"limit": 1001})).status == 422


async def test_the_dashboard_counts_task_runs_by_start(api: Api) -> None:
    run = await a_run(api, await a_flow(api), {"type": "RUNNING"})
    for kind in ("COMPLETED", "CANCELLED", "FAILED", "CRASHED", "CRASHED", "RUNNING"):
        await task_run(api, run["id"], kind)
    after = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    body: Json = {"task_runs": {"start_time": {"after_": after}}, "flow_runs": {"id": {"any_": [run["id"]]}}}
    counts = (await api.post("/ui/task_runs/dashboard/counts", body)).json
    assert len(counts) == 20
    assert counts[-1] == {"completed": 2, "failed": 3}
    assert all(count == {"completed": 0, "failed": 0} for count in counts[:-1])
    body["task_runs"]["start_time"]["before_"] = "2020-01-01T00:00:00Z"
    assert sum(count["failed"] for count in (await api.post("/ui/task_runs/dashboard/counts", body)).json) == 0
    pool = {**body, "work_pools": {"name": {"any_": [f"none-{new_id()}"]}}}
    assert sum(count["failed"] for count in (await api.post("/ui/task_runs/dashboard/counts", pool)).json) == 0


async def test_the_dashboard_must_be_told_from_when(api: Api) -> None:
    answer = await api.post("/ui/task_runs/dashboard/counts", {"task_runs": {}})
    assert (answer.status, answer.json) == (422, {"detail": "task_runs.start_time.after_ is required"})
    assert (await api.post("/ui/task_runs/dashboard/counts", {})).status == 422


async def test_task_runs_are_counted_by_state(api: Api) -> None:
    run = await a_run(api, await a_flow(api), {"type": "RUNNING"})
    for kind in ("COMPLETED", "FAILED", "FAILED"):
        await task_run(api, run["id"], kind)
    answer = await api.post("/ui/task_runs/count", {"flow_runs": {"id": {"any_": [run["id"]]}}})
    none = {"PENDING": 0, "RUNNING": 0, "CANCELLED": 0, "CRASHED": 0, "PAUSED": 0, "CANCELLING": 0, "SCHEDULED": 0}
    assert answer.json == {"COMPLETED": 1, "FAILED": 2} | none


async def test_a_task_run_is_told_with_the_name_of_its_flow_run(api: Api) -> None:
    run = await a_run(api, await a_flow(api), {"type": "RUNNING"})
    inside = await task_run(api, run["id"], "PENDING")
    alone = await api.created("/task_runs/", {"task_key": "t", "dynamic_key": str(new_id())})
    assert (await api.get(f"/ui/task_runs/{inside['id']}")).json["flow_run_name"] == run["name"]
    shown = (await api.get(f"/ui/task_runs/{alone['id']}")).json
    assert (shown["id"], shown["flow_run_name"]) == (alone["id"], None)
    answer = await api.get(f"/ui/task_runs/{new_id()}")
    assert (answer.status, list(answer.json)) == (404, ["detail"])


def integers(**more: Json) -> Json:
    return {"type": "object", "properties": {"a": {"type": "integer"}}} | more


@pytest.mark.parametrize(
    ("schema", "values", "errors"),
    [
        (integers(), {"a": 1}, []),
        (integers(), {"a": None}, []),
        ({}, {}, []),
        (
            integers(additionalProperties=False),
            {"b": 1},
            ["Additional properties are not allowed ('b' was unexpected)"],
        ),
        (
            {
                "type": "object",
                "properties": {
                    "a": {"type": "integer"},
                    "b": {"type": "array", "items": {"type": "string"}},
                    "c": {"type": "object", "properties": {"d": {"type": "integer"}}, "required": ["d", "e"]},
                },
                "required": ["a", "z"],
            },
            {"b": [1, "x", 2], "c": {"d": "x"}},
            [
                {
                    "property": "b",
                    "errors": [
                        {"index": 0, "errors": ["1 is not of type 'string'"]},
                        {"index": 2, "errors": ["2 is not of type 'string'"]},
                    ],
                },
                {
                    "property": "c",
                    "errors": [
                        {"property": "d", "errors": ["'x' is not of type 'integer'"]},
                        {"property": "e", "errors": ["'e' is a required property"]},
                    ],
                },
                {"property": "a", "errors": ["'a' is a required property"]},
                {"property": "z", "errors": ["'z' is a required property"]},
            ],
        ),
        (
            {"type": "object", "properties": {"a": {"type": "integer", "minimum": 3}}},
            {"a": {"__prefect_kind": "json", "value": "2"}},
            [{"property": "a", "errors": ["2 is less than the minimum of 3"]}],
        ),
        (
            integers(),
            {"a": {"__prefect_kind": "jinja", "template": "{{ x"}},
            [
                {
                    "property": "a",
                    "errors": ["Invalid jinja: unexpected end of template, expected 'end of print statement'."],
                }
            ],
        ),
        (
            integers(),
            {"a": {"__prefect_kind": "workspace_variable", "variable_name": "v"}},
            [{"property": "a", "errors": ["Variable 'v' not found in workspace."]}],
        ),
        (
            integers(required=["a"]),
            {"a": {"__prefect_kind": "workspace_variable"}},
            [{"property": "a", "errors": ["'a' is a required property"]}],
        ),
        (
            integers(required=["a"]),
            {"a": {"__prefect_kind": "json"}},
            [{"property": "a", "errors": ["'a' is a required property"]}],
        ),
    ],
)
async def test_a_form_is_checked_member_by_member(api: Api, schema: Json, values: Json, errors: Json) -> None:
    answer = await api.post("/ui/schemas/validate", {"schema": schema, "values": values})
    assert (answer.status, answer.json) == (200, {"errors": errors, "valid": not errors})


async def test_a_form_is_checked_with_the_values_of_variables(api: Api) -> None:
    name = f"v_{new_id().hex}"
    await api.created("/variables/", {"name": name, "value": "seven"})
    named = {"__prefect_kind": "workspace_variable", "variable_name": name}
    schema: Json = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "integer"}}, "b": {}}}
    answer = await api.post("/ui/schemas/validate", {"schema": schema, "values": {"a": [1, named], "b": named}})
    problem = {"index": 1, "errors": ["'seven' is not of type 'integer'"]}
    assert answer.json == {"errors": [{"property": "a", "errors": [problem]}], "valid": False}


@pytest.mark.parametrize("schema", [{"type": "foo"}, {"properties": {"a": {"$ref": "#/definitions/x"}}}])
async def test_a_schema_that_is_none_is_refused(api: Api, schema: Json) -> None:
    answer = await api.post("/ui/schemas/validate", {"schema": schema, "values": {"a": 1}})
    assert answer.status == 422
    assert answer.json["detail"].startswith("Invalid schema: ")


async def test_the_settings_are_shown_in_the_groups_of_the_wire_without_secrets(api: Api) -> None:
    settings = (await api.get("/admin/settings")).json
    server = settings["server"]
    assert server["api"]["default_limit"] == 200
    assert server["api"]["csrf_token_expiration"] == "PT3600S"
    assert server["database"]["connection_url"] == "********"
    assert server["database"]["sqlalchemy"]["pool_size"] > 0
    assert server["logs"] == {"stream_out_enabled": True, "stream_publishing_enabled": True}
    assert server["flow_run_graph"]["max_nodes"] == 10_000


async def test_what_a_log_in_page_must_know(server: Server) -> None:
    async with aiohttp.ClientSession() as session, session.get(urljoin(server.url, "/ui-settings")) as response:
        known = orjson.loads(await response.read())
    assert (response.status, known["auth"], known["csrf_enabled"], known["flags"]) == (200, None, False, [])
    assert known["api_url"].endswith("/api")


async def test_metrics_are_not_served_unless_asked_for(api: Api) -> None:
    assert (await api.get("/metrics")).status == 404
