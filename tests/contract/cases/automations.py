"""Automations, the check of templates, and the helpers of the UI."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tests.contract.case import Case
from tests.contract.samples import AUTOMATION, PARAMETER_SCHEMA, iso
from tests.contract.world import World
from tests.support.json import Json


def _new(_world: World) -> Json:
    return AUTOMATION | {"name": f"automation-{uuid4()}"}


def _these(world: World) -> Json:
    return {"automations": {"name": {"any_": [world["automation"]["name"]]}}}


def _since_an_hour(world: World) -> Json:
    return {
        "task_runs": {"start_time": {"after_": iso(datetime.now(UTC) - timedelta(hours=1))}},
        "flow_runs": {"id": {"any_": [world["flow_run"]["id"]]}},
    }


AUTOMATIONS = [
    Case(("POST", "/automations/"), 201, _new),
    Case(("GET", "/automations/{id}"), missing="exception_message"),
    Case(("PUT", "/automations/{id}"), 204, _new, missing="exception_message"),
    Case(("PATCH", "/automations/{id}"), 204, lambda _: {"enabled": False}, missing="exception_message"),
    Case(("DELETE", "/automations/{id}"), 204, missing="exception_message"),
    Case(("POST", "/automations/filter"), 200, _these, needs=("automation",)),
    Case(("POST", "/automations/count"), 200, _these, needs=("automation",), reads_body=False),
    Case(("GET", "/automations/related-to/{resource_id}")),
    Case(("DELETE", "/automations/owned-by/{resource_id}"), 202),
    Case(("POST", "/templates/validate"), 204, lambda _: "{{ event.id }}"),
    Case(("POST", "/automations/templates/validate"), 204, lambda _: "{{ event.id }}"),
]

UI = [
    Case(
        ("POST", "/ui/flows/count-deployments"),
        200,
        lambda w: {"flow_ids": [w["flow"]["id"], str(uuid4())]},
        needs=("deployment",),
    ),
    Case(
        ("POST", "/ui/flows/next-runs"),
        200,
        lambda w: {"flow_ids": [w["flow"]["id"], str(uuid4())]},
        needs=("deployment_run",),
    ),
    Case(
        ("POST", "/ui/flow_runs/history"),
        200,
        lambda w: {"flow_runs": {"id": {"any_": [w["flow_run"]["id"]]}}, "sort": "EXPECTED_START_TIME_DESC"},
        needs=("flow_run",),
    ),
    Case(
        ("POST", "/ui/flow_runs/count-task-runs"),
        200,
        lambda w: {"flow_run_ids": [w["flow_run"]["id"]]},
        needs=("task_run",),
    ),
    Case(("POST", "/ui/schemas/validate"), 200, lambda _: {"schema": PARAMETER_SCHEMA, "values": {"x": "one"}}),
    Case(("POST", "/ui/task_runs/dashboard/counts"), 200, _since_an_hour, needs=("task_run",)),
    Case(
        ("POST", "/ui/task_runs/count"),
        200,
        lambda w: {"flow_runs": {"id": {"any_": [w["flow_run"]["id"]]}}},
        needs=("task_run",),
    ),
    Case(("GET", "/ui/task_runs/{id}"), missing="detail"),
]

CASES = [*AUTOMATIONS, *UI]
