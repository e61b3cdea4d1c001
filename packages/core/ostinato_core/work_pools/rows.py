"""From rows to what the API answers: work pools, and runs that hold slots or wait for a worker."""

from datetime import datetime

from sqlalchemy import and_, case, func, literal_column, null, select

from ostinato_core.db.tables import flow_runs, work_pools, work_queues
from ostinato_core.states.rows import JsonDict, Row

AGENT_TYPE = "prefect-agent"
"""Pools of agents show no status."""

_IN_INDEX = flow_runs.c.state_type.in_(
    [literal_column("'PENDING'"), literal_column("'RUNNING'"), literal_column("'CANCELLING'")]
)
HOLDS_SLOT = and_(flow_runs.c.state_type.in_([literal_column("'PENDING'"), literal_column("'RUNNING'")]), _IN_INDEX)
"""Whether a flow run holds a slot of its pool and queue.

Also in the very words of the index on slots: SQLite does not see that two of its states are some of the three.
"""

_queues = work_queues.alias("slot_queues")
_TAKEN = (
    select(func.count())
    .select_from(flow_runs.join(_queues, _queues.c.id == flow_runs.c.work_queue_id))
    .where(_queues.c.work_pool_id == work_pools.c.id, HOLDS_SLOT)
    .correlate(work_pools)
    .scalar_subquery()
)
COLUMNS = (
    *(column for column in work_pools.c if column.name != "workspace_id"),
    case((work_pools.c.concurrency_limit.is_(None), null()), else_=_TAKEN).label("active_slots"),
)
"""What `pool_json` needs, in a SELECT."""

_RUN = flow_runs.c
SLOT_COLUMNS = (_RUN.id, _RUN.name, _RUN.state_type, _RUN.state_name, _RUN.start_time, _RUN.state_timestamp)
"""What `slot_json` needs, in a SELECT."""

STORAGE: JsonDict = {
    "bundle_upload_step": None,
    "bundle_execution_step": None,
    "default_result_storage_block_id": None,
}
"""All members of a storage configuration with their defaults."""


def pool_json(row: Row) -> JsonDict:
    """Return a work pool as the API answers it."""
    return {
        "id": row["id"],
        "created": row["created"],
        "updated": row["updated"],
        "name": row["name"],
        "description": row["description"],
        "type": row["type"],
        "base_job_template": row["base_job_template"],
        "is_paused": row["is_paused"],
        "concurrency_limit": row["concurrency_limit"],
        "status": None if row["type"] == AGENT_TYPE else row["status"],
        "default_queue_id": row["default_queue_id"],
        "storage_configuration": {**STORAGE, **row["storage_configuration"]},
        "active_slots": row["active_slots"],
        "retry_on_crash": row["retry_on_crash"],
        "pending_deadline_seconds": row["pending_deadline_seconds"],
    }


def slot_json(row: Row, now: datetime) -> JsonDict:
    """Return a flow run that holds a slot as the API answers it; its time in the state in seconds."""
    since = row["state_timestamp"]
    return {
        "id": row["id"],
        "name": row["name"],
        "state_type": row["state_type"],
        "state_name": row["state_name"],
        "start_time": row["start_time"],
        "state_timestamp": since,
        "time_in_current_state": None if since is None else (now - since).total_seconds(),
    }
