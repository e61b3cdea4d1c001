"""Deployments over the API: made and changed, their schedules, their runs, and the events that tell of them."""

# ruff: noqa: E501 - a case a line

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from ostinato_wire.base import JsonObject
from tests.support.client import Api
from tests.support.json import Json
from tests.support.ports import wait_until

INTEGER = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
HOURLY = {"interval": 3600, "anchor_date": "2026-01-01T00:00:00Z", "timezone": "UTC"}
UNKNOWN = "00000000-0000-4000-8000-000000000000"


async def new_flow(api: Api, **members: Json) -> Json:
    """Make a flow."""
    return await api.created("/flows/", {"name": f"flow-{uuid4()}", **members})


async def new_deployment(api: Api, **members: Json) -> Json:
    """Make a deployment, of a flow of its own unless one is given."""
    flow_id = members.pop("flow_id", None) or (await new_flow(api))["id"]
    return await api.created("/deployments/", {"name": f"deployment-{uuid4()}", "flow_id": flow_id, **members})


async def new_pool(api: Api, **variables: Json) -> str:
    """Make a work pool whose template has these variables; return its name."""
    template = {"job_configuration": {"command": "run"}, "variables": {"type": "object", **variables}}
    body = {"name": f"pool-{uuid4()}", "type": "process", "base_job_template": template}
    return (await api.created("/work_pools/", body))["name"]


async def read(api: Api, deployment: Json) -> Json:
    """Return a deployment as it is now."""
    return (await api.get(f"/deployments/{deployment['id']}")).json


async def patch(api: Api, deployment: Json, **members: Json) -> tuple[int, Json]:
    """Change a deployment; return status and body."""
    answer = await api.request("PATCH", f"/deployments/{deployment['id']}", members)
    return answer.status, answer.json


async def waiting_runs(api: Api, deployment: Json) -> list[Json]:
    """Return the runs of a deployment, by expected start."""
    where = {"deployments": {"id": {"any_": [deployment["id"]]}}, "sort": "EXPECTED_START_TIME_ASC"}
    return (await api.post("/flow_runs/filter", where)).json


async def events_of(api: Api, deployment: Json, number: int) -> list[Json]:
    """Return the events about a deployment, the oldest first, once there are so many."""
    wanted = {"resource": {"id": [f"prefect.deployment.{deployment['id']}"]}, "order": "ASC"}

    async def enough() -> list[Json] | None:
        found = (await api.post("/events/filter", {"filter": wanted})).json["events"]
        return found if len(found) >= number else None

    found = await wait_until(enough, seconds=20, every=0.05, what="the events of a deployment")
    assert found is not None
    return found


async def test_a_new_deployment_has_its_defaults_and_its_flows_labels(api: Api) -> None:
    flow = await new_flow(api, labels={"team": "a"})
    made = await new_deployment(api, flow_id=flow["id"], labels={"own": 1})

    assert made["labels"] == {"team": "a", "prefect.flow.id": flow["id"], "own": 1}
    assert (made["status"], made["pull_steps"], made["enforce_parameter_schema"]) == ("NOT_READY", [], True)
    assert made == await read(api, made)
    by_name = await api.get(f"/deployments/name/{flow['name']}/{made['name']}")
    assert by_name.json == made


async def test_what_is_there_is_changed_by_the_members_present(api: Api) -> None:
    first = await new_deployment(
        api, description="old", tags=["a"], parameters={"x": 1}, job_variables={"k": 1}, paused=True,
        schedules=[{"schedule": HOURLY, "slug": "s"}],
    )  # fmt: skip
    body: JsonObject = {"name": first["name"], "flow_id": first["flow_id"], "tags": ["b"], "job_variables": {}}

    answer = await api.post("/deployments/", body)

    assert answer.status == 200
    second = answer.json
    kept = ("id", "created", "description", "paused", "job_variables", "created_by")
    assert [second[name] for name in kept] == [first[name] for name in kept]
    assert (second["tags"], second["parameters"], second["schedules"]) == (["b"], {}, [])


