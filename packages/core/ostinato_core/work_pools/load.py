"""How much waits for the workers of each pool and runs with them, for whoever watches over them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal_column, select

from ostinato_core.db.tables import flow_runs, work_pools, work_queues, workers
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_core.work_pools.repository import chosen
from ostinato_core.work_pools.rows import AGENT_TYPE, HOLDS_SLOT
from ostinato_wire.work_pools import QueueLoad, WorkPoolsQuery
from ostinato_wire.workers import WorkerStatus

_RUN = flow_runs.c
_QUEUE = work_queues.c
_OF_QUEUE = _RUN.work_queue_id == _QUEUE.id
# In words that the index on runs in line knows.
_IN_LINE = and_(_RUN.state_type == literal_column("'SCHEDULED'"), _RUN.work_queue_id.is_not(None))

_OF_A_QUEUE = tuple(QueueLoad.model_fields)


async def load_of_pools(tx: Transaction) -> Sequence[Row]:
    """Return of each pool, of all workspaces, its name, `online` workers, `waiting` runs that are due, and since when.

    `since` is when the one that waits longest was due, None where none does.
    """
    due = and_(flow_runs.c.work_queue_id == work_queues.c.id, flow_runs.c.next_scheduled_start_time <= tx.now)
    found = (
        select(
            work_pools.c.name,
            _online(work_pools.c.id).label("online"),
            func.count(flow_runs.c.id).label("waiting"),
            func.min(flow_runs.c.next_scheduled_start_time).label("since"),
        )
        .outerjoin(work_queues, work_queues.c.work_pool_id == work_pools.c.id)
        .outerjoin(flow_runs, due)
        .group_by(work_pools.c.id, work_pools.c.name)
        .order_by(work_pools.c.name, work_pools.c.id)
    )
    return await tx.rows(found)


async def read_pool_loads(tx: Transaction, query: WorkPoolsQuery, limit: int) -> list[JsonDict]:
    """Return the loads of the work pools that match, by name, at most `limit`; their queues in order of priority."""
    pools = chosen(tx, query.work_pools, limit, query.offset).subquery("chosen")
    due = (_OF_QUEUE, _IN_LINE, _RUN.next_scheduled_start_time <= tx.now)
    found = (
        select(
            *(column.label(f"pool_{column.name}") for column in pools.c),
            _online(pools.c.id).label("workers_online"),
            *(_QUEUE.id, _QUEUE.name, _QUEUE.is_paused, _QUEUE.concurrency_limit, _QUEUE.last_polled),
            select(func.count()).where(_OF_QUEUE, HOLDS_SLOT).scalar_subquery().label("active_slots"),
            select(func.count()).where(*due).scalar_subquery().label("waiting"),
            select(func.min(_RUN.next_scheduled_start_time)).where(*due).scalar_subquery().label("waiting_since"),
        )
        .join(work_queues, _QUEUE.work_pool_id == pools.c.id)
        .order_by(pools.c.name, _QUEUE.priority, _QUEUE.id)
    )
    loads: dict[UUID, JsonDict] = {}
    for row in await tx.rows(found):
        load = loads.get(row["pool_id"])
        if load is None:
            load = loads[row["pool_id"]] = _of_pool(row)
        load["queues"].append({name: row[name] for name in _OF_A_QUEUE})
    return list(loads.values())


def _of_pool(row: Row) -> JsonDict:
    """Return what is told of a pool, without its queues."""
    return {
        "work_pool_id": row["pool_id"],
        "name": row["pool_name"],
        "type": row["pool_type"],
        "is_paused": row["pool_is_paused"],
        "status": None if row["pool_type"] == AGENT_TYPE else row["pool_status"],
        "concurrency_limit": row["pool_concurrency_limit"],
        "workers_online": row["workers_online"],
        "queues": [],
    }


def _online(pool_id: ColumnElement[UUID]) -> ColumnElement[int]:
    """How many workers of a pool give signs of life."""
    of_pool = (workers.c.work_pool_id == pool_id, workers.c.status == WorkerStatus.ONLINE.value)
    return select(func.count()).select_from(workers).where(*of_pool).scalar_subquery()
