"""The filters of work pools, queues and workers, as conditions."""

from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, or_, select

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.tables import work_pools, work_queues, workers
from ostinato_core.filters import criteria
from ostinato_core.filters.criteria import Condition
from ostinato_wire.filters import PrefixFilter, WorkPoolFilter, WorkQueueFilter
from ostinato_wire.workers import WorkerFilter

_QUEUES = work_queues.alias("own_queues")
_POOLS = work_pools.alias("own_pools")


def own_queue_matches(
    dialect: Dialect,
    queue_id: ColumnElement[UUID],
    pools: WorkPoolFilter | None,
    queues: WorkQueueFilter | None,
) -> Condition | None:
    """Whether the queue in a column and that queue's pool match. Not by EXISTS: there are few queues."""
    if pools is None and queues is None:
        return None
    found = select(_QUEUES.c.id)
    if queues is not None:
        found = found.where(work_queue_matches(dialect, _QUEUES, queues))
    if pools is not None:
        found = found.join(_POOLS, _POOLS.c.id == _QUEUES.c.work_pool_id)
        found = found.where(work_pool_matches(dialect, _POOLS, pools))
    return queue_id.in_(found)


def work_pool_matches(dialect: Dialect, pools: FromClause, wanted: WorkPoolFilter) -> Condition:
    """Return the condition on a row of `work_pools`, or of an alias of it."""
    conditions: list[Condition | None] = []
    for name, asked in (("id", wanted.id), ("type", wanted.type)):
        if asked is not None:
            conditions.append(criteria.any_or_none_of(dialect, pools.c[name], asked.any_, None))
    if wanted.name is not None:
        conditions.append(criteria.name(dialect, pools.c.name, wanted.name))
    return criteria.combine(wanted.operator, conditions)


def work_queue_matches(dialect: Dialect, queues: FromClause, wanted: WorkQueueFilter) -> Condition:
    """Return the condition on a row of `work_queues`, or of an alias of it."""
    conditions: list[Condition | None] = []
    if wanted.id is not None:
        conditions.append(criteria.any_or_none_of(dialect, queues.c.id, wanted.id.any_, None))
    if wanted.name is not None:
        conditions.append(_named(dialect, queues, wanted.name))
    return criteria.combine(wanted.operator, conditions)


def worker_matches(dialect: Dialect, wanted: WorkerFilter) -> Condition:
    """Return the condition on a row of `workers`; the status is the stored one."""
    conditions: list[Condition | None] = []
    if wanted.last_heartbeat_time is not None:
        conditions.append(criteria.interval(workers.c.last_heartbeat_time, wanted.last_heartbeat_time))
    if wanted.status is not None:
        status = wanted.status
        conditions.append(criteria.any_or_none_of(dialect, workers.c.status, status.any_, status.not_any_))
    return criteria.combine(wanted.operator, conditions)


def _named(dialect: Dialect, queues: FromClause, wanted: PrefixFilter) -> Condition:
    conditions = [criteria.any_of(dialect, queues.c.name, wanted.any_)]
    if wanted.startswith_:
        conditions.append(or_(*(criteria.starts_with(dialect, queues.c.name, prefix) for prefix in wanted.startswith_)))
    return criteria.combine(criteria.Operator.AND, conditions)