@pytest.mark.parametrize(
    ("members", "status", "text"),
    [
        ({"name": "a/b"}, 422, "pattern"),
        ({"concurrency_limit": 1, "global_concurrency_limit_id": UNKNOWN}, 422, "both"),
        ({"concurrency_limit": 0}, 422, "greater than 0"),
        ({"global_concurrency_limit_id": UNKNOWN}, 404, "Concurrency limit not found"),
        ({"work_pool_name": "none"}, 404, 'Work pool "none" not found.'),
        ({"flow_id": UNKNOWN}, 409, "integrity"),
        ({"infrastructure_document_id": UNKNOWN}, 409, "Could not find infrastructure block"),
        ({"schedules": [{"schedule": HOURLY, "slug": "s"}, {"schedule": HOURLY, "slug": "s"}]}, 409, "integrity"),
        ({"schedules": [{"schedule": {"cron": "nonsense"}}]}, 422, "cron"),
        ({"schedules": [{"schedule": {"rrule": "nonsense"}}]}, 422, "RRule"),
        ({"schedules": [{"schedule": {"rrule": "FREQ=SECONDLY;BYSETPOS=2"}}]}, 422, "Use a larger FREQ"),
        ({"schedules": [{"schedule": {"cron": "@daily", "timezone": "Mars/Olympus"}}]}, 422, "time zone"),
        ({"schedules": [{"schedule": HOURLY, "max_scheduled_runs": 51}]}, 422, "less than or equal to 50"),
        ({"enforce_parameter_schema": True, "parameters": {"x": "a"}, "parameter_openapi_schema": INTEGER}, 422, "'x'"),
        ({"enforce_parameter_schema": True, "parameter_openapi_schema": {"type": "shoe"}}, 422, "not a valid json"),
    ],
)
async def test_what_cannot_be_made_is_refused(api: Api, members: Json, status: int, text: str) -> None:
    flow = await new_flow(api)
    body = {"name": f"deployment-{uuid4()}", "flow_id": flow["id"], **members}

    answer = await api.post("/deployments/", body)

    assert (answer.status, text in answer.body.decode().replace('\\"', '"')) == (status, True), answer.body
    assert (await api.post("/deployments/count", {"flows": {"id": {"any_": [flow["id"]]}}})).json == 0


async def test_queues_are_made_where_they_are_missing(api: Api) -> None:
    pool = await new_pool(api)

    plain = await new_deployment(api, work_pool_name=pool)
    named = await new_deployment(api, work_pool_name=pool, work_queue_name="fresh")
    alone = await new_deployment(api, work_queue_name=f"queue-{uuid4()}")

    assert (plain["work_pool_name"], plain["work_queue_name"]) == (pool, "default")
    assert (named["work_pool_name"], named["work_queue_name"]) == (pool, "fresh")
    assert alone["work_pool_name"] == "default-agent-pool"
    assert await patch(api, named, work_pool_name=None) == (204, None)
    assert (await read(api, named))["work_queue_id"] is None
    assert (await patch(api, named, work_pool_name="none"))[0] == 404


