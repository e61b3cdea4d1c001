"""The first form of a flow run's graph: a list of its task runs, each with the task runs whose results it took."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from ostinato_core.db.tables import task_runs
from ostinato_core.flow_runs import repository
from ostinato_core.flow_runs.errors import FlowRunIdNotFound
from ostinato_core.states.rows import JsonDict, Row, current_state_json, details_json, estimated_run_time
from ostinato_core.task_runs.rows import COLUMNS
from ostinato_core.transaction import Transaction

_TASKS = (
    select(*COLUMNS)
    .where(task_runs.c.flow_run_id == bindparam("flow_run_id"), task_runs.c.workspace_id == bindparam("workspace_id"))
    .order_by(task_runs.c.expected_start_time, task_runs.c.id)
)


async def read_dependencies(tx: Transaction, flow_run_id: UUID) -> list[JsonDict]:
    """Return all task runs of a flow run with what they depend on. Errors: FlowRunIdNotFound."""
    if await repository.find(tx, flow_run_id) is None:
        raise FlowRunIdNotFound(flow_run_id)
    rows = await tx.rows(_TASKS, {"flow_run_id": flow_run_id, "workspace_id": tx.workspace_id})
    return [_dependency_json(row, tx.now) for row in rows]


def _dependency_json(row: Row, now: datetime) -> JsonDict:
    return {
        "id": row["id"],
        "name": row["name"],
        "upstream_dependencies": list(_upstream(row["task_inputs"])),
        "state": current_state_json(row),
        "expected_start_time": row["expected_start_time"],
        "start_time": row["start_time"],
        "end_time": row["end_time"],
        "total_run_time": row["total_run_time"],
        "estimated_run_time": estimated_run_time(row, now),
        "untrackable_result": details_json(row["state_details"])["untrackable_result"],
    }


def _upstream(task_inputs: dict[str, list[JsonDict]]) -> Iterator[JsonDict]:
    seen: set[str] = set()
    for inputs in task_inputs.values():
        for source in inputs:
            if source.get("input_type") == "task_run" and source["id"] not in seen:
                seen.add(source["id"])
                yield {"input_type": "task_run", "id": source["id"]}
