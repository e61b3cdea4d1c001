"""From rows to what the API answers: work queues."""

from sqlalchemy import ColumnElement, Label, case, func, literal_column, null, select

from ostinato_core.db.tables import flow_runs, work_pools, work_queues
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.work_pools.rows import HOLDS_SLOT

_OF_QUEUE = flow_runs.c.work_queue_id == work_queues.c.id
HOLDS_SLOT_OR_ENDS = flow_runs.c.state_type.in_(
    [literal_column("'PENDING'"), literal_column("'RUNNING'"), literal_column("'CANCELLING'")]
)
"""Whether a flow run holds a slot of its queue as seen without its pool; in words that the index on slots knows."""

SOURCE = work_queues.join(work_pools, work_pools.c.id == work_queues.c.work_pool_id)
"""Queues with their pools."""

_BASE = (
    *(column for column in work_queues.c if column.name != "workspace_id"),
    work_pools.c.name.label("work_pool_name"),
    work_pools.c.type.label("work_pool_type"),
    work_pools.c.default_queue_id,
    work_pools.c.order_version,
)


def _taken(holds: ColumnElement[bool]) -> Label[int | None]:
    taken = select(func.count()).where(_OF_QUEUE, holds).correlate(work_queues).scalar_subquery()
    return case((work_queues.c.concurrency_limit.is_(None), null()), else_=taken).label("active_slots")


COLUMNS = (*_BASE, _taken(HOLDS_SLOT))
"""What `queue_json` needs, in a SELECT from `SOURCE`, for queues as part of their pool."""

COLUMNS_ALONE = (*_BASE, _taken(HOLDS_SLOT_OR_ENDS))
"""The same for queues on their own: there, runs that are being cancelled count."""


def queue_json(row: Row) -> JsonDict:
    """Return a work queue as the API answers it."""
    stored: JsonDict | None = row["filter"]
    return {
        "id": row["id"],
        "created": row["created"],
        "updated": row["updated"],
        "name": row["name"],
        "description": row["description"],
        "is_paused": row["is_paused"],
        "concurrency_limit": row["concurrency_limit"],
        "priority": row["priority"],
        "work_pool_id": row["work_pool_id"],
        "filter": None if stored is None else {"tags": None, "deployment_ids": None, **stored},
        "last_polled": row["last_polled"],
        "work_pool_name": row["work_pool_name"],
        "status": row["status"],
        "active_slots": row["active_slots"],
    }


def pool_of(row: Row) -> Row:
    """Return what a queue's row says of its pool."""
    return {
        "id": row["work_pool_id"],
        "name": row["work_pool_name"],
        "type": row["work_pool_type"],
        "order_version": row["order_version"],
    }
