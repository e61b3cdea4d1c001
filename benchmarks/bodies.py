"""The request bodies of the workloads, as the reference client sends them; encoded once, before the clock starts."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from benchmarks.wire import encode_frame

LINES_PER_BATCH = 200

PENDING, RUNNING, COMPLETED = "PENDING", "RUNNING", "COMPLETED"


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


def set_state_body(type_: str) -> bytes:
    """Return the body of `POST /flow_runs/{id}/set_state`."""
    return orjson.dumps({"state": {"type": type_, "name": type_.capitalize(), "state_details": {}}, "force": False})


def log_batch_body(flow_run_id: str) -> bytes:
    """Return the body of `POST /logs/` with `LINES_PER_BATCH` lines of about 90 characters."""
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
            for number in range(LINES_PER_BATCH)
        ]
    )


def count_body(flow_run_id: str) -> bytes:
    """Return the body of `POST /task_runs/count` for the run's completed task runs."""
    return orjson.dumps(
        {"task_runs": {"flow_run_id": {"any_": [flow_run_id]}, "state": {"type": {"any_": [COMPLETED]}}}}
    )


def task_run_frames(flow_run_id: str, number: int) -> bytes:
    """Return the three event frames (Pending, Running, Completed) that tell of one task run."""
    task_run_id = uuid7()
    began = datetime.now(UTC)
    former: UUID | None = None
    frames = b""
    for step, (origin, target) in enumerate(((None, PENDING), (PENDING, RUNNING), (RUNNING, COMPLETED))):
        occurred = began + timedelta(milliseconds=step)
        event = _task_run_event(flow_run_id, task_run_id, number, origin, target, occurred, began)
        if former is not None:
            event["follows"] = str(former)
        event_id = uuid7()
        event["id"] = str(event_id)
        former = event_id
        frames += encode_frame(orjson.dumps(event))
    return frames


def _task_run_event(
    flow_run_id: str,
    task_run_id: UUID,
    number: int,
    origin: str | None,
    target: str,
    occurred: datetime,
    began: datetime,
) -> dict[str, object]:
    name = f"extract-{number}"
    count = 0 if target == PENDING else 1
    task_run: dict[str, object] = {
        "name": name, "task_key": "extract-1a2b3c4d", "dynamic_key": str(task_run_id),
        "empirical_policy": {"max_retries": 0, "retry_delay_seconds": 0.0, "retries": 0, "retry_delay": 0},
        "tags": [], "labels": {}, "task_inputs": {"x": [], "wait_for": []},
        "run_count": count, "flow_run_run_count": count, "expected_start_time": began.isoformat(),
        "total_run_time": 0.0,
    }  # fmt: skip
    if target != PENDING:
        task_run["start_time"] = (began + timedelta(milliseconds=1)).isoformat()
    if target == COMPLETED:
        task_run |= {"end_time": occurred.isoformat(), "total_run_time": 0.001}
    return {
        "occurred": occurred.isoformat(),
        "event": f"prefect.task-run.{target.capitalize()}",
        "resource": {
            "prefect.resource.id": f"prefect.task-run.{task_run_id}", "prefect.resource.name": name,
            "prefect.run-count": str(count), "prefect.state-message": "", "prefect.state-name": target.capitalize(),
            "prefect.state-timestamp": occurred.isoformat(), "prefect.state-type": target,
            "prefect.orchestration": "client",
        },
        "related": [
            {"prefect.resource.id": f"prefect.flow-run.{flow_run_id}", "prefect.resource.role": "flow-run",
             "prefect.resource.name": "benchmark-run"},
        ],
        "payload": {
            "intended": {"from": origin, "to": target},
            "initial_state": _state(origin) if origin else None,
            "validated_state": {**_state(target), "data": None},
            "task_run": task_run,
        },
    }  # fmt: skip


def _state(type_: str) -> dict[str, object]:
    return {"type": type_, "name": type_.capitalize(), "message": "", "state_details": {}}
