"""Deployments, their schedules and the runs made from them."""

from uuid import uuid4

from tests.contract.case import Case, nothing
from tests.contract.samples import DAILY, HOURLY, PARAMETER_SCHEMA, now
from tests.contract.world import World
from tests.support.json import Json


def _new(world: World) -> Json:
    return {
        "name": f"deployment-{uuid4()}", "flow_id": world["flow"]["id"], "tags": ["a"], "version": "1",
        "schedules": [{"schedule": HOURLY, "active": False, "max_scheduled_runs": 3, "slug": "hourly"}],
        "parameter_openapi_schema": PARAMETER_SCHEMA, "parameters": {"x": 3},
        "concurrency_options": {"collision_strategy": "CANCEL_NEW", "grace_period_seconds": 60},
    }  # fmt: skip


def _these(world: World) -> Json:
    return {"deployments": {"id": {"any_": [world["deployment"]["id"]]}}}


CASES = [
    Case(("POST", "/deployments/"), 201, _new, needs=("flow",)),
    Case(("GET", "/deployments/{id}"), missing="detail"),
    Case(
        ("PATCH", "/deployments/{id}"),
        204,
        lambda _: {"description": "new", "schedules": [{"schedule": DAILY, "slug": "daily", "active": False}]},
        missing="detail",
    ),
    Case(("DELETE", "/deployments/{id}"), 204, missing="detail"),
    Case(("GET", "/deployments/name/{flow_name}/{deployment_name}"), missing="detail"),
    Case(("POST", "/deployments/filter"), 200, _these, needs=("deployment",)),
    Case(("POST", "/deployments/paginate"), 200, _these, needs=("deployment",)),
    Case(("POST", "/deployments/count"), 200, _these, needs=("deployment",)),
    Case(("POST", "/deployments/bulk_delete"), 200, _these, needs=("deployment",)),
    Case(
        ("POST", "/deployments/get_scheduled_flow_runs"),
        200,
        lambda w: {"deployment_ids": [w["deployment"]["id"]], "scheduled_before": now(), "limit": 5},
        needs=("deployment_run",),
    ),
    Case(("POST", "/deployments/{id}/schedule"), 200, lambda _: {"min_runs": 1, "max_runs": 2, "min_time": 60}),
    Case(("POST", "/deployments/{id}/resume_deployment"), missing="detail"),
    Case(("POST", "/deployments/{id}/pause_deployment"), missing="detail"),
    Case(
        ("POST", "/deployments/{id}/create_flow_run"),
        201,
        lambda _: {"parameters": {"x": 5}, "tags": ["b"], "labels": {"n": 1}, "name": "by-hand"},
        missing="detail",
    ),
    Case(("POST", "/deployments/{id}/create_flow_run/bulk"), 200, lambda w: [nothing(w), nothing(w)], missing="detail"),
    Case(("GET", "/deployments/{id}/work_queue_check"), needs=("work_queue",), missing="detail"),
    Case(("GET", "/deployments/{id}/schedules"), missing="detail"),
    Case(
        ("POST", "/deployments/{id}/schedules"),
        201,
        lambda _: [{"schedule": {"rrule": "FREQ=DAILY;BYHOUR=9", "timezone": "UTC"}, "slug": "mornings"}],
        missing="detail",
    ),
    Case(("PATCH", "/deployments/{id}/schedules/{schedule_id}"), 204, lambda _: {"active": False}, missing="detail"),
    Case(("DELETE", "/deployments/{id}/schedules/{schedule_id}"), 204, missing="detail"),
]
