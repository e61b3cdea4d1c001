"""The runs of schedules as rows, and their insertion: any number in two statements, each run once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from coolname import generate_slug
from sqlalchemy import insert, select

from ostinato_core.db.prepared import prepare_insert_or_ignore
from ostinato_core.db.tables import flow_run_states, flow_runs
from ostinato_core.deployments.start_limits import ends_of
from ostinato_core.ids import new_id
from ostinato_core.orchestration.states import wire_time
from ostinato_core.scheduling.definition import key_of
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.schedules import CronSchedule, IntervalSchedule, RRuleSchedule, Schedule
from ostinato_wire.states import StateType

_RUN = flow_runs.c
_INSERT: Final = prepare_insert_or_ignore(flow_runs, "flow_id", "idempotency_key")
_KINDS: Final = {
    IntervalSchedule: "IntervalSchedule",
    CronSchedule: "CronSchedule",
    RRuleSchedule: "RRuleSchedule",
}
SCHEDULED: Final = "Flow run scheduled"


def key_prefix(schedule: Row, definition: Schedule) -> str:
    """Return how the idempotency keys of a schedule's runs begin; all end with the date, and are equally long before.

    They outlive the schedule's row, which is another one after each deployment.
    """
    return f"scheduled {schedule['deployment_id']} {key_of(schedule['slug'], definition, schedule['parameters'])} "


def run_rows(
    tx: Transaction,
    deployment: Row,
    schedule: Row,
    definition: Schedule,
    dates: Sequence[datetime],
    message: str = SCHEDULED,
) -> list[JsonDict]:
    """Return the rows of the runs of a schedule at dates; `definition` is what the schedule says."""
    if not dates:
        return []
    prefix = key_prefix(schedule, definition)
    ends = ends_of(schedule, definition, dates)
    shared = _shared(tx, deployment, schedule, definition) | {"state_message": message}
    return [
        shared
        | {
            "id": new_id(),
            "name": generate_slug(2),
            "state_id": new_id(),
            "state_details": {"scheduled_time": wire_time(date)},
            "idempotency_key": f"{prefix}{date}",
            "expected_start_time": date,
            "next_scheduled_start_time": date,
            "start_before": end,
        }
        for date, end in zip(dates, ends, strict=True)
    ]


async def insert_runs(tx: Transaction, rows: Sequence[JsonDict]) -> int:
    """Insert the runs that are not there yet, with their first states; return how many."""
    if not rows:
        return 0
    await tx.run(_INSERT, rows)
    return await insert_current_states(tx, [row["id"] for row in rows])


async def insert_current_states(tx: Transaction, run_ids: Sequence[UUID]) -> int:
    """Write the current states of runs into their history, those of runs that exist; return how many."""
    columns = {
        "id": _RUN.state_id,
        "workspace_id": _RUN.workspace_id,
        "flow_run_id": _RUN.id,
        "timestamp": _RUN.state_timestamp,
        "type": _RUN.state_type,
        "name": _RUN.state_name,
        "message": _RUN.state_message,
        "state_details": _RUN.state_details,
        "data": _RUN.state_data,
    }
    source = select(*columns.values()).where(tx.dialect.is_one_of(_RUN.id, run_ids)).order_by(_RUN.id)
    return await tx.run(insert(flow_run_states).from_select(list(columns), source))


def _shared(tx: Transaction, deployment: Row, schedule: Row, definition: Schedule) -> JsonDict:
    """Return what is the same in all runs of a schedule."""
    labels = {"prefect.flow.id": str(deployment["flow_id"]), "prefect.deployment.id": str(deployment["id"])}
    name = schedule["slug"] or _KINDS[type(definition)]
    return {
        "workspace_id": tx.workspace_id,
        "created": tx.now,
        "updated": tx.now,
        "flow_id": deployment["flow_id"],
        "state_type": StateType.SCHEDULED.value,
        "state_name": "Scheduled",
        "state_timestamp": tx.now,
        "state_data": None,
        "deployment_id": deployment["id"],
        "deployment_version": deployment["version"],
        "work_queue_id": deployment["work_queue_id"],
        "work_queue_name": deployment["work_queue_name"],
        "flow_version": None,
        "parameters": {**deployment["parameters"], **schedule["parameters"]},
        "context": {},
        "empirical_policy": {},
        "tags": ["auto-scheduled", *deployment["tags"]],
        "labels": {**deployment["labels"], **labels},
        "parent_task_run_id": None,
        "run_count": 0,
        "start_time": None,
        "end_time": None,
        "total_run_time": 0.0,
        "auto_scheduled": True,
        "infrastructure_document_id": deployment["infrastructure_document_id"],
        "infrastructure_pid": None,
        "created_by": {"id": str(schedule["id"]), "type": "SCHEDULE", "display_value": name},
        "job_variables": {},
    }
