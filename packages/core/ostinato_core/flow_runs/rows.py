"""From rows to what the API answers: flow runs."""

from datetime import datetime

from ostinato_core.db.tables import flow_runs, work_pools, work_queues
from ostinato_core.states.rows import (
    JsonDict,
    Row,
    current_state_json,
    estimated_run_time,
    estimated_start_time_delta,
)

COLUMNS = tuple(column for column in flow_runs.c if column.name not in ("workspace_id", "start_before"))
"""What a run's own row tells `flow_run_json`, in a SELECT."""

SOURCE = flow_runs.outerjoin(work_queues, work_queues.c.id == flow_runs.c.work_queue_id).outerjoin(
    work_pools, work_pools.c.id == work_queues.c.work_pool_id
)
"""Flow runs with their work queue and pool, whose names may have changed since. One that is gone is none."""

PLACED_COLUMNS = (
    *COLUMNS,
    work_queues.c.name.label("queue_name"),
    work_pools.c.id.label("work_pool_id"),
    work_pools.c.name.label("work_pool_name"),
)
"""What `flow_run_json` needs to tell where a run waits, in a SELECT from `SOURCE`."""

POINT_COLUMNS = tuple(
    flow_runs.c[name]
    for name in (
        *("id", "name", "state_type", "state_name", "state_timestamp"),
        *("start_time", "expected_start_time", "total_run_time"),
    )
)
"""What `point_json` needs, in a SELECT."""

POLICY: JsonDict = {
    "max_retries": 0,
    "retry_delay_seconds": 0.0,
    "retries": None,
    "retry_delay": None,
    "pause_keys": [],
    "resuming": False,
    "retry_type": None,
}
"""All members of a flow run's policy with their defaults; a row may hold only those that differ."""


def flow_run_json(row: Row, now: datetime) -> JsonDict:
    """Return a flow run as the API answers it; run times in seconds, estimated as of `now`."""
    return {
        "id": row["id"],
        "created": row["created"],
        "updated": row["updated"],
        "name": row["name"],
        "flow_id": row["flow_id"],
        "state_id": row["state_id"],
        "deployment_id": row["deployment_id"],
        "deployment_version": row["deployment_version"],
        "work_queue_id": None if row.get("queue_name") is None else row["work_queue_id"],
        "work_queue_name": row.get("queue_name") or row["work_queue_name"],
        "flow_version": row["flow_version"],
        "parameters": row["parameters"],
        "idempotency_key": row["idempotency_key"],
        "context": row["context"],
        "empirical_policy": {**POLICY, **row["empirical_policy"]},
        "tags": row["tags"],
        "labels": row["labels"],
        "parent_task_run_id": row["parent_task_run_id"],
        "state_type": row["state_type"],
        "state_name": row["state_name"],
        "run_count": row["run_count"],
        "expected_start_time": row["expected_start_time"],
        "next_scheduled_start_time": row["next_scheduled_start_time"],
        "start_time": row["start_time"],
        "end_time": row["end_time"],
        "total_run_time": row["total_run_time"],
        "estimated_run_time": estimated_run_time(row, now),
        "estimated_start_time_delta": estimated_start_time_delta(row, now),
        "auto_scheduled": row["auto_scheduled"],
        "infrastructure_document_id": row["infrastructure_document_id"],
        "infrastructure_pid": row["infrastructure_pid"],
        "created_by": row["created_by"],
        "work_pool_id": row.get("work_pool_id"),
        "work_pool_name": row.get("work_pool_name"),
        "state": current_state_json(row),
        "job_variables": row["job_variables"],
        # Only where one run is read: lists do without it.
        **({"last_heartbeat": row["last_heartbeat"]} if "last_heartbeat" in row else {}),
    }


def point_json(row: Row, now: datetime) -> JsonDict | None:
    """Return a flow run as a point of a plot; None for one without a state or a time."""
    timestamp = row["start_time"] or row["expected_start_time"]
    if row["state_type"] is None or timestamp is None:
        return None
    return {
        "id": row["id"],
        "name": row["name"],
        "state_type": row["state_type"],
        "state_name": row["state_name"],
        "timestamp": timestamp,
        "duration": estimated_run_time(row, now),
        "lateness": estimated_start_time_delta(row, now),
    }
