"""What is read to explain a flow run: a few rows by their keys and indexes each; lists are short."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, and_, bindparam, select

from ostinato_core.concurrency.ledger import select_leases
from ostinato_core.db.prepared import Prepared, prepare
from ostinato_core.db.tables import (
    deployment_schedules,
    deployments,
    flow_run_heartbeats,
    flow_runs,
    flows,
    task_runs,
    work_pools,
    work_queues,
)
from ostinato_core.deployments.rooms import DUE
from ostinato_core.flow_runs.errors import FlowRunNotFound
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_core.work_pools.line import EARLIEST, STANDING, TAKEN_SLOTS
from ostinato_core.work_pools.rows import HOLDS_SLOT

HOLDERS_SHOWN: Final = 10
"""Of those who hold the slots of a limit so many are named; the others are counted."""
_TASK_RUNS_LOOKED_AT: Final = 1000

_RUN, _DEPLOYMENT, _QUEUE, _POOL = flow_runs.c, deployments.c, work_queues.c, work_pools.c
_MOST = bindparam("most", type_=Integer())
_OWN = _RUN.workspace_id == bindparam("workspace_id")

_FIND = prepare(
    select(
        _RUN.id,
        _RUN.name,
        _RUN.state_id,
        _RUN.state_type,
        _RUN.state_name,
        _RUN.state_timestamp,
        _RUN.state_message,
        _RUN.state_details,
        _RUN.deployment_id,
        _RUN.work_queue_id,
        _RUN.work_queue_name,
        _RUN.empirical_policy,
        _RUN.next_scheduled_start_time,
        _RUN.run_count,
        _RUN.start_before,
        _RUN.start_time,
        _RUN.auto_scheduled,
        _RUN.created_by,
        _RUN.infrastructure_pid,
        _RUN.labels,
        DUE.label("due"),
        flows.c.name.label("flow_name"),
        _DEPLOYMENT.id.label("deployment_found"),
        _DEPLOYMENT.name.label("deployment_name"),
        _DEPLOYMENT.paused.label("deployment_paused"),
        _DEPLOYMENT.last_polled.label("deployment_polled"),
        _DEPLOYMENT.concurrency_limit_id,
        _DEPLOYMENT.concurrency_options,
        _QUEUE.name.label("queue_name"),
        _QUEUE.created.label("queue_created"),
        _QUEUE.is_paused.label("queue_paused"),
        _QUEUE.concurrency_limit.label("queue_limit"),
        _QUEUE.status_changed.label("queue_status_changed"),
        _QUEUE.last_polled.label("queue_polled"),
        _POOL.id.label("pool_id"),
        _POOL.name.label("pool_name"),
        _POOL.type.label("pool_type"),
        _POOL.is_paused.label("pool_paused"),
        _POOL.concurrency_limit.label("pool_limit"),
        _POOL.pending_deadline_seconds,
        flow_run_heartbeats.c.last_heartbeat,
        flow_run_heartbeats.c.interval_seconds.label("heartbeat_interval"),
        _POOL.status_changed.label("pool_status_changed"),
    )
    .join(flows, flows.c.id == _RUN.flow_id)
    .outerjoin(deployments, _DEPLOYMENT.id == _RUN.deployment_id)
    .outerjoin(work_queues, _QUEUE.id == _RUN.work_queue_id)
    .outerjoin(work_pools, _POOL.id == _QUEUE.work_pool_id)
    .outerjoin(
        flow_run_heartbeats,
        and_(flow_run_heartbeats.c.flow_run_id == _RUN.id, flow_run_heartbeats.c.run_count == _RUN.run_count),
    )
    .where(_RUN.id == bindparam("id"), _OWN)
)
_IS_ACTIVE = prepare(select(deployment_schedules.c.active).where(deployment_schedules.c.id == bindparam("id")))

_SHOWN = (_RUN.id, _RUN.name, _RUN.state_name, _RUN.state_timestamp)
_IN_POOL = prepare(
    select(*_SHOWN)
    .join(work_queues, _QUEUE.id == _RUN.work_queue_id)
    .where(HOLDS_SLOT, _QUEUE.work_pool_id == bindparam("pool_id"), ~_QUEUE.is_paused)
    .order_by(_RUN.state_timestamp, _RUN.id)
    .limit(_MOST)
)
_IN_QUEUE = prepare(
    select(*_SHOWN)
    .where(HOLDS_SLOT, _RUN.work_queue_id == bindparam("queue_id"))
    .order_by(_RUN.state_timestamp, _RUN.id)
    .limit(_MOST)
)
_NOT_BEGUN = Prepared(
    lambda dialect: (
        select(task_runs.c.id, task_runs.c.name, task_runs.c.tags, task_runs.c.state_timestamp)
        .where(task_runs.c.flow_run_id == bindparam("id"), dialect.is_in(task_runs.c.state_type, "state_types"))
        .order_by(task_runs.c.state_timestamp, task_runs.c.id)
        .limit(_MOST)
    )
)


async def get(tx: Transaction, flow_run_id: UUID) -> Row:
    """Return a flow run with its deployment, queue and pool. Errors: FlowRunNotFound."""
    found = await tx.first(_FIND, {"id": flow_run_id, "workspace_id": tx.workspace_id})
    if found is None:
        raise FlowRunNotFound
    return found


async def is_schedule_active(tx: Transaction, schedule_id: UUID) -> bool | None:
    """Return whether a schedule is active; None where it is gone."""
    found: bool | None = await tx.value(_IS_ACTIVE, {"id": schedule_id})
    return None if found is None else bool(found)


async def standing_of(tx: Transaction, run: Row, queues: Sequence[Row]) -> Row | None:
    """Return where a run stands in the line of its pool with these queues, as a worker of all of them would find it."""
    asked = {"pool_id": run["pool_id"], "queues": [queue["name"] for queue in queues], "now": tx.now}
    return await tx.first(STANDING, {**asked, "after": EARLIEST, "before": tx.now, "run_id": run["id"]})


async def taken_slots(tx: Transaction, pool_id: UUID) -> dict[UUID, int]:
    """Return how many slots of a pool are taken, by queue; queues that are paused do not count."""
    return {row["work_queue_id"]: row["slots"] for row in await tx.rows(TAKEN_SLOTS, {"pool_id": pool_id})}


async def holders_in_pool(tx: Transaction, pool_id: UUID) -> list[JsonDict]:
    """Return the first runs that hold slots of a pool."""
    rows = await tx.rows(_IN_POOL, {"pool_id": pool_id, "most": HOLDERS_SHOWN})
    return [_run_json(row) for row in rows]


async def holders_in_queue(tx: Transaction, queue_id: UUID) -> list[JsonDict]:
    """Return the first runs that hold slots of a queue."""
    rows = await tx.rows(_IN_QUEUE, {"queue_id": queue_id, "most": HOLDERS_SHOWN})
    return [_run_json(row) for row in rows]


async def holders_of_limit(tx: Transaction, limit_id: UUID) -> tuple[list[JsonDict], int]:
    """Return the first who hold slots of a concurrency limit by leases, and how many leases there are."""
    rows = await select_leases(tx, limit_id, HOLDERS_SHOWN)
    return [_lease_json(row) for row in rows], rows[0]["leases"] if rows else 0


async def task_runs_not_begun(tx: Transaction, flow_run_id: UUID) -> Sequence[Row]:
    """Return task runs of a flow run that are scheduled or pending, the longest waiting first."""
    asked = {"id": flow_run_id, "state_types": ["PENDING", "SCHEDULED"], "most": _TASK_RUNS_LOOKED_AT}
    return await tx.rows(_NOT_BEGUN, asked)


def _run_json(row: Row) -> JsonDict:
    return {
        "type": "flow_run",
        "id": row["id"],
        "name": row["name"],
        "state_name": row["state_name"],
        "slots": 1,
        "since": row["state_timestamp"],
    }


def _lease_json(row: Row) -> JsonDict:
    return {
        "type": row["holder_type"],
        "id": row["holder_id"],
        "name": row["name"],
        "state_name": row["state_name"],
        "slots": row["slots"],
        "since": row["created"],
    }