async def test_deployments_are_found_by_everything_around_them(api: Api) -> None:
    pool = await new_pool(api)
    flow = await new_flow(api)
    one = await new_deployment(api, flow_id=flow["id"], work_pool_name=pool, tags=["red"])
    two = await new_deployment(api, flow_id=flow["id"], paused=True, tags=["red", "blue"])
    run = await api.created(f"/deployments/{one['id']}/create_flow_run", {})
    mine = {"flows": {"id": {"any_": [flow["id"]]}}}

    async def found(**where: Json) -> set[str]:
        return {each["id"] for each in (await api.post("/deployments/filter", {**mine, **where})).json}

    assert await found() == {one["id"], two["id"]}
    assert await found(work_pools={"name": {"any_": [pool]}}) == {one["id"]}
    assert await found(work_pool_queues={"name": {"startswith_": ["def"]}}) == {one["id"]}
    assert await found(flow_runs={"id": {"any_": [run["id"]]}}) == {one["id"]}
    assert await found(deployments={"tags": {"all_": ["blue"]}}) == {two["id"]}
    assert await found(deployments={"tags": {"any_": ["red"]}, "paused": {"eq_": False}}) == {one["id"]}
    assert await found(deployments={"work_queue_name": {"any_": ["default"]}}) == {one["id"]}
    assert await found(deployments={"flow_or_deployment_name": {"like_": flow["name"][3:]}}) == {one["id"], two["id"]}
    assert await found(deployments={"name": {"like_": two["name"]}}) == {two["id"]}
    by_pool = {"work_pools": {"name": {"any_": [pool]}}}
    by_deployment = {"deployments": {"id": {"any_": [one["id"]]}}}
    for where in (by_pool, by_deployment, by_pool | by_deployment):
        assert [each["id"] for each in (await api.post("/flows/filter", where)).json] == [flow["id"]]
        assert [each["id"] for each in (await api.post("/flow_runs/filter", where)).json] == [run["id"]]
    has = {"flows": {"id": {"any_": [flow["id"]]}, "deployment": {"is_null_": False}}}
    assert (await api.post("/flows/count", has)).json == 1
    page = (await api.post("/deployments/paginate", {**mine, "limit": 1, "page": 2})).json
    assert (page["count"], page["pages"], len(page["results"])) == (2, 2, 1)


async def test_schedules_are_merged_by_slug(api: Api) -> None:
    made = await new_deployment(api, schedules=[{"schedule": HOURLY, "slug": "a"}, {"schedule": HOURLY, "slug": "b"}])
    ids = {each["slug"]: each["id"] for each in made["schedules"]}

    assert (await patch(api, made, schedules=[]))[0] == 204
    assert {each["slug"] for each in (await read(api, made))["schedules"]} == {"a", "b"}
    changes = [
        {"slug": "a", "active": False},
        {"slug": "c", "replaces": "b", "parameters": {"p": 1}},
        {"slug": "d", "schedule": {"cron": "@daily"}},
    ]
    assert (await patch(api, made, schedules=changes))[0] == 204
    after = {each["slug"]: each for each in (await read(api, made))["schedules"]}
    assert set(after) == {"a", "c", "d"}
    assert (after["a"]["id"], after["a"]["active"], after["a"]["schedule"]) == (ids["a"], False, HOURLY)
    assert (after["c"]["id"], after["c"]["parameters"]) == (ids["b"], {"p": 1})
    assert after["d"]["schedule"] == {"cron": "@daily", "timezone": None, "day_or": True}
    refused = [
        ([{"schedule": HOURLY}], "Please provide a slug"),
        ([{"slug": "new"}], "without a schedule configuration"),
        ([{"slug": "x", "replaces": "a"}, {"slug": "y", "replaces": "a"}], "Multiple schedules"),
        ([{"slug": "c", "replaces": "a"}], "Cannot rename schedule from 'a' to 'c'"),
    ]
    for schedules, text in refused:
        status, body = await patch(api, made, schedules=schedules)
        assert (status, text in body["detail"]) == (422, True), body


async def test_schedules_have_routes_of_their_own(api: Api) -> None:
    made = await new_deployment(api)
    path = f"/deployments/{made['id']}/schedules"

    created = await api.post(path, [{"schedule": {"rrule": "FREQ=DAILY"}, "slug": "s", "parameters": {"p": 1}}])
    assert (created.status, created.json[0]["schedule"]["rrule"]) == (201, "DTSTART:20200101T000000\nFREQ=DAILY")
    assert (await api.post(path, [{"schedule": HOURLY, "slug": "s"}])).status == 409
    one = f"{path}/{created.json[0]['id']}"
    assert (await api.request("PATCH", one, {"active": False, "slug": None})).status == 204
    (changed,) = (await api.get(path)).json
    assert (changed["active"], changed["slug"], changed["parameters"]) == (False, "s", {})
    assert (await api.request("DELETE", one)).status == 204
    assert (await api.request("DELETE", one)).json == {"detail": "Schedule not found."}
    assert (await api.request("PATCH", one, {"active": True})).json == {"detail": "Schedule not found."}
    assert (await api.request("PATCH", f"{path}/no-id", {"active": True})).json == {"detail": "Not Found"}


