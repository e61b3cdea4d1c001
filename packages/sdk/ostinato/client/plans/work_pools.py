"""Work pools, their queues and workers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Unpack

from ostinato.client.operation import decode, encode, facts, present
from ostinato.client.plans.filters import Filters, body_of
from ostinato.client.steps import Plan, Request
from ostinato.exceptions import ObjectAlreadyExists
from ostinato_wire.base import JsonObject
from ostinato_wire.work_pools import (
    WorkerFlowRun,
    WorkPool,
    WorkPoolConcurrencyStatus,
    WorkPoolCreate,
    WorkPoolUpdate,
)
from ostinato_wire.work_queues import (
    WorkQueue,
    WorkQueueConcurrencyStatus,
    WorkQueueCreate,
    WorkQueueStatusDetail,
    WorkQueueUpdate,
)
from ostinato_wire.workers import Worker, WorkerFilter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID


def create_work_pool(body: WorkPoolCreate, overwrite: bool = False) -> Plan[WorkPool]:
    """Make a work pool; with `overwrite` change the one of that name instead. Raises ObjectAlreadyExists."""
    members = body.model_dump(exclude_unset=True)
    try:
        with facts():
            response = yield Request("POST", "/work_pools/", encode(members))
    except ObjectAlreadyExists:
        if not overwrite:
            raise
        yield from update_work_pool(body.name, WorkPoolUpdate.model_validate(members))
        return (yield from read_work_pool(body.name))
    return decode(response, WorkPool)


def read_work_pool(name: str) -> Plan[WorkPool]:
    """Return a work pool. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/work_pools/{name}")
    return decode(response, WorkPool)


def read_work_pools(*, limit: int | None = None, offset: int = 0, **filters: Unpack[Filters]) -> Plan[list[WorkPool]]:
    """Return work pools that meet all filters."""
    response = yield Request("POST", "/work_pools/filter", encode(body_of(filters, limit=limit, offset=offset)))
    return decode(response, list[WorkPool])


def update_work_pool(name: str, body: WorkPoolUpdate) -> Plan[None]:
    """Change the members of a work pool that are set in `body`. Raises ObjectNotFound."""
    with facts():
        yield Request("PATCH", f"/work_pools/{name}", encode(body.model_dump(exclude_unset=True)))


def delete_work_pool(name: str) -> Plan[None]:
    """Delete a work pool and its queues. Raises ObjectNotFound."""
    with facts():
        yield Request("DELETE", f"/work_pools/{name}")


def read_workers_for_work_pool(
    name: str, worker_filter: WorkerFilter | None = None, limit: int | None = None, offset: int = 0
) -> Plan[list[Worker]]:
    """Return workers of a pool. Raises ObjectNotFound."""
    body = body_of({}, workers=worker_filter, limit=limit, offset=offset)
    with facts():
        response = yield Request("POST", f"/work_pools/{name}/workers/filter", encode(body))
    return decode(response, list[Worker])


def send_worker_heartbeat(
    work_pool_name: str, worker_name: str, heartbeat_interval_seconds: float | None = None
) -> Plan[None]:
    """Give a sign of life of a worker. Raises ObjectNotFound if there is no such pool."""
    interval = None if heartbeat_interval_seconds is None else max(1, round(heartbeat_interval_seconds))
    body = present(name=worker_name, heartbeat_interval_seconds=interval)
    with facts():
        yield Request("POST", f"/work_pools/{work_pool_name}/workers/heartbeat", encode(body))


def get_scheduled_flow_runs_for_work_pool(
    work_pool_name: str,
    work_queue_names: Iterable[str] | None = None,
    scheduled_before: datetime | None = None,
    limit: int | None = None,
) -> Plan[list[WorkerFlowRun]]:
    """Return runs of a pool that a worker may start, due before `scheduled_before` (default now)."""
    body = present(
        work_queue_names=list(work_queue_names) if work_queue_names else None,
        scheduled_before=scheduled_before or datetime.now(UTC),
        limit=limit,
    )
    with facts():
        response = yield Request("POST", f"/work_pools/{work_pool_name}/get_scheduled_flow_runs", encode(body))
    return decode(response, list[WorkerFlowRun])


