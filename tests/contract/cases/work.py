"""Work pools, their queues and workers, the queues of old agents, and task workers."""

from uuid import uuid4

from tests.contract.case import Case, nothing
from tests.contract.samples import now
from tests.contract.world import World
from tests.support.json import Json


def _this_pool(world: World) -> Json:
    return {"work_pools": {"name": {"any_": [world["work_pool"]["name"]]}}}


def _new_queue(_world: World) -> Json:
    return {"name": f"queue-{uuid4()}", "description": "d", "concurrency_limit": 1, "priority": 1}


def _new_old_queue(_world: World) -> Json:
    return {"name": f"queue-{uuid4()}", "filter": {"tags": ["a"], "deployment_ids": [str(uuid4())]}}


POOLS = [
    Case(
        ("POST", "/work_pools/"),
        201,
        lambda _: {"name": f"pool-{uuid4()}", "type": "process", "description": "d", "concurrency_limit": 2},
    ),
    Case(("GET", "/work_pools/{name}"), missing="detail"),
    Case(
        ("PATCH", "/work_pools/{name}"), 204, lambda _: {"is_paused": True, "description": "new"}, missing="detail"
    ),
    Case(("DELETE", "/work_pools/{name}"), 204, missing="detail"),
    Case(("POST", "/work_pools/filter"), 200, _this_pool, needs=("work_pool",)),
    Case(("POST", "/work_pools/count"), 200, _this_pool, needs=("work_pool",)),
    Case(
        ("POST", "/work_pools/{name}/concurrency_status"),
        200,
        lambda _: {"limit": 5, "flow_run_limit": 3},
        needs=("pool_queue",),
        missing="detail",
    ),
    Case(
        ("POST", "/work_pools/{name}/get_scheduled_flow_runs"),
        200,
        lambda w: {"work_queue_names": [w["pool_queue"]["name"]], "scheduled_before": now(), "limit": 5},
        needs=("pooled_run",),
        missing="detail",
    ),
]  # fmt: skip

QUEUES_OF_POOLS = [
    Case(("POST", "/work_pools/{work_pool_name}/queues"), 201, _new_queue, missing="detail"),
    Case(("GET", "/work_pools/{work_pool_name}/queues/{name}"), missing="detail"),
    Case(
        ("PATCH", "/work_pools/{work_pool_name}/queues/{name}"), 204, lambda _: {"is_paused": True}, missing="detail"
    ),
    Case(("DELETE", "/work_pools/{work_pool_name}/queues/{name}"), 204, missing="detail"),
    Case(
        ("POST", "/work_pools/{work_pool_name}/queues/filter"),
        200,
        lambda w: {"work_queues": {"name": {"any_": [w["pool_queue"]["name"]]}}, "limit": 5},
        needs=("pool_queue",),
        missing="detail",
    ),
]  # fmt: skip

WORKERS = [
    Case(
        ("POST", "/work_pools/{work_pool_name}/workers/heartbeat"),
        204,
        lambda _: {"name": f"worker-{uuid4()}", "heartbeat_interval_seconds": 20},
        missing="detail",
    ),
    Case(
        ("POST", "/work_pools/{work_pool_name}/workers/filter"),
        200,
        lambda _: {"workers": {"status": {"any_": ["ONLINE"]}}, "limit": 5},
        needs=("worker",),
        missing="detail",
    ),
    Case(("DELETE", "/work_pools/{work_pool_name}/workers/{name}"), 204, missing="detail"),
    Case(("POST", "/task_workers/filter"), 200, lambda _: {"task_worker_filter": {"task_keys": ["contract.task"]}}),
]

QUEUES_OF_AGENTS = [
    Case(("POST", "/work_queues/"), 201, _new_old_queue),
    Case(("GET", "/work_queues/{id}"), missing="detail"),
    Case(("PATCH", "/work_queues/{id}"), 204, lambda _: {"description": "new", "priority": 2}, missing="detail"),
    Case(("DELETE", "/work_queues/{id}"), 204, missing="detail"),
    Case(("GET", "/work_queues/name/{name}"), missing="detail"),
    Case(
        ("POST", "/work_queues/{id}/get_runs"),
        200,
        lambda _: {"limit": 5, "scheduled_before": now()},
        missing="exception_message",
    ),
    Case(
        ("POST", "/work_queues/filter"),
        200,
        lambda w: {"work_queues": {"name": {"any_": [w["work_queue"]["name"]]}}},
        needs=("work_queue",),
    ),
    Case(("POST", "/work_queues/{id}/concurrency_status"), 200, nothing, missing="detail"),
    Case(("GET", "/work_queues/{id}/status"), missing="exception_message"),
]

CASES = [*POOLS, *QUEUES_OF_POOLS, *WORKERS, *QUEUES_OF_AGENTS]