async def test_members_of_a_schedule_are_taken_away_by_name(api: Api) -> None:
    made = await new_deployment(api, schedules=[{"schedule": HOURLY, "slug": "s", "max_scheduled_runs": 3}])
    (schedule,) = made["schedules"]
    path = f"/deployments/{made['id']}/schedules"
    one = f"{path}/{schedule['id']}"

    both = await api.request("PATCH", one, {"slug": "t", "clear": ["slug"]})
    assert both.status == 422
    assert b"slug has a value as well" in both.body
    assert (await api.request("PATCH", one, {"clear": ["cron"]})).status == 422
    assert (await api.request("PATCH", one, {"active": False, "clear": ["slug", "max_scheduled_runs"]})).status == 204
    (changed,) = (await api.get(path)).json
    assert changed["id"] == schedule["id"]
    assert (changed["slug"], changed["max_scheduled_runs"], changed["active"]) == (None, None, False)


async def test_job_variables_are_taken_away_by_name(api: Api) -> None:
    made = await new_deployment(api, job_variables={"k": 1})
    nothing: tuple[Json, ...] = ({}, None)
    for said_nothing in nothing:
        assert (await patch(api, made, job_variables=said_nothing))[0] == 204
        assert (await read(api, made))["job_variables"] == {"k": 1}
    assert (await patch(api, made, clear=["job_variables"], job_variables={"k": 2}))[0] == 422
    assert (await patch(api, made, clear=["job_variables"]))[0] == 204
    assert (await read(api, made))["job_variables"] == {}


async def test_it_is_told_who_pauses_a_deployment_and_changes_its_schedules(api: Api) -> None:
    made = await new_deployment(api)
    path = f"/deployments/{made['id']}"
    for verb in ("pause", "pause", "resume"):
        await api.post(f"{path}/{verb}_deployment")
    (schedule,) = (await api.post(f"{path}/schedules", [{"schedule": HOURLY, "slug": "s"}])).json
    for _ in range(2):
        await api.request("PATCH", f"{path}/schedules/{schedule['id']}", {"active": False})
    await api.request("DELETE", f"{path}/schedules/{schedule['id']}")

    told = [event for event in await events_of(api, made, 6) if event["event"].startswith("ostinato.")]
    assert [event["event"].removeprefix("ostinato.deployment.") for event in told] == [
        "paused", "resumed", "schedule-created", "schedule-updated", "schedule-deleted",
    ]  # fmt: skip
    assert told[3]["payload"]["updates"] == {"active": {"from": True, "to": False}}
    assert {event["payload"]["schedule_id"] for event in told[2:]} == {schedule["id"]}


async def test_it_is_kept_and_told_where_a_version_comes_from(api: Api) -> None:
    first = {"type": "vcs:git", "version": "1", "commit_sha": "a" * 40, "branch": "main", "unknown": "x"}
    made = await new_deployment(api, version="1", version_info=first)
    kept = {name: value for name, value in made["version_info"].items() if value is not None}
    assert kept == {name: value for name, value in first.items() if name != "unknown"}
    again = {"name": made["name"], "flow_id": made["flow_id"], "version": "1"}
    await api.created("/deployments/", {**again, "version_info": first})
    second = {**first, "commit_sha": "b" * 40}
    assert (await patch(api, made, version_info=second))[0] == 204
    assert (await read(api, made))["version_info"]["commit_sha"] == "b" * 40

    told = [
        event for event in await events_of(api, made, 3) if event["event"] == "ostinato.deployment.version-deployed"
    ]
    assert [event["payload"]["version_info"]["commit_sha"][0] for event in told] == ["a", "b"]
    await api.created("/deployments/", again)
    assert (await read(api, made))["version_info"] is None


