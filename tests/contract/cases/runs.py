"""Root, admin, flows, runs, their states and logs, and events."""

from uuid import uuid4

from tests.contract.case import Case, nothing
from tests.contract.samples import event, log_line, window
from tests.contract.world import World
from tests.support.json import Json


def _this_flow(world: World) -> Json:
    return {"flows": {"id": {"any_": [world["flow"]["id"]]}}}


def _this_flow_run(world: World) -> Json:
    return {"flow_runs": {"id": {"any_": [world["flow_run"]["id"]]}}}


def _this_task_run(world: World) -> Json:
    return {"task_runs": {"id": {"any_": [world["task_run"]["id"]]}}}


def _running(_world: World) -> Json:
    return {"state": {"type": "RUNNING", "name": "Running"}}


ROOT = [
    Case(("GET", "/health")),
    Case(("GET", "/ready")),
    Case(("GET", "/hello")),
    Case(("GET", "/version")),
    Case(("GET", "/csrf-token"), 422, query=lambda _: {"client": "contract"}),
    Case(("GET", "/admin/version")),
    Case(("GET", "/admin/settings")),
]

FLOWS = [
    Case(("POST", "/flows/"), 201, lambda _: {"name": f"flow-{uuid4()}", "tags": ["a", "b"], "labels": {"n": 1}}),
    Case(("GET", "/flows/{id}"), missing="detail"),
    Case(("PATCH", "/flows/{id}"), 204, lambda _: {"tags": ["c"]}, missing="detail"),
    Case(("DELETE", "/flows/{id}"), 204, missing="detail"),
    Case(("GET", "/flows/name/{name}"), missing="detail"),
    Case(("POST", "/flows/count"), 200, _this_flow, needs=("flow",)),
    Case(("POST", "/flows/filter"), 200, _this_flow, needs=("flow",)),
    Case(("POST", "/flows/paginate"), 200, lambda w: _this_flow(w) | {"limit": 5}, needs=("flow",)),
    Case(("POST", "/flows/bulk_delete"), 200, _this_flow, needs=("flow",)),
]

FLOW_RUNS = [
    Case(
        ("POST", "/flow_runs/"),
        201,
        lambda w: {"flow_id": w["flow"]["id"], "state": {"type": "PENDING"}},
        needs=("flow",),
    ),
    Case(("GET", "/flow_runs/{id}"), missing="detail"),
    Case(("PATCH", "/flow_runs/{id}"), 204, lambda _: {"name": "renamed", "tags": ["x"]}, missing="detail"),
    Case(("DELETE", "/flow_runs/{id}"), 204, missing="detail"),
    Case(("POST", "/flow_runs/count"), 200, _this_flow, needs=("flow_run",)),
    Case(("POST", "/flow_runs/lateness"), 200, _this_flow, needs=("flow_run",)),
    Case(("POST", "/flow_runs/history"), 200, lambda _: window(), needs=("flow_run",)),
    Case(("GET", "/flow_runs/{id}/graph"), needs=("task_run",), missing="exception_message"),
    Case(("GET", "/flow_runs/{id}/graph-v2"), needs=("task_run",), missing="exception_message"),
    Case(("POST", "/flow_runs/{id}/resume"), 201, nothing),
    Case(("POST", "/flow_runs/filter"), 200, _this_flow_run, needs=("flow_run",)),
    Case(("POST", "/flow_runs/paginate"), 200, _this_flow_run, needs=("flow_run",)),
    Case(("POST", "/flow_runs/bulk_delete"), 200, _this_flow_run, needs=("flow_run",)),
    Case(
        ("POST", "/flow_runs/bulk_set_state"),
        200,
        lambda w: _this_flow_run(w) | {"state": {"type": "RUNNING"}, "force": True},
        needs=("flow_run",),
    ),
    Case(("POST", "/flow_runs/{id}/set_state"), 201, _running, missing="exception_message"),
    Case(("POST", "/flow_runs/{id}/input"), 201, lambda _: {"key": "k", "value": "1"}, missing="detail"),
    Case(
        ("POST", "/flow_runs/{id}/input/filter"),
        200,
        lambda _: {"prefix": "", "limit": 5, "exclude_keys": []},
        needs=("flow_run_input",),
    ),
    Case(("GET", "/flow_runs/{id}/input/{key}"), missing="detail", media_type="text/plain"),
    Case(("DELETE", "/flow_runs/{id}/input/{key}"), 204, missing="detail"),
    Case(("GET", "/flow_runs/{id}/logs/download"), needs=("log",), missing="detail", media_type="text/csv"),
    Case(("PATCH", "/flow_runs/{id}/labels"), 204, lambda _: {"new": "label"}, missing="exception_message"),
    Case(("GET", "/flow_run_states/{id}"), missing="detail"),
    Case(
        ("GET", "/flow_run_states/"), query=lambda w: {"flow_run_id": w["flow_run"]["id"]}, needs=("flow_run",)
    ),
]  # fmt: skip

TASK_RUNS = [
    Case(
        ("POST", "/task_runs/"),
        201,
        lambda w: {
            "flow_run_id": w["flow_run"]["id"], "task_key": "t", "dynamic_key": "d", "state": {"type": "PENDING"},
        },
        needs=("flow_run",),
    ),
    Case(("GET", "/task_runs/{id}"), missing="detail"),
    Case(("PATCH", "/task_runs/{id}"), 204, lambda _: {"name": "renamed"}, missing="detail"),
    Case(("DELETE", "/task_runs/{id}"), 204, missing="detail"),
    Case(("POST", "/task_runs/count"), 200, _this_flow_run, needs=("flow_run", "task_run")),
    Case(("POST", "/task_runs/history"), 200, lambda _: window(), needs=("task_run",)),
    Case(("POST", "/task_runs/filter"), 200, _this_task_run, needs=("task_run",)),
    Case(("POST", "/task_runs/paginate"), 200, _this_task_run, needs=("task_run",)),
    Case(("POST", "/task_runs/{id}/set_state"), 201, lambda _: {"state": {"type": "COMPLETED"}}),
    Case(("GET", "/task_run_states/{id}"), missing="detail"),
    Case(
        ("GET", "/task_run_states/"), query=lambda w: {"task_run_id": w["task_run"]["id"]}, needs=("task_run",)
    ),
]  # fmt: skip

LOGS_AND_EVENTS = [
    Case(("POST", "/logs/"), 201, lambda w: [log_line(w["flow_run"]["id"])], needs=("flow_run",)),
    Case(
        ("POST", "/logs/filter"),
        200,
        lambda w: {"logs": {"flow_run_id": {"any_": [w["flow_run"]["id"]]}}},
        needs=("log",),
    ),
    Case(("POST", "/events"), 204, lambda _: [event()]),
    Case(("POST", "/events/filter"), 200, lambda w: {"filter": {"id": {"id": [w["events"]["id"]]}}}, needs=("events",)),
    Case(("GET", "/events/filter/next"), query=lambda w: {"page-token": w["events"]["page_token"]}, needs=("events",)),
    Case(
        ("POST", "/events/count-by/{countable}"),
        200,
        lambda _: {"filter": {"event": {"prefix": ["contract."]}}},
        needs=("events",),
    ),
]

CASES = [*ROOT, *FLOWS, *FLOW_RUNS, *TASK_RUNS, *LOGS_AND_EVENTS]
