"""The table of the contract tests: for every operation how to call it well, and what it says when it cannot serve."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

from tests.contract.contract import Operation
from tests.contract.world import World, automation, event, log_line, window
from tests.support.json import Json

Body = Callable[[World], Json]
MissingStyle = Literal["detail", "exception_message"]


@dataclass(frozen=True)
class Case:
    """How one operation is called; `missing` is the style of its 404 for an unknown id (behaviour.md, section 2)."""

    operation: Operation
    status: int = 200
    body: Body | None = None
    query: Callable[[World], dict[str, str]] = field(default=lambda _world: {})
    missing: MissingStyle | None = None
    media_type: str = "application/json"

    @property
    def id(self) -> str:
        """The name of this case in pytest's output."""
        return " ".join(self.operation)


def _running(_world: World) -> Json:
    return {"state": {"type": "RUNNING", "name": "Running"}}


def _nothing(_world: World) -> Json:
    return {}


CASES = [
    Case(("GET", "/health")),
    Case(("GET", "/ready")),
    Case(("GET", "/hello")),
    Case(("GET", "/version")),
    Case(("GET", "/csrf-token"), 422, query=lambda _: {"client": "contract"}),
    Case(("GET", "/admin/version")),
    Case(("GET", "/admin/settings")),
    Case(("POST", "/flows/"), 201, lambda _: {"name": f"flow-{uuid4()}", "tags": ["a", "b"], "labels": {"n": 1}}),
    Case(("GET", "/flows/{id}"), missing="detail"),
    Case(("PATCH", "/flows/{id}"), 204, lambda _: {"tags": ["c"]}, missing="detail"),
    Case(("DELETE", "/flows/{id}"), 204, missing="detail"),
    Case(("GET", "/flows/name/{name}"), missing="detail"),
    Case(("POST", "/flows/count"), 200, lambda w: {"flows": {"id": {"any_": [w.flow["id"]]}}}),
    Case(("POST", "/flows/filter"), 200, lambda w: {"flows": {"id": {"any_": [w.flow["id"]]}}}),
    Case(("POST", "/flows/paginate"), 200, lambda w: {"flows": {"id": {"any_": [w.flow["id"]]}}, "limit": 5}),
    Case(("POST", "/flows/bulk_delete"), 200, lambda w: {"flows": {"id": {"any_": [w.flow["id"]]}}}),
    Case(("POST", "/flow_runs/"), 201, lambda w: {"flow_id": w.flow["id"], "state": {"type": "PENDING"}}),
    Case(("GET", "/flow_runs/{id}"), missing="detail"),
    Case(("PATCH", "/flow_runs/{id}"), 204, lambda _: {"name": "renamed", "tags": ["x"]}, missing="detail"),
    Case(("DELETE", "/flow_runs/{id}"), 204, missing="detail"),
    Case(("POST", "/flow_runs/count"), 200, lambda w: {"flows": {"id": {"any_": [w.flow["id"]]}}}),
    Case(("POST", "/flow_runs/lateness"), 200, lambda w: {"flows": {"id": {"any_": [w.flow["id"]]}}}),
    Case(("POST", "/flow_runs/history"), 200, lambda _: window()),
    Case(("GET", "/flow_runs/{id}/graph"), missing="exception_message"),
    Case(("GET", "/flow_runs/{id}/graph-v2"), missing="exception_message"),
    Case(("POST", "/flow_runs/{id}/resume"), 201, _nothing),
    Case(("POST", "/flow_runs/filter"), 200, lambda w: {"flow_runs": {"id": {"any_": [w.flow_run["id"]]}}}),
    Case(("POST", "/flow_runs/paginate"), 200, lambda w: {"flow_runs": {"id": {"any_": [w.flow_run["id"]]}}}),
    Case(("POST", "/flow_runs/bulk_delete"), 200, lambda w: {"flow_runs": {"id": {"any_": [w.flow_run["id"]]}}}),
    Case(
        ("POST", "/flow_runs/bulk_set_state"),
        200,
        lambda w: {"flow_runs": {"id": {"any_": [w.flow_run["id"]]}}, "state": {"type": "RUNNING"}, "force": True},
    ),
    Case(("POST", "/flow_runs/{id}/set_state"), 201, _running, missing="exception_message"),
    Case(("POST", "/flow_runs/{id}/input"), 201, lambda _: {"key": "k", "value": "1"}, missing="detail"),
    Case(("POST", "/flow_runs/{id}/input/filter"), 200, lambda _: {"prefix": "", "limit": 5, "exclude_keys": []}),
    Case(("GET", "/flow_runs/{id}/input/{key}"), missing="detail", media_type="text/plain"),
    Case(("DELETE", "/flow_runs/{id}/input/{key}"), 204, missing="detail"),
    Case(("GET", "/flow_runs/{id}/logs/download"), missing="detail", media_type="text/csv"),
    Case(("PATCH", "/flow_runs/{id}/labels"), 204, lambda _: {"new": "label"}, missing="exception_message"),
    Case(
        ("POST", "/task_runs/"),
        201,
        lambda w: {"flow_run_id": w.flow_run["id"], "task_key": "t", "dynamic_key": "d", "state": {"type": "PENDING"}},
    ),
    Case(("GET", "/task_runs/{id}"), missing="detail"),
    Case(("PATCH", "/task_runs/{id}"), 204, lambda _: {"name": "renamed"}, missing="detail"),
    Case(("DELETE", "/task_runs/{id}"), 204, missing="detail"),
    Case(("POST", "/task_runs/count"), 200, lambda w: {"flow_runs": {"id": {"any_": [w.flow_run["id"]]}}}),
    Case(("POST", "/task_runs/history"), 200, lambda _: window()),
    Case(("POST", "/task_runs/filter"), 200, lambda w: {"task_runs": {"id": {"any_": [w.task_run["id"]]}}}),
    Case(("POST", "/task_runs/paginate"), 200, lambda w: {"task_runs": {"id": {"any_": [w.task_run["id"]]}}}),
    Case(("POST", "/task_runs/{id}/set_state"), 201, lambda _: {"state": {"type": "COMPLETED"}}),
    Case(("GET", "/flow_run_states/{id}"), missing="detail"),
    Case(("GET", "/flow_run_states/"), query=lambda w: {"flow_run_id": w.flow_run["id"]}),
    Case(("GET", "/task_run_states/{id}"), missing="detail"),
    Case(("GET", "/task_run_states/"), query=lambda w: {"task_run_id": w.task_run["id"]}),
    Case(("POST", "/logs/"), 201, lambda w: [log_line(w.flow_run["id"])]),
    Case(("POST", "/logs/filter"), 200, lambda w: {"logs": {"flow_run_id": {"any_": [w.flow_run["id"]]}}}),
    Case(("POST", "/events"), 204, lambda _: [event()]),
    Case(("POST", "/events/filter"), 200, lambda w: {"filter": {"id": {"id": [w.event_id]}}}),
    Case(("GET", "/events/filter/next"), query=lambda w: {"page-token": w.page_token}),
    Case(("POST", "/events/count-by/{countable}"), 200, lambda _: {"filter": {"event": {"prefix": ["contract."]}}}),
    Case(("POST", "/task_workers/filter"), 200, lambda _: {"task_worker_filter": {"task_keys": ["k"]}}),
    Case(("POST", "/automations/"), 201, lambda _: automation()),
    Case(("GET", "/automations/{id}"), missing="exception_message"),
    Case(("PUT", "/automations/{id}"), 204, lambda _: automation(), missing="exception_message"),
    Case(("PATCH", "/automations/{id}"), 204, lambda _: {"enabled": False}, missing="exception_message"),
    Case(("DELETE", "/automations/{id}"), 204, missing="exception_message"),
    Case(("POST", "/automations/filter"), 200, lambda w: {"automations": {"id": {"any_": [w.automation["id"]]}}}),
    Case(("POST", "/automations/count"), 200, lambda w: {"automations": {"id": {"any_": [w.automation["id"]]}}}),
    Case(("GET", "/automations/related-to/{resource_id}")),
    Case(("DELETE", "/automations/owned-by/{resource_id}"), 202),
    Case(("POST", "/templates/validate"), 204, lambda _: "{{ a }}"),
    Case(("POST", "/automations/templates/validate"), 204, lambda _: "{{ a }}"),
    Case(("POST", "/ui/flows/count-deployments"), 200, lambda w: {"flow_ids": [w.flow["id"]]}),
    Case(("POST", "/ui/flows/next-runs"), 200, lambda w: {"flow_ids": [w.flow["id"]]}),
    Case(("POST", "/ui/flow_runs/history"), 200, lambda w: {"flow_runs": {"id": {"any_": [w.flow_run["id"]]}}}),
    Case(("POST", "/ui/flow_runs/count-task-runs"), 200, lambda w: {"flow_run_ids": [w.flow_run["id"]]}),
    Case(
        ("POST", "/ui/task_runs/dashboard/counts"),
        200,
        lambda _: {"task_runs": {"start_time": {"after_": window()["history_start"]}}},
    ),
    Case(("POST", "/ui/task_runs/count"), 200, lambda w: {"flow_runs": {"id": {"any_": [w.flow_run["id"]]}}}),
    Case(("GET", "/ui/task_runs/{id}"), missing="detail"),
    Case(("POST", "/ui/schemas/validate"), 200, lambda _: {"schema": {"required": ["a"]}, "values": {"b": 1}}),
]