async def test_schedules_make_runs_once(api: Api) -> None:
    schedules = [{"schedule": HOURLY, "slug": "s", "parameters": {"x": 2}}, {"schedule": HOURLY, "active": False}]
    made = await new_deployment(
        api, schedules=schedules, parameters={"x": 1, "y": 1}, tags=["t"], version="7", work_pool_name=await new_pool(api)
    )  # fmt: skip
    window = {"start_time": "2026-02-01T00:00:00Z", "end_time": "2026-02-02T00:00:00Z", "min_runs": 4}

    for _ in range(2):
        answer = await api.post(f"/deployments/{made['id']}/schedule", window)
        assert (answer.status, answer.json) == (200, None)

    # The server itself makes those from now on, meanwhile.
    runs = [run for run in await waiting_runs(api, made) if run["expected_start_time"] < "2026-02-02"]
    assert [run["expected_start_time"][11:16] for run in runs] == ["00:00", "01:00", "02:00", "03:00"]
    run = runs[0]
    schedule = next(each for each in made["schedules"] if each["slug"] == "s")
    assert run["created_by"] == {"id": schedule["id"], "type": "SCHEDULE", "display_value": "s"}
    assert run["idempotency_key"].startswith(f"scheduled {made['id']} ")
    assert run["idempotency_key"].endswith(" 2026-02-01 00:00:00+00:00")
    assert (run["parameters"], run["tags"]) == ({"x": 2, "y": 1}, ["auto-scheduled", "t"])
    assert (run["deployment_version"], run["work_queue_id"]) == ("7", made["work_queue_id"])
    assert run["state"]["state_details"]["scheduled_time"] == "2026-02-01T00:00:00Z"
    assert run["labels"]["prefect.deployment.id"] == made["id"]
    states = (await api.get("/flow_run_states/", flow_run_id=run["id"])).json
    assert [(state["type"], state["message"]) for state in states] == [("SCHEDULED", "Flow run scheduled")]
    assert (await api.post(f"/deployments/{uuid4()}/schedule", {})).status == 200


@pytest.mark.parametrize("change", ["patch", "pause", "upsert", "schedule", "unschedule"])
async def test_a_change_takes_back_the_runs_that_schedules_have_made(api: Api, change: str) -> None:
    made = await new_deployment(api, schedules=[{"schedule": HOURLY, "slug": "s"}])
    kept = await api.created(f"/deployments/{made['id']}/create_flow_run", {})
    await api.post(f"/deployments/{made['id']}/schedule", {})
    before = {run["id"] for run in await waiting_runs(api, made)}
    assert len(before) > 1

    schedule = f"/deployments/{made['id']}/schedules/{made['schedules'][0]['id']}"
    if change == "patch":
        await patch(api, made, description="new")
    elif change == "pause":
        assert (await api.post(f"/deployments/{made['id']}/pause_deployment")).json is None
        assert (await read(api, made))["paused"] is True
    elif change == "upsert":
        await api.created("/deployments/", {"name": made["name"], "flow_id": made["flow_id"]})
    elif change == "schedule":
        await api.request("PATCH", schedule, {"active": False})
    else:
        await api.request("DELETE", schedule)

    left = {run["id"] for run in await waiting_runs(api, made)}
    assert left & before == {kept["id"]}
    # What is still asked for is made anew.
    assert left == {kept["id"]} or change == "patch"


async def test_how_a_schedule_catches_up_outlives_clients_that_do_not_know_of_it(api: Api) -> None:
    every = {"interval": 60, "anchor_date": "2026-01-01T00:00:00Z", "timezone": "UTC"}
    made = await new_deployment(api, schedules=[
        {"schedule": HOURLY, "slug": "s", "catchup": "latest", "max_late_seconds": 600},
        {"schedule": every, "slug": "t"},
    ])  # fmt: skip

    def told(schedules: list[Json]) -> dict[str | None, tuple[str, float | None]]:
        return {each["slug"]: (each["catchup"], each["max_late_seconds"]) for each in schedules}

    assert told(made["schedules"]) == {"s": ("latest", 600.0), "t": ("all", None)}
    body = {"name": made["name"], "flow_id": made["flow_id"]}
    again = await api.created("/deployments/", body | {"schedules": [{"schedule": {"cron": "@daily"}, "slug": "s"}]})
    assert told(again["schedules"]) == {"s": ("latest", 600.0)}

    await api.created("/deployments/", body | {"schedules": [{"schedule": every, "catchup": "none"}]})
    later = every | {"anchor_date": "2026-01-02T00:00:07Z"}
    again = await api.created("/deployments/", body | {"schedules": [{"schedule": later}, {"schedule": HOURLY}]})
    assert sorted(each["catchup"] for each in again["schedules"]) == ["all", "none"]

    (one,) = (each for each in again["schedules"] if each["catchup"] == "none")
    changed = {"catchup": "all", "max_late_seconds": 5}
    path = f"/deployments/{made['id']}/schedules"
    assert (await api.request("PATCH", f"{path}/{one['id']}", changed)).status == 204
    assert told([each for each in (await api.get(path)).json if each["id"] == one["id"]]) == {None: ("all", 5.0)}
    refused = await api.post(path, [{"schedule": HOURLY, "catchup": "some"}])
    assert (refused.status, "catchup" in str(refused.json)) == (422, True)


