"""Making the runs that the schedules of a deployment ask for (behaviour.md, section 13.4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from coolname import generate_slug
from sqlalchemy import insert, select

from ostinato_core.db.prepared import prepare_insert_or_ignore
from ostinato_core.db.tables import flow_run_states, flow_runs
from ostinato_core.deployments import repository
from ostinato_core.deployments.rows import schedule_of
from ostinato_core.deployments.schedules import schedules_of
from ostinato_core.ids import new_id
from ostinato_core.orchestration.states import RunState
from ostinato_core.run_states import current_state_columns, stored_details
from ostinato_core.scheduling.dates import dates_to_schedule
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.states import StateCreate, StateDetails, StateType

_RUN = flow_runs.c
_INSERT: Final = prepare_insert_or_ignore(flow_runs, "flow_id", "idempotency_key")
_KINDS: Final = {"interval": "IntervalSchedule", "cron": "CronSchedule", "rrule": "RRuleSchedule"}


@dataclass(frozen=True, slots=True)
class Window:
    """For when runs are made: from `start` to `end`; of each schedule at most `max_runs`, until there are `min_runs`

    and the last one is at least `min_time` after the start.
    """

    start: datetime
    end: datetime
    min_time: timedelta = timedelta(hours=1)
    min_runs: int = 3
    max_runs: int = 100


async def schedule_runs(tx: Transaction, deployment_id: UUID, window: Window) -> int:
    """Make the runs that the active schedules of a deployment ask for and that are not there yet; return how many.

    An unknown deployment has none. Errors: LostRace where the deployment or its schedules change meanwhile.
    """
    deployment = await repository.find(tx, deployment_id)
    if deployment is None:
        return 0
    wanted = {key: (schedule, date) for key, schedule, date in _wanted(await schedules_of(tx, deployment_id), window)}
    if not wanted:
        return 0
    keys = tx.dialect.is_one_of(_RUN.idempotency_key, list(wanted))
    made = await tx.rows(select(_RUN.idempotency_key).where(_RUN.flow_id == deployment["flow_id"], keys))
    for row in made:
        del wanted[row["idempotency_key"]]
    if not wanted:
        return 0
    # Who changes a schedule holds the deployment, too: no run is made for a schedule that is being replaced.
    await repository.hold(tx, deployment)
    rows = [_row(tx, deployment, schedule, date, key) for key, (schedule, date) in wanted.items()]
    await tx.run(_INSERT, rows)
    return await _insert_states(tx, [row["id"] for row in rows])


def _wanted(schedules: Sequence[Row], window: Window) -> Iterator[tuple[str, Row, datetime]]:
    for schedule in schedules:
        if not schedule["active"]:
            continue
        dates = dates_to_schedule(
            schedule_of(schedule),
            window.start,
            window.end,
            min_time=window.min_time,
            min_runs=window.min_runs,
            max_runs=window.max_runs,
        )
        for date in dates:
            yield f"scheduled {schedule['deployment_id']} {schedule['id']} {date}", schedule, date


async def _insert_states(tx: Transaction, run_ids: list[UUID]) -> int:
    """Write the first states of runs from their rows: another process may have made one of the runs just before."""
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


def _row(tx: Transaction, deployment: Row, schedule: Row, date: datetime, key: str) -> JsonDict:
    details = StateDetails(scheduled_time=date)
    first = StateCreate(type=StateType.SCHEDULED, message="Flow run scheduled", state_details=details)
    state = RunState.from_wire(first, tx.now)
    kind = next(name for member, name in _KINDS.items() if member in schedule["schedule"])
    labels = {"prefect.flow.id": str(deployment["flow_id"]), "prefect.deployment.id": str(deployment["id"])}
    return {
        "id": new_id(),
        "workspace_id": tx.workspace_id,
        "created": tx.now,
        "updated": tx.now,
        "name": generate_slug(2),
        "flow_id": deployment["flow_id"],
        **current_state_columns(state, stored_details(state)),
        "deployment_id": deployment["id"],
        "deployment_version": deployment["version"],
        "work_queue_id": deployment["work_queue_id"],
        "work_queue_name": deployment["work_queue_name"],
        "flow_version": None,
        "parameters": {**deployment["parameters"], **schedule["parameters"]},
        "idempotency_key": key,
        "context": {},
        "empirical_policy": {},
        "tags": ["auto-scheduled", *deployment["tags"]],
        "labels": {**deployment["labels"], **labels},
        "parent_task_run_id": None,
        "run_count": 0,
        "expected_start_time": date,
        "next_scheduled_start_time": date,
        "start_time": None,
        "end_time": None,
        "total_run_time": 0.0,
        "auto_scheduled": True,
        "infrastructure_document_id": deployment["infrastructure_document_id"],
        "infrastructure_pid": None,
        "created_by": {"id": str(schedule["id"]), "type": "SCHEDULE", "display_value": schedule["slug"] or kind},
        "job_variables": {},
    }
