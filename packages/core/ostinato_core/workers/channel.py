"""A worker opens its channel: the pool that it works for is found, made or completed, and its queues are found."""

from dataclasses import dataclass

from ostinato_core.errors import NotFound
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_core.work_pools import repository as pools
from ostinato_core.work_pools.errors import WorkPoolNotFound
from ostinato_core.work_pools.job_variables import check_defaults
from ostinato_core.work_pools.operations import change_pool, create_work_pool
from ostinato_core.work_pools.rows import pool_json
from ostinato_core.work_queues import repository as queues
from ostinato_core.work_queues.errors import WorkQueueOfPoolNotFound
from ostinato_core.workers.operations import record_heartbeat
from ostinato_wire.work_pools import WorkPoolCreate
from ostinato_wire.worker_channel import Hello


@dataclass(frozen=True, slots=True)
class Post:
    """Where a worker works: its pool, and the queues that it serves."""

    pool: Row
    queues: list[Row]


async def take_post(tx: Transaction, pool_name: str, hello: Hello) -> Post:
    """Find the pool and the queues of a worker; make the pool, or write its template, where the worker brings them.

    Errors: WorkPoolNotFound, WorkQueueOfPoolNotFound, WorkPoolReserved, JobVariablesInvalid, BlockNotFound, and
    ValidationError for a name that no pool can have.
    """
    template = hello.default_base_job_template or {}
    pool = await pools.find(tx, pool_name)
    if pool is None:
        if not hello.create_pool_if_not_found:
            raise WorkPoolNotFound(pool_name)
        await create_work_pool(tx, WorkPoolCreate(name=pool_name, type=hello.worker_type, base_job_template=template))
        pool = await pools.get(tx, pool_name)
    elif template and not pool["base_job_template"]:
        await check_defaults(tx, template)
        await change_pool(tx, pool, {"base_job_template": template})
    known = {row["name"]: row for row in await queues.of_pool(tx, pool["id"])}
    for name in hello.work_queue_names:
        if name not in known:
            raise WorkQueueOfPoolNotFound(pool_name, name)
    served = [known[name] for name in dict.fromkeys(hello.work_queue_names)] or list(known.values())
    return Post(pool, served)


async def beat(tx: Transaction, pool_name: str, worker: str, interval: int) -> Row:
    """Note a worker's sign of life and return its pool as it is then. Errors: WorkPoolNotFound."""
    await record_heartbeat(tx, pool_name, worker, interval)
    return await pools.get(tx, pool_name)


async def snapshot(tx: Transaction, pool_name: str) -> JsonDict | None:
    """Return a work pool as the API answers it, None where it is gone."""
    try:
        return pool_json(await pools.get(tx, pool_name))
    except NotFound:
        return None