async def test_runners_are_given_runs_that_are_due_and_that_makes_a_deployment_ready(api: Api) -> None:
    made = await new_deployment(api)
    now = datetime.now(UTC)
    times = [now + timedelta(minutes=minutes) for minutes in (-1, -2, 10)]
    for time in times:
        state = {"type": "SCHEDULED", "state_details": {"scheduled_time": time.isoformat()}}
        await api.created(f"/deployments/{made['id']}/create_flow_run", {"state": state, "name": str(time.minute)})

    body = {"deployment_ids": [made["id"]], "scheduled_before": now.isoformat()}
    due = (await api.post("/deployments/get_scheduled_flow_runs", body)).json

    assert [run["name"] for run in due] == [str(times[1].minute), str(times[0].minute)]
    after = await read(api, made)
    assert (after["status"], after["last_polled"] is not None) == ("READY", True)
    assert after["updated"] == made["updated"]
    assert [event["event"] for event in await events_of(api, made, 2)][-1] == "prefect.deployment.ready"


async def test_a_run_gets_what_its_deployment_has(api: Api) -> None:
    pool = await new_pool(api)
    made = await new_deployment(
        api, parameters={"x": 1, "y": 1}, tags=["a", "b"], labels={"l": 1}, version="v", work_pool_name=pool,
        parameter_openapi_schema={**INTEGER, "properties": {"x": {"type": "integer"}}},
    )  # fmt: skip
    path = f"/deployments/{made['id']}/create_flow_run"
    variable = await api.created("/variables/", {"name": f"v_{uuid4().hex}", "value": 5})
    x = {"__prefect_kind": "workspace_variable", "variable_name": variable["name"]}
    body = {
        "parameters": {"x": x},
        "tags": ["b", "c"],
        "idempotency_key": "k",
        "labels": {"r": 2},
        "work_queue_name": "q",
    }
    first, again = await api.post(path, body), await api.post(path, body)

    run = first.json
    assert (first.status, again.status, again.json["id"]) == (201, 200, run["id"])
    assert (run["parameters"], run["tags"]) == ({"x": 5, "y": 1}, ["a", "b", "c"])
    assert (run["deployment_version"], run["state_type"]) == ("v", "SCHEDULED")
    assert (run["work_pool_name"], run["work_queue_name"]) == (pool, "q")
    assert run["labels"] == {
        "l": 1, "prefect.flow.id": made["flow_id"], "prefect.deployment.id": made["id"], "r": 2,
    }  # fmt: skip
    assert (await api.get(f"/flow_runs/{run['id']}")).json["work_pool_name"] == pool


