"""The request bodies of the workloads, as the reference client sends them; encoded once, before the clock starts."""

from datetime import UTC, datetime, timedelta

import orjson

from tests.support.task_runs import COMPLETED, PENDING

LINES_PER_BATCH = 200


def flow_run_body(flow_id: str) -> bytes:
    """Return the body of `POST /flow_runs/`."""
    return orjson.dumps(
        {
            "flow_id": flow_id,
            "name": "benchmark-run",
            "state": {"type": PENDING, "name": "Pending", "message": None, "state_details": {}},
            "parameters": {"rows": 100, "source": "orders"},
            "tags": ["benchmark"],
            "empirical_policy": {"retries": 0, "retry_delay": 0},
        }
    )


def waiting_run_body(flow_id: str, pool: str, number: int) -> bytes:
    """Return the body of `POST /flow_runs/` for a run that waits in a work pool, the lower `number` the longer."""
    due = datetime.now(UTC) - timedelta(hours=1) + timedelta(milliseconds=number)
    state = {"type": "SCHEDULED", "state_details": {"scheduled_time": due.isoformat()}}
    parameters = {"rows": 100, "source": "orders"}
    return orjson.dumps({"flow_id": flow_id, "work_pool_name": pool, "state": state, "parameters": parameters})


def poll_body() -> bytes:
    """Return the body of `POST /work_pools/{name}/get_scheduled_flow_runs`, as the worker sends it."""
    before = datetime.now(UTC) + timedelta(seconds=10)
    return orjson.dumps({"work_queue_names": [], "scheduled_before": before.isoformat()})


def set_state_body(type_: str) -> bytes:
    """Return the body of `POST /flow_runs/{id}/set_state`."""
    return orjson.dumps({"state": {"type": type_, "name": type_.capitalize(), "state_details": {}}, "force": False})


def log_batch_body(flow_run_id: str, lines: int = LINES_PER_BATCH) -> bytes:
    """Return the body of `POST /logs/` with `lines` lines of about 90 characters."""
    now = datetime.now(UTC)
    return orjson.dumps(
        [
            {
                "name": "prefect.flow_runs",
                "level": 20,
                "message": f"line {number}: read 100 rows of orders, wrote 98 of them, skipped 2 that were empty",
                "timestamp": (now + timedelta(microseconds=number)).isoformat(),
                "flow_run_id": flow_run_id,
            }
            for number in range(lines)
        ]
    )


def count_body(flow_run_id: str) -> bytes:
    """Return the body of `POST /task_runs/count` for the run's completed task runs."""
    return orjson.dumps(
        {"task_runs": {"flow_run_id": {"any_": [flow_run_id]}, "state": {"type": {"any_": [COMPLETED]}}}}
    )
