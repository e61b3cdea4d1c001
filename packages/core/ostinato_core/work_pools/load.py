"""How much waits for the workers of each pool, for whoever watches over them."""

from collections.abc import Sequence

from sqlalchemy import and_, func, select

from ostinato_core.db.tables import flow_runs, work_pools, work_queues, workers
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_wire.workers import WorkerStatus


async def load_of_pools(tx: Transaction) -> Sequence[Row]:
    """Return of each pool, of all workspaces, its name, `online` workers, `waiting` runs that are due, and since when.

    `since` is when the one that waits longest was due, None where none does.
    """
    due = and_(flow_runs.c.work_queue_id == work_queues.c.id, flow_runs.c.next_scheduled_start_time <= tx.now)
    of_pool = (workers.c.work_pool_id == work_pools.c.id, workers.c.status == WorkerStatus.ONLINE.value)
    online = select(func.count()).select_from(workers).where(*of_pool).scalar_subquery()
    found = (
        select(
            work_pools.c.name,
            online.label("online"),
            func.count(flow_runs.c.id).label("waiting"),
            func.min(flow_runs.c.next_scheduled_start_time).label("since"),
        )
        .outerjoin(work_queues, work_queues.c.work_pool_id == work_pools.c.id)
        .outerjoin(flow_runs, due)
        .group_by(work_pools.c.id, work_pools.c.name)
        .order_by(work_pools.c.name, work_pools.c.id)
    )
    return await tx.rows(found)