async def test_runs_that_do_not_fit_are_refused(api: Api) -> None:
    made = await new_deployment(api, parameter_openapi_schema=INTEGER)
    path = f"/deployments/{made['id']}/create_flow_run"
    broken = {"__prefect_kind": "json", "value": "{"}

    missing = await api.post(path, {})
    unread = await api.post(path, {"parameters": {"x": broken}})
    placeless = await api.post(path, {"parameters": {"x": 1}, "work_queue_name": "q"})
    free = await api.post(path, {"parameters": {"x": "a"}, "enforce_parameter_schema": False})
    bulk = await api.post(
        f"{path}/bulk",
        [{}, {"parameters": {"x": broken}}, {"parameters": {"x": 1}, "work_queue_name": "q"}, {"parameters": {"x": 1}}],
    )

    required = "Validation failed. Failure reason: 'x' is a required property"
    assert (missing.status, missing.json["detail"]) == (409, f"Error creating flow run: {required}")
    assert (unread.status, unread.json["detail"][:42]) == (400, "Error hydrating flow run parameters: Inval")
    assert (placeless.status, "not associated with a work pool" in placeless.json["detail"]) == (400, True)
    assert free.status == 201
    results = bulk.json["results"]
    assert [result["status"] for result in results] == ["FAILED", "FAILED", "FAILED", "CREATED"]
    assert results[0]["error"] == f"Parameter validation failed: {required}"
    assert results[1]["error"].startswith("Invalid JSON: ")
    assert (await api.post(f"{path}/bulk", [{"parameters": {"x": 1}}] * 101)).status == 400
    assert (await api.post(f"/deployments/{uuid4()}/create_flow_run/bulk", [])).status == 404


async def test_job_variables_fit_the_work_pool(api: Api) -> None:
    pool = await new_pool(api, properties={"a": {"type": "integer"}, "b": {"type": "string"}}, required=["a"])
    flow = await new_flow(api)
    body = {"name": "d", "flow_id": flow["id"], "work_pool_name": pool}

    refused = await api.post("/deployments/", {**body, "job_variables": {"a": "x"}})
    made = await api.created("/deployments/", {**body, "job_variables": {"b": "x"}})
    path = f"/deployments/{made['id']}/create_flow_run"
    missing = await api.post(path, {})
    run = await api.created(path, {"job_variables": {"a": 1}})
    changed = await api.request("PATCH", f"/flow_runs/{run['id']}", {"job_variables": {"a": "x"}})

    why = "Validation failed for field 'a'. Failure reason: 'x' is not of type 'integer'"
    assert (refused.status, refused.json["detail"]) == (422, f"Error creating deployment: {why}")
    assert (missing.status, "'a' is a required property" in missing.json["detail"]) == (422, True)
    assert (changed.status, changed.json["detail"]) == (422, f"Error updating flow run: {why}")


async def test_parameters_of_a_deployment_are_filled_in_and_checked(api: Api) -> None:
    made = await new_deployment(api, parameter_openapi_schema=INTEGER, parameters={"x": 1})
    broken = {"x": {"__prefect_kind": "json", "value": "{"}}

    assert (await patch(api, made, parameters={"x": {"__prefect_kind": "json", "value": "7"}}))[0] == 204
    assert (await read(api, made))["parameters"] == {"x": 7}
    assert (await patch(api, made, parameters={"x": "a"}))[0] == 409
    status, body = await patch(api, made, parameters=broken)
    assert (status, body["detail"][:44]) == (400, "Error hydrating deployment parameters: Inval")
    assert (await patch(api, made, parameters=None))[0] == 409
    assert (await patch(api, made, parameter_openapi_schema=None))[0] == 204
    status, body = await patch(api, made, parameters={"z": 1})
    assert (status, "does not have a valid parameter schema" in body["detail"]) == (409, True)
    assert await patch(api, {"id": str(uuid4())}, description="x") == (404, {"detail": "Deployment not found."})


async def test_a_concurrency_limit_belongs_to_its_deployment(api: Api) -> None:
    options = {"collision_strategy": "CANCEL_NEW", "grace_period_seconds": 60}
    made = await new_deployment(api, concurrency_limit=3, concurrency_options=options)

    limit = made["global_concurrency_limit"]
    assert (limit["name"], limit["limit"], limit["active_slots"]) == (f"deployment:{made['id']}", 3, 0)
    assert (made["concurrency_limit"], made["concurrency_options"]) == (None, options)
    await patch(api, made, concurrency_limit=5)
    assert (await read(api, made))["global_concurrency_limit"]["limit"] == 5
    await patch(api, made, concurrency_limit=None)
    assert (await read(api, made))["global_concurrency_limit"] is None
    assert (await api.get(f"/v2/concurrency_limits/deployment:{made['id']}")).status == 404

    shared = await api.created("/v2/concurrency_limits/", {"name": f"limit-{uuid4()}", "limit": 2})
    await patch(api, made, global_concurrency_limit_id=shared["id"])
    assert (await read(api, made))["global_concurrency_limit"]["id"] == shared["id"]
    assert (await api.request("DELETE", f"/deployments/{made['id']}")).status == 204
    assert (await api.get(f"/v2/concurrency_limits/{shared['id']}")).status == 200


