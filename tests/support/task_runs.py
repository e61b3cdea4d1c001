"""Task runs as a client tells of them: three events each, in the format of websockets.md, section 3.2."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from tests.support.json import Json

PENDING, RUNNING, COMPLETED = "PENDING", "RUNNING", "COMPLETED"


def task_run_events(flow_run_id: str, number: int) -> list[dict[str, Json]]:
    """Return the events (Pending, Running, Completed) of one new task run, in order."""
    task_run_id = uuid7()
    began = datetime.now(UTC)
    events: list[dict[str, Json]] = []
    for step, (origin, target) in enumerate(((None, PENDING), (PENDING, RUNNING), (RUNNING, COMPLETED))):
        occurred = began + timedelta(milliseconds=step)
        event = _event(flow_run_id, task_run_id, number, origin, target, occurred, began)
        events.append(event | {"id": str(uuid7()), "follows": events[-1]["id"] if events else None})
    return events


def _event(
    flow_run_id: str,
    task_run_id: UUID,
    number: int,
    origin: str | None,
    target: str,
    occurred: datetime,
    began: datetime,
) -> dict[str, Json]:
    name = f"extract-{number}"
    count = 0 if target == PENDING else 1
    task_run: dict[str, Json] = {
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


def _state(type_: str) -> dict[str, Json]:
    return {"type": type_, "name": type_.capitalize(), "message": "", "state_details": {}}
