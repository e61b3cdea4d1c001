"""From rows to what the API answers: task runs, whole and as a page shows them."""

from datetime import datetime

from ostinato_core.db.tables import task_runs
from ostinato_core.states.rows import (
    JsonDict,
    Row,
    current_state_json,
    estimated_run_time,
    estimated_start_time_delta,
)

COLUMNS = tuple(column for column in task_runs.c if column.name != "workspace_id")
"""What `task_run_json` and `task_run_page_json` need, in a SELECT."""

POLICY: JsonDict = {
    "max_retries": 0,
    "retry_delay_seconds": 0.0,
    "retries": None,
    "retry_delay": None,
    "retry_jitter_factor": None,
}
"""All members of a task run's policy with their defaults; a row may hold only those that differ."""


def task_run_json(row: Row, now: datetime) -> JsonDict:
    """Return a task run as the API answers it; run times in seconds, estimated as of `now`."""
    return {
        "id": row["id"],
        "created": row["created"],
        "updated": row["updated"],
        "name": row["name"],
        "flow_run_id": row["flow_run_id"],
        "task_key": row["task_key"],
        "dynamic_key": row["dynamic_key"],
        "cache_key": row["cache_key"],
        "cache_expiration": row["cache_expiration"],
        "task_version": row["task_version"],
        "empirical_policy": {**POLICY, **row["empirical_policy"]},
        "tags": row["tags"],
        "labels": row["labels"],
        "state_id": row["state_id"],
        "task_inputs": row["task_inputs"],
        "state_type": row["state_type"],
        "state_name": row["state_name"],
        "run_count": row["run_count"],
        "flow_run_run_count": row["flow_run_run_count"],
        "expected_start_time": row["expected_start_time"],
        "next_scheduled_start_time": row["next_scheduled_start_time"],
        "start_time": row["start_time"],
        "end_time": row["end_time"],
        "total_run_time": row["total_run_time"],
        "estimated_run_time": estimated_run_time(row, now),
        "estimated_start_time_delta": estimated_start_time_delta(row, now),
        "state": current_state_json(row),
    }


def task_run_page_json(row: Row, now: datetime) -> JsonDict:
    """Return a task run with the members that `/task_runs/paginate` answers."""
    return {
        "id": row["id"],
        "created": row["created"],
        "updated": row["updated"],
        "name": row["name"],
        "flow_run_id": row["flow_run_id"],
        "task_key": row["task_key"],
        "state_id": row["state_id"],
        "state": current_state_json(row),
        "task_version": row["task_version"],
        "task_inputs": row["task_inputs"],
        "empirical_policy": {**POLICY, **row["empirical_policy"]},
        "tags": row["tags"],
        "start_time": row["start_time"],
        "end_time": row["end_time"],
        "total_run_time": row["total_run_time"],
        "estimated_run_time": estimated_run_time(row, now),
        "estimated_start_time_delta": estimated_start_time_delta(row, now),
    }
