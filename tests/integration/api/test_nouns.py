"""What the routes of flows, runs and logs add to the operations: texts, headers, and values at the edge."""

import csv
import io
import json
from uuid import uuid4

import pytest

from tests.support.client import Api
from tests.support.json import Json


async def new_run(api: Api, **members: Json) -> Json:
    """Create a flow and a run of it."""
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    return await api.created("/flow_runs/", {"flow_id": flow["id"], **members})


async def test_a_download_is_a_csv_file_with_the_name_of_the_run(api: Api) -> None:
    run = await new_run(api, name='ü "run" 1')
    line = {"name": "n", "level": 20, "timestamp": "2026-11-22T01:02:03.5+01:00", "flow_run_id": run["id"]}
    assert (await api.post("/logs/", [{**line, "message": "a,\nb"}])).status == 201

    answer = await api.get(f"/flow_runs/{run['id']}/logs/download")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    disposition = "attachment; filename=\"flow-run-logs.csv\"; filename*=UTF-8''%C3%BC%20%22run%22%201-logs.csv"
    assert answer.headers["Content-Disposition"] == disposition
    rows = list(csv.reader(io.StringIO(answer.body.decode(), newline="")))
    assert rows[1:] == [["2026-11-22 00:02:03.500000+00:00", "20", run["id"], "", "a,\nb"]]


async def test_an_input_is_read_as_plain_text(api: Api) -> None:
    run = await new_run(api)
    await api.created(f"/flow_runs/{run['id']}/input", {"key": "k", "value": "{ü}"})

    answer = await api.get(f"/flow_runs/{run['id']}/input/k")

    assert (answer.headers["Content-Type"], answer.body.decode()) == ("text/plain; charset=utf-8", "{ü}")


async def test_the_key_of_an_input_is_checked(api: Api) -> None:
    run = await new_run(api)

    answer = await api.post(f"/flow_runs/{run['id']}/input", {"key": "A b", "value": "1"})

    assert answer.status == 422
    assert answer.json["exception_detail"][0]["loc"] == ["body", "key"]


async def test_a_line_alone_is_refused(api: Api) -> None:
    line = {"name": "n", "level": 20, "message": "m", "timestamp": "2026-11-22T00:00:00Z"}

    assert (await api.post("/logs/", line)).status == 422


async def test_times_end_in_z_and_durations_are_seconds(api: Api) -> None:
    run = await new_run(api, state={"type": "RUNNING"})

    found = (await api.get(f"/flow_runs/{run['id']}")).json

    assert found["start_time"].endswith("Z")
    assert found["state"]["timestamp"] == found["start_time"]
    assert isinstance(found["estimated_run_time"], float)


async def test_labels_are_plain_values(api: Api) -> None:
    run = await new_run(api)

    assert (await api.request("PATCH", f"/flow_runs/{run['id']}/labels", {"a": {"b": 1}})).status == 422
    assert (await api.request("PATCH", f"/flow_runs/{run['id']}/labels", {"a": None})).status == 422
    assert (await api.request("PATCH", f"/flow_runs/{run['id']}/labels", {"a": 1})).status == 204
    assert (await api.get(f"/flow_runs/{run['id']}")).json["labels"]["a"] == 1


NUMBERS = [10**9, 2**31, 2**62, 2**63, 10**30]


@pytest.mark.parametrize("path", ["/flows", "/flow_runs", "/task_runs", "/logs"])
@pytest.mark.parametrize("number", NUMBERS)
async def test_no_offset_is_too_large_to_be_answered(api: Api, path: str, number: int) -> None:
    answer = await api.request("POST", f"{path}/filter", body=b'{"offset": %d}' % number)

    assert (answer.status, answer.json if answer.status == 200 else []) in ((200, []), (422, []))


@pytest.mark.parametrize("number", NUMBERS)
async def test_no_level_is_too_large_to_be_answered(api: Api, number: int) -> None:
    answer = await api.request("POST", "/logs/filter", body=b'{"logs": {"level": {"ge_": %d}}}' % number)

    assert answer.status in (200, 422)


@pytest.mark.parametrize(
    "body",
    [
        {"flows": {"name": {"any_": ["a\0b"]}}},
        {"flows": {"name": {"like_": "a\0b"}}},
        {"flows": {"tags": {"all_": ["a\0b"]}}},
        {"flow_runs": {"tags": {"any_": ["a\0b"]}}},
        {"flow_runs": {"name": {"like_": "'; DROP TABLE flows; --"}}},
        {"flow_runs": {"start_time": {"after_": "0001-01-01T00:00:00+14:00"}}},
        {"flow_runs": {"start_time": {"before_": "9999-12-31T23:59:59.999999-12:00"}}},
    ],
)
async def test_odd_values_of_filters_are_answered(api: Api, body: Json) -> None:
    for path in ("/flows/filter", "/flow_runs/filter", "/task_runs/count"):
        assert (await api.post(path, body)).status in (200, 422)


async def test_odd_names_are_answered(api: Api) -> None:
    assert (await api.get("/flows/name/a%00b")).status in (404, 422)
    run = await new_run(api, tags=["a\0b"], parameters={"x\0": "y\0"})
    assert (await api.request("PATCH", f"/flow_runs/{run['id']}", {"name": "c\0d"})).status == 204
    found = (await api.get(f"/flow_runs/{run['id']}")).json
    assert (found["name"], found["tags"], found["parameters"]) == ("cd", ["ab"], {"x": "y"})


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1])
async def test_a_number_that_cannot_be_stored_is_refused(api: Api, number: int) -> None:
    flow = await api.created("/flows/", {"name": f"flow-{uuid4()}"})
    deployment = await api.created("/deployments/", {"name": "d", "flow_id": flow["id"]})
    held: Json = {"x": [number]}
    hydrated: Json = {"x": {"__prefect_kind": "json", "value": str(number)}}
    run = {"flow_id": flow["id"]}
    requests: list[tuple[str, Json]] = [
        ("/flow_runs/", {**run, "parameters": held}),
        ("/flow_runs/", {**run, "context": held}),
        ("/task_runs/", {"task_key": "t", "dynamic_key": "0", "state": {"type": "PENDING", "data": held}}),
        ("/deployments/", {"name": "e", "flow_id": flow["id"], "parameters": held}),
        (f"/deployments/{deployment['id']}/create_flow_run", {"parameters": held}),
        (f"/deployments/{deployment['id']}/create_flow_run", {"parameters": hydrated}),
        ("/variables/", {"name": f"v_{uuid4().hex}", "value": held}),
        ("/artifacts/", {"data": held}),
    ]
    for path, body in requests:
        answer = await api.request("POST", path, body=json.dumps(body).encode())
        assert answer.status in (400, 422), f"{path} {answer.status} {answer.body!r}"
        assert "64-bit range" in answer.json["detail"], answer.body
    for fits in (2**64 - 1, -(2**63)):
        made = await api.created("/flow_runs/", {**run, "parameters": {"x": fits}})
        assert (await api.get(f"/flow_runs/{made['id']}")).json["parameters"] == {"x": fits}


async def test_a_history_beyond_the_calendar_is_refused(api: Api) -> None:
    body = {"history_start": "9999-12-01T00:00:00Z", "history_end": "9999-12-31T00:00:00Z"}

    answer = await api.post("/flow_runs/history", {**body, "history_interval_seconds": 1e9})

    assert (answer.status, "calendar" in answer.json["detail"]) == (422, True)