def read_worker_metadata() -> Plan[JsonObject]:
    """Return what the server knows of worker types: `{collection: {type: {default_base_job_configuration, ...}}}`."""
    response = yield Request("GET", "/collections/views/aggregate-worker-metadata")
    return decode(response, JsonObject)


def create_work_queue(body: WorkQueueCreate, work_pool_name: str | None = None) -> Plan[WorkQueue]:
    """Make a queue in a pool (default: the default pool of agents). Raises ObjectAlreadyExists, ObjectNotFound."""
    path = f"/work_pools/{work_pool_name}/queues" if work_pool_name else "/work_queues/"
    with facts():
        response = yield Request("POST", path, encode(body.model_dump(exclude_unset=True)))
    return decode(response, WorkQueue)


def read_work_queue(work_queue_id: UUID) -> Plan[WorkQueue]:
    """Return a queue. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/work_queues/{work_queue_id}")
    return decode(response, WorkQueue)


def read_work_queue_by_name(name: str, work_pool_name: str | None = None) -> Plan[WorkQueue]:
    """Return the queue of this name in a pool (default: the default pool of agents). Raises ObjectNotFound."""
    path = f"/work_pools/{work_pool_name}/queues/{name}" if work_pool_name else f"/work_queues/name/{name}"
    with facts():
        response = yield Request("GET", path)
    return decode(response, WorkQueue)


def read_work_queues(
    work_pool_name: str | None = None, limit: int | None = None, offset: int = 0
) -> Plan[list[WorkQueue]]:
    """Return the queues of a pool, or of all pools. Raises ObjectNotFound."""
    path = f"/work_pools/{work_pool_name}/queues/filter" if work_pool_name else "/work_queues/filter"
    with facts():
        response = yield Request("POST", path, encode(present(limit=limit, offset=offset)))
    return decode(response, list[WorkQueue])


def update_work_queue(work_queue_id: UUID, body: WorkQueueUpdate) -> Plan[None]:
    """Change the members of a queue that are set in `body`. Raises ObjectNotFound."""
    with facts():
        yield Request("PATCH", f"/work_queues/{work_queue_id}", encode(body.model_dump(exclude_unset=True)))


def delete_work_queue_by_id(work_queue_id: UUID) -> Plan[None]:
    """Delete a queue. Raises ObjectNotFound."""
    with facts():
        yield Request("DELETE", f"/work_queues/{work_queue_id}")


def read_work_queue_status(work_queue_id: UUID) -> Plan[WorkQueueStatusDetail]:
    """Return whether somebody works for a queue in time. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/work_queues/{work_queue_id}/status")
    return decode(response, WorkQueueStatusDetail)


def read_work_pool_concurrency_status(name: str, page: int = 1, limit: int = 200) -> Plan[WorkPoolConcurrencyStatus]:
    """Return a page of the queues of a pool with the runs that hold their slots. Raises ObjectNotFound."""
    body = {"page": page, "limit": limit, "flow_run_limit": 200}
    with facts():
        response = yield Request("POST", f"/work_pools/{name}/concurrency_status", encode(body))
    return decode(response, WorkPoolConcurrencyStatus)


def read_work_queue_concurrency_status(
    work_queue_id: UUID, page: int = 1, limit: int = 200
) -> Plan[WorkQueueConcurrencyStatus]:
    """Return a page of the runs that hold the slots of a queue. Raises ObjectNotFound."""
    with facts():
        response = yield Request(
            "POST", f"/work_queues/{work_queue_id}/concurrency_status", encode({"page": page, "limit": limit})
        )
    return decode(response, WorkQueueConcurrencyStatus)
