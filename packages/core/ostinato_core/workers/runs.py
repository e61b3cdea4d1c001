"""Which flow runs each worker of a pool has at hand: those that hold slots, by the label that workers put on them."""

from sqlalchemy import func, select

from ostinato_core.db.tables import flow_runs, work_queues
from ostinato_core.liveness.pending_runs import WORKER
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction
from ostinato_core.work_pools import repository as pools
from ostinato_core.work_pools.rows import SLOT_COLUMNS, slot_json
from ostinato_core.work_queues.rows import HOLDS_SLOT_OR_ENDS
from ostinato_wire.workers import WorkerRunsQuery

_RUN = flow_runs.c


async def read_worker_runs(tx: Transaction, pool_name: str, query: WorkerRunsQuery) -> list[JsonDict]:
    """Return of each worker that has runs at hand how many, and the oldest of them. Errors: WorkPoolNotFound."""
    pool = await pools.get(tx, pool_name)
    own = select(work_queues.c.id).where(work_queues.c.work_pool_id == pool["id"])
    held = (
        select(*SLOT_COLUMNS, tx.dialect.json_text(_RUN.labels, WORKER).label("worker_name"))
        # In words that the index on slots knows.
        .where(HOLDS_SLOT_OR_ENDS, _RUN.work_queue_id.is_not(None), _RUN.work_queue_id.in_(own))
        .subquery("held")
    )
    of_worker = select(held)
    if query.worker_names is not None:
        of_worker = of_worker.where(tx.dialect.is_one_of(held.c.worker_name, query.worker_names))
    asked = of_worker.subquery("asked")
    place = func.row_number().over(partition_by=asked.c.worker_name, order_by=asked.c.id)
    count = func.count().over(partition_by=asked.c.worker_name)
    ranked = select(asked, place.label("place"), count.label("flow_run_count")).subquery("ranked")
    shown = select(ranked).where(ranked.c.place <= max(1, query.flow_run_limit)).order_by(ranked.c.id)
    found: dict[str | None, JsonDict] = {}
    for row in await tx.rows(shown):
        about = {name: row[name] for name in ("worker_name", "flow_run_count")}
        worker = found.setdefault(row["worker_name"], {**about, "flow_runs": []})
        if query.flow_run_limit:
            worker["flow_runs"].append(slot_json(row, tx.now))
    return list(found.values())
