"""Which flow runs hold the slots of a work pool and of its queues."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal_column, select

from ostinato_core.db.tables import flow_runs, work_queues
from ostinato_core.filters.paging import page_json
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_core.work_pools import repository
from ostinato_core.work_pools.errors import WorkPoolSlotsNotFound
from ostinato_core.work_pools.rows import HOLDS_SLOT, SLOT_COLUMNS, slot_json
from ostinato_core.work_queues import repository as queues
from ostinato_core.work_queues.errors import WorkQueueMissing, WorkQueueSlotsNotFound
from ostinato_core.work_queues.operations import POLLED_WITHIN
from ostinato_core.work_queues.rows import HOLDS_SLOT_OR_ENDS
from ostinato_wire.work_pools import ConcurrencyStatusQuery
from ostinato_wire.work_queues import QueueConcurrencyQuery

_RUN = flow_runs.c


async def read_pool_slots(tx: Transaction, name: str, query: ConcurrencyStatusQuery, limit: int) -> JsonDict:
    """Return the slots of a pool, and a page of `limit` of its queues with runs. Errors: WorkPoolSlotsNotFound."""
    pool = await repository.find(tx, name)
    if pool is None:
        raise WorkPoolSlotsNotFound(name)
    all_queues = await queues.of_pool(tx, pool["id"])
    taken = await _taken(tx, pool["id"])
    first = (query.page - 1) * limit
    shown = all_queues[first : first + limit]
    holders = await _holders(tx, [row["id"] for row in shown], query.flow_run_limit)
    page = page_json([_queue_json(tx, row, taken, holders) for row in shown], len(all_queues), limit, query.page)
    page["queues"] = page.pop("results")
    return {"active_slots": sum(taken.values()), "concurrency_limit": pool["concurrency_limit"], **page}


async def read_queue_slots(tx: Transaction, queue_id: UUID, query: QueueConcurrencyQuery, limit: int) -> JsonDict:
    """Return the slots of a queue, and a page of `limit` of the runs that hold them. Errors: WorkQueueSlotsNotFound."""
    queue = await queues.find(tx, queue_id)
    if queue is None:
        raise WorkQueueSlotsNotFound
    holds = (_RUN.work_queue_id == queue_id, HOLDS_SLOT_OR_ENDS)
    count: int = await tx.value(select(func.count()).where(*holds))
    found = select(*SLOT_COLUMNS).where(*holds).order_by(_RUN.id).limit(limit).offset((query.page - 1) * limit)
    page = page_json([slot_json(row, tx.now) for row in await tx.rows(found)], count, limit, query.page)
    page["flow_runs"] = page.pop("results")
    return {"active_slots": count, "concurrency_limit": queue["concurrency_limit"], **page}


async def read_queue_status(tx: Transaction, queue_id: UUID) -> JsonDict:
    """Return whether a queue is polled and has no late runs. Errors: WorkQueueMissing."""
    queue = await queues.find(tx, queue_id)
    if queue is None:
        raise WorkQueueMissing(queue_id)
    late = (_RUN.work_queue_id == queue_id, _RUN.state_type == literal_column("'SCHEDULED'"), _RUN.state_name == "Late")
    count: int = await tx.value(select(func.count()).where(*late))
    polled = queue["last_polled"]
    return {
        "healthy": count == 0 and polled is not None and tx.now - polled <= POLLED_WITHIN,
        "late_runs_count": count,
        "last_polled": polled,
        "health_check_policy": {
            "maximum_late_runs": 0,
            "maximum_seconds_since_last_polled": int(POLLED_WITHIN.total_seconds()),
        },
    }


async def _taken(tx: Transaction, pool_id: UUID) -> dict[UUID, int]:
    own = select(work_queues.c.id).where(work_queues.c.work_pool_id == pool_id)
    counted = (
        select(_RUN.work_queue_id, func.count().label("slots"))
        .where(HOLDS_SLOT, _RUN.work_queue_id.in_(own))
        .group_by(_RUN.work_queue_id)
    )
    return {row["work_queue_id"]: row["slots"] for row in await tx.rows(counted)}


async def _holders(tx: Transaction, queue_ids: list[UUID], most: int) -> dict[UUID, list[Row]]:
    """Return the first runs, by id, that hold slots of each queue."""
    held: dict[UUID, list[Row]] = {}
    place: ColumnElement[int] = func.row_number().over(partition_by=_RUN.work_queue_id, order_by=_RUN.id)
    ranked = (
        select(*SLOT_COLUMNS, _RUN.work_queue_id, place.label("place"))
        .where(HOLDS_SLOT, tx.dialect.is_one_of(_RUN.work_queue_id, queue_ids))
        .subquery()
    )
    found: Sequence[Row] = await tx.rows(select(ranked).where(ranked.c.place <= most).order_by(ranked.c.id))
    for row in found:
        held.setdefault(row["work_queue_id"], []).append(row)
    return held


def _queue_json(tx: Transaction, queue: Row, taken: Mapping[UUID, int], holders: Mapping[UUID, list[Row]]) -> JsonDict:
    slots = taken.get(queue["id"], 0)
    return {
        "queue_id": queue["id"],
        "queue_name": queue["name"],
        "active_slots": slots,
        "concurrency_limit": queue["concurrency_limit"],
        "flow_runs": [slot_json(row, tx.now) for row in holders.get(queue["id"], ())],
        "flow_run_count": slots,
    }
