"""Concurrency limits: those of task tags (v1) and the global ones (v2) with their leases."""

from uuid import uuid4

from tests.contract.case import Case, nothing
from tests.contract.world import World
from tests.support.json import Json


def _slot_of_tag(world: World) -> Json:
    return {"names": [world["tag_limit"]["tag"]], "task_run_id": world["task_run"]["id"]}


def _slot(world: World) -> Json:
    return {"names": [world["limit"]["name"]], "slots": 1}


TAG_LIMITS = [
    Case(("POST", "/concurrency_limits/"), 201, lambda _: {"tag": f"tag-{uuid4()}", "concurrency_limit": 2}),
    Case(("GET", "/concurrency_limits/{id}"), missing="detail"),
    Case(("DELETE", "/concurrency_limits/{id}"), 200, missing="detail"),
    Case(("GET", "/concurrency_limits/tag/{tag}"), missing="detail"),
    Case(("DELETE", "/concurrency_limits/tag/{tag}"), 200, missing="detail"),
    Case(("POST", "/concurrency_limits/filter"), 200, nothing, needs=("tag_limit",)),
    Case(
        ("POST", "/concurrency_limits/tag/{tag}/reset"),
        200,
        lambda w: {"slot_override": [w["task_run"]["id"]]},
        needs=("task_run",),
        missing="detail",
    ),
    Case(("POST", "/concurrency_limits/increment"), 200, _slot_of_tag, needs=("tag_limit", "task_run")),
    Case(("POST", "/concurrency_limits/decrement"), 200, _slot_of_tag, needs=("tag_limit", "task_run")),
]

GLOBAL_LIMITS = [
    Case(
        ("POST", "/v2/concurrency_limits/"),
        201,
        lambda _: {"name": f"limit-{uuid4()}", "limit": 3, "active": True, "slot_decay_per_second": 0.5},
    ),
    Case(("GET", "/v2/concurrency_limits/{id_or_name}"), missing="detail"),
    Case(("PATCH", "/v2/concurrency_limits/{id_or_name}"), 204, lambda _: {"limit": 4}, missing="detail"),
    Case(("DELETE", "/v2/concurrency_limits/{id_or_name}"), 204, missing="detail"),
    Case(("POST", "/v2/concurrency_limits/filter"), 200, nothing, needs=("limit",)),
    Case(("POST", "/v2/concurrency_limits/increment"), 200, _slot, needs=("limit",)),
    Case(
        ("POST", "/v2/concurrency_limits/increment-with-lease"),
        200,
        lambda w: _slot(w) | {"lease_duration": 60, "holder": {"type": "task_run", "id": str(uuid4())}},
        needs=("limit",),
    ),
    Case(
        ("POST", "/v2/concurrency_limits/decrement"),
        200,
        lambda w: _slot(w) | {"occupancy_seconds": 1.5},
        needs=("lease", "limit"),
    ),
    Case(
        ("POST", "/v2/concurrency_limits/decrement-with-lease"),
        204,
        lambda w: {"lease_id": w["lease"]["lease_id"]},
        needs=("lease",),
    ),
    Case(
        ("POST", "/v2/concurrency_limits/leases/{lease_id}/renew"),
        204,
        lambda _: {"lease_duration": 120},
        missing="detail",
        missing_status=410,
    ),
]

CASES = [*TAG_LIMITS, *GLOBAL_LIMITS]
