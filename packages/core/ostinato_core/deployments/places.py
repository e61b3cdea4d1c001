"""Where runs wait for a worker: a work queue and its pool, found by their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from ostinato_core.db.prepared import prepare
from ostinato_core.db.tables import deployments, work_pools, work_queues
from ostinato_core.errors import LostRace
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_core.work_pools import repository as pools
from ostinato_core.work_pools.errors import WorkPoolNotFound
from ostinato_core.work_pools.operations import make_pool
from ostinato_core.work_pools.rows import AGENT_TYPE
from ostinato_core.work_queues.operations import AGENT_POOL, make_queue
from ostinato_wire.work_pools import WorkPoolCreate
from ostinato_wire.work_queues import WorkQueueCreate

_COLUMNS = (
    work_queues.c.id.label("queue_id"),
    work_queues.c.name.label("queue_name"),
    work_pools.c.id.label("pool_id"),
    work_pools.c.name.label("pool_name"),
    work_pools.c.type.label("pool_type"),
    work_pools.c.base_job_template.label("template"),
)
_SELECT = select(*_COLUMNS).join(work_pools, work_pools.c.id == work_queues.c.work_pool_id)
_OF_POOL = (work_pools.c.name == bindparam("pool"), work_pools.c.workspace_id == bindparam("workspace_id"))
_DEFAULT = prepare(_SELECT.where(*_OF_POOL, work_queues.c.id == work_pools.c.default_queue_id))
_BY_NAMES = prepare(_SELECT.where(*_OF_POOL, work_queues.c.name == bindparam("queue")))
_BY_ID = prepare(
    _SELECT.where(work_queues.c.id == bindparam("id"), work_queues.c.workspace_id == bindparam("workspace_id"))
)


@dataclass(frozen=True, slots=True)
class Place:
    """A work queue with its pool; `template` is the pool's base job template."""

    queue_id: UUID
    queue_name: str
    pool_id: UUID
    pool_name: str
    pool_type: str
    template: JsonDict

    def shown(self) -> JsonDict:
        """Return it as `flow_runs.queues.queue_of_new_run` does."""
        return {
            "queue_id": self.queue_id,
            "queue_name": self.queue_name,
            "work_pool_id": self.pool_id,
            "work_pool_name": self.pool_name,
            "work_pool_type": self.pool_type,
        }


async def place_of_queue(tx: Transaction, queue_id: UUID | None) -> Place | None:
    """Return the place of a queue; None for no queue, and for one that is gone."""
    if queue_id is None:
        return None
    return _place(await tx.first(_BY_ID, {"id": queue_id, "workspace_id": tx.workspace_id}))


async def places_of_deployments(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Place | None]:
    """Return the places of the deployments that exist, None for one without a queue."""
    source = deployments.outerjoin(work_queues, work_queues.c.id == deployments.c.work_queue_id).outerjoin(
        work_pools, work_pools.c.id == work_queues.c.work_pool_id
    )
    own = (tx.dialect.is_one_of(deployments.c.id, ids), deployments.c.workspace_id == tx.workspace_id)
    found = select(deployments.c.id.label("deployment_id"), *_COLUMNS).select_from(source).where(*own)
    return {row["deployment_id"]: _place_of_deployment(row) for row in await tx.rows(found)}


async def make_place(tx: Transaction, pool_name: str | None, queue_name: str | None) -> Place | None:
    """Return a queue as a deployment names it, made where it is missing; None where neither name is given.

    A queue without a pool is one of the pool of agents, which is made where it is missing, as the queue is. Errors:
    WorkPoolNotFound; LostRace where another process was faster.
    """
    if pool_name is None and queue_name is None:
        return None
    pool_name = pool_name or AGENT_POOL
    place = await _find(tx, pool_name, queue_name)
    if place is not None:
        return place
    pool: Mapping[str, Any] | None = await pools.find(tx, pool_name)  # Any: columns are of many types
    if pool is None:
        if pool_name != AGENT_POOL:
            raise WorkPoolNotFound(pool_name)
        pool = await make_pool(tx, WorkPoolCreate(name=AGENT_POOL, type=AGENT_TYPE))
    if pool is None:
        raise LostRace
    place = await _find(tx, pool_name, queue_name)
    if place is None and (queue_name is None or await make_queue(tx, pool, WorkQueueCreate(name=queue_name)) is None):
        raise LostRace
    place = place or await _find(tx, pool_name, queue_name)
    if place is None:
        raise LostRace
    return place


async def _find(tx: Transaction, pool_name: str, queue_name: str | None) -> Place | None:
    names = {"pool": pool_name, "queue": queue_name, "workspace_id": tx.workspace_id}
    return _place(await tx.first(_DEFAULT if queue_name is None else _BY_NAMES, names))


def _place_of_deployment(row: Row) -> Place | None:
    columns = {name: value for name, value in row.items() if name != "deployment_id"}
    return None if row["queue_id"] is None else _place(columns)


def _place(row: Row | None) -> Place | None:
    return None if row is None else Place(**row)