SORTS = {
    "/flows/filter": ["NAME_ASC", "NAME_DESC", "CREATED_DESC", "UPDATED_DESC"],
    "/flow_runs/filter": [
        "ID_DESC", "START_TIME_ASC", "START_TIME_DESC", "EXPECTED_START_TIME_ASC", "EXPECTED_START_TIME_DESC",
        "NAME_ASC", "NAME_DESC", "NEXT_SCHEDULED_START_TIME_ASC", "END_TIME_DESC",
    ],
    "/task_runs/filter": [
        "ID_DESC", "EXPECTED_START_TIME_ASC", "EXPECTED_START_TIME_DESC", "NAME_ASC", "NAME_DESC",
        "NEXT_SCHEDULED_START_TIME_ASC", "END_TIME_DESC",
    ],
    "/logs/filter": ["TIMESTAMP_ASC", "TIMESTAMP_DESC"],
}  # fmt: skip
"""The sorts of each listing (behaviour.md, section 4)."""

LISTINGS = [*SORTS]
PAGES = ["/flows/paginate", "/flow_runs/paginate", "/task_runs/paginate"]
EMPTY_BODY_IS_FINE = [*LISTINGS, *PAGES, "/flows/count", "/flow_runs/count", "/task_runs/count", "/flow_runs/lateness"]