async def test_a_deleted_deployment_takes_its_waiting_runs_along(api: Api) -> None:
    made = await new_deployment(api, concurrency_limit=1)
    path = f"/deployments/{made['id']}/create_flow_run"
    waiting = await api.created(path, {})
    running = await api.created(path, {"state": {"type": "RUNNING"}})

    assert (await api.request("DELETE", f"/deployments/{made['id']}")).status == 204

    assert (await api.request("DELETE", f"/deployments/{made['id']}")).json == {"detail": "Deployment not found"}
    assert (await api.get(f"/flow_runs/{waiting['id']}")).status == 404
    assert (await api.get(f"/flow_runs/{running['id']}")).json["deployment_id"] == made["id"]
    assert (await api.get(f"/v2/concurrency_limits/deployment:{made['id']}")).status == 404


async def test_deployments_go_with_their_flow_and_in_bulk(api: Api) -> None:
    flow = await new_flow(api)
    one, two = [await new_deployment(api, flow_id=flow["id"], concurrency_limit=1) for _ in range(2)]

    body = {"deployments": {"id": {"any_": [one["id"]]}}}
    assert (await api.post("/deployments/bulk_delete", body)).json == {"deleted": [one["id"]]}
    assert (await api.request("DELETE", f"/flows/{flow['id']}")).status == 204
    assert (await api.get(f"/deployments/{two['id']}")).status == 404
    assert (await api.get(f"/v2/concurrency_limits/deployment:{two['id']}")).status == 404


async def test_events_tell_what_became_of_a_deployment(api: Api) -> None:
    pool = await new_pool(api)
    made = await new_deployment(api, work_pool_name=pool, tags=["a"])
    await patch(api, made, tags=["a"])
    await patch(api, made, tags=["b"], job_variables={"k": 1})
    run = await api.created(f"/deployments/{made['id']}/create_flow_run", {})
    await api.request("DELETE", f"/deployments/{made['id']}")

    created, updated, deleted = await events_of(api, made, 3)

    assert [each["event"].split(".")[-1] for each in (created, updated, deleted)] == ["created", "updated", "deleted"]
    roles = [each["prefect.resource.role"] for each in created["related"]]
    assert (roles, created["related"][2]["prefect.work-pool.type"]) == (["flow", "work-queue", "work-pool"], "process")
    assert updated["payload"]["updates"]["infra_overrides"] == {"from": {}, "to": {"k": 1}}
    assert updated["payload"]["updated_fields"] == ["tags", "infra_overrides"]
    wanted = {"resource": {"id": [f"prefect.flow-run.{run['id']}"]}}
    (scheduled,) = (await api.post("/events/filter", {"filter": wanted})).json["events"]
    related = [(each["prefect.resource.role"], each["prefect.resource.id"]) for each in scheduled["related"]]
    assert [role for role, _ in related] == ["flow", "deployment", "work-queue", "work-pool", "tag"]
    assert related[1][1] == f"prefect.deployment.{made['id']}"


async def test_old_style_queues_are_told_by_their_filters(api: Api) -> None:
    made = await new_deployment(api, tags=["x"])
    names = {tag: f"queue-{uuid4()}" for tag in ("x", "y")}
    for tag, name in names.items():
        await api.created("/work_queues/", {"name": name, "filter": {"tags": [tag]}})

    found = {each["name"] for each in (await api.get(f"/deployments/{made['id']}/work_queue_check")).json}

    assert (names["x"] in found, names["y"] in found) == (True, False)
