"""From rows to what the API answers: deployments and their schedules."""

from collections.abc import Sequence
from datetime import timedelta

from pydantic import TypeAdapter

from ostinato_core.db.tables import deployment_schedules, deployments, flows, work_pools, work_queues
from ostinato_core.states.rows import JsonDict, Row
from ostinato_wire.deployments import CatchUp
from ostinato_wire.schedules import IntervalSchedule, Schedule

SOURCE = (
    deployments.join(flows, flows.c.id == deployments.c.flow_id)
    .outerjoin(work_queues, work_queues.c.id == deployments.c.work_queue_id)
    .outerjoin(work_pools, work_pools.c.id == work_queues.c.work_pool_id)
)
"""Deployments with the objects around them that their answers and events name."""

COLUMNS = (
    *(column for column in deployments.c if column.name != "workspace_id"),
    flows.c.name.label("flow_name"),
    work_queues.c.name.label("work_queue_name"),
    work_pools.c.id.label("work_pool_id"),
    work_pools.c.name.label("work_pool_name"),
    work_pools.c.type.label("work_pool_type"),
)
"""What `deployment_json` and the events of deployments need, in a SELECT from `SOURCE`."""

LISTED_COLUMNS = (
    *(deployments.c[name] for name in ("id", "created", "updated", "name", "flow_id", "paused", "status")),
    *(deployments.c[name] for name in ("last_polled", "tags")),
    flows.c.name.label("flow_name"),
    work_queues.c.name.label("work_queue_name"),
    work_pools.c.name.label("work_pool_name"),
)
"""What a list shows of a deployment, in a SELECT from `SOURCE`."""

SCHEDULE_COLUMNS = tuple(column for column in deployment_schedules.c if column.name != "workspace_id")
"""What `schedule_json` and the scheduler need, in a SELECT."""

_SCHEDULE: TypeAdapter[Schedule] = TypeAdapter(Schedule)


def deployment_json(row: Row, schedules: Sequence[Row], limit: JsonDict | None) -> JsonDict:
    """Return a deployment as the API answers it; `limit` is that of its runs."""
    return {
        "id": row["id"],
        "created": row["created"],
        "updated": row["updated"],
        "name": row["name"],
        "version": row["version"],
        "description": row["description"],
        "flow_id": row["flow_id"],
        "paused": row["paused"],
        "schedules": [schedule_json(each) for each in schedules],
        "concurrency_limit": None,
        "global_concurrency_limit": limit,
        "concurrency_options": row["concurrency_options"],
        "job_variables": row["job_variables"],
        "parameters": row["parameters"],
        "tags": row["tags"],
        "labels": row["labels"],
        "work_queue_name": row["work_queue_name"],
        "work_queue_id": row["work_queue_id"],
        "last_polled": row["last_polled"],
        "parameter_openapi_schema": row["parameter_openapi_schema"],
        "path": row["path"],
        "pull_steps": row["pull_steps"],
        "entrypoint": row["entrypoint"],
        "storage_document_id": row["storage_document_id"],
        "infrastructure_document_id": row["infrastructure_document_id"],
        "created_by": row["created_by"],
        "updated_by": row["updated_by"],
        "work_pool_name": row["work_pool_name"],
        "status": row["status"],
        "enforce_parameter_schema": row["enforce_parameter_schema"],
        "version_info": row["version_info"],
        "retry_on_crash": row["retry_on_crash"],
        "max_queued": row["max_queued"],
    }


def schedule_json(row: Row) -> JsonDict:
    """Return a schedule of a deployment as the API answers it."""
    return {
        "id": row["id"],
        "created": row["created"],
        "updated": row["updated"],
        "deployment_id": row["deployment_id"],
        "schedule": row["schedule"],
        "active": row["active"],
        "max_scheduled_runs": row["max_scheduled_runs"],
        "parameters": row["parameters"],
        "slug": row["slug"],
        "catchup": row["catchup"] or CatchUp.ALL.value,
        "max_late_seconds": row["max_late_seconds"],
    }


def stored_schedule(schedule: Schedule) -> JsonDict:
    """Return a schedule as it is stored and answered; an interval in seconds."""
    stored = schedule.model_dump(mode="json")
    if isinstance(schedule, IntervalSchedule):
        stored["interval"] = schedule.interval / timedelta(seconds=1)
    return stored


def schedule_of(row: Row) -> Schedule:
    """Return the schedule that a row of `deployment_schedules` holds."""
    return _SCHEDULE.validate_python(row["schedule"])
