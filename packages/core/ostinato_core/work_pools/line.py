"""The line of flow runs that wait for a worker: who may start now, in which order. One statement.

Limits decide by a run's place in the line, before any row is locked. So a worker that finds a row locked by another
one, or by a change of its state, skips it, and never takes one in its place that would exceed a limit.
"""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    Executable,
    FromClause,
    Integer,
    ScalarSelect,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.prepared import Prepared, prepare
from ostinato_core.db.tables import flow_runs, work_pools, work_queues
from ostinato_core.db.types import Timestamp
from ostinato_core.deployments.rooms import AWAITS_SLOT, DUE, rooms
from ostinato_core.deployments.start_limits import may_start
from ostinato_core.flow_runs.rows import COLUMNS
from ostinato_core.work_pools.rows import HOLDS_SLOT

EARLIEST: Final = datetime(1, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""Bounds of a window of time that has none."""

_RUN = flow_runs.c
_QUEUE = work_queues.c
_POOL_ID = bindparam("pool_id", type_=_QUEUE.work_pool_id.type)
_NOW = bindparam("now", type_=Timestamp())

_IS_SCHEDULED = and_(_RUN.state_type == literal_column("'SCHEDULED'"), _RUN.work_queue_id.is_not(None))


def _within(time: ColumnElement[datetime]) -> ColumnElement[bool]:
    after, before = (bindparam(name, type_=Timestamp()) for name in ("after", "before"))
    return and_(time >= after, time <= before)


def _taken() -> CTE:
    """How many slots the runs of each queue of the pool hold."""
    own = select(_QUEUE.id).where(_QUEUE.work_pool_id == _POOL_ID, ~_QUEUE.is_paused)
    return (
        select(_RUN.work_queue_id, func.count().label("slots"))
        .where(HOLDS_SLOT, _RUN.work_queue_id.in_(own))
        .group_by(_RUN.work_queue_id)
        .cte("taken")
    )


def _queues(dialect: Dialect, taken: CTE) -> CTE:
    """The queues that are asked for, with their free slots; null where nothing limits them."""
    return (
        select(
            _QUEUE.id,
            _QUEUE.priority,
            (_QUEUE.concurrency_limit - func.coalesce(taken.c.slots, 0)).label("room"),
        )
        .select_from(work_queues.outerjoin(taken, taken.c.work_queue_id == _QUEUE.id))
        .where(_QUEUE.work_pool_id == _POOL_ID, ~_QUEUE.is_paused, dialect.is_in(_QUEUE.name, "queues"))
        .cte("asked_queues")
    )


def _waiting(dialect: Dialect, queues: CTE) -> CTE:
    """The runs that are due in these queues.

    A run that awaits a slot is due as it was at first: whether it can have one is decided here.
    """
    retry = dialect.json_text(_RUN.empirical_policy, "retry_type")
    is_due = or_(_within(_RUN.next_scheduled_start_time), and_(AWAITS_SLOT, _within(_RUN.expected_start_time)))
    return (
        select(_RUN.id, _RUN.work_queue_id, _RUN.deployment_id, DUE.label("due"), queues.c.priority, queues.c.room)
        .join(queues, queues.c.id == _RUN.work_queue_id)
        .where(_IS_SCHEDULED, is_due, may_start(_NOW), or_(retry.is_(None), retry != literal_column("'in_process'")))
        .cte("waiting")
    )


def _in_deployment(waiting: CTE, free: CTE) -> CTE:
    """The runs of deployments whose slots are limited, with their place among those of their deployment."""
    place = func.row_number().over(partition_by=waiting.c.deployment_id, order_by=_order(waiting))
    return (
        select(waiting, free.c.free, place.label("place"))
        .join(free, free.c.id == waiting.c.deployment_id)
        .cte("in_deployment")
    )


def _startable(waiting: CTE, free: CTE, in_deployment: CTE) -> CTE:
    """The runs that can take a slot of their deployment, or need none."""
    unlimited = (
        select(waiting)
        .select_from(waiting.outerjoin(free, free.c.id == waiting.c.deployment_id))
        .where(free.c.id.is_(None))
    )
    columns: list[ColumnElement[Any]] = [in_deployment.c[name] for name in waiting.c.keys()]  # noqa: SIM118 - no mapping
    first = select(*columns).where(in_deployment.c.place <= in_deployment.c.free)
    return unlimited.union_all(first).cte("startable")


def _in_queue(startable: CTE) -> CTE:
    """Those of them in queues whose slots are limited, with their place among those of their queue."""
    place = func.row_number().over(partition_by=startable.c.work_queue_id, order_by=(startable.c.due, startable.c.id))
    return select(startable, place.label("place")).where(startable.c.room.is_not(None)).cte("in_queue")


def _line(startable: CTE, in_queue: CTE) -> FromClause:
    """Those of them that can take a slot of their queue, too."""
    unlimited = select(*_order(startable)).where(startable.c.room.is_(None))
    first = select(*_order(in_queue)).where(in_queue.c.place <= in_queue.c.room)
    return unlimited.union_all(first).subquery("able")


def _placed(line: FromClause) -> CTE:
    """A line with the places in it."""
    return select(line, func.row_number().over(order_by=_order(line)).label("place")).cte("line")


def _order(runs: FromClause) -> tuple[ColumnElement[Any], ...]:  # Any: columns of many types
    return (runs.c.priority, runs.c.due, runs.c.id)


def _pool_room(taken: CTE) -> ScalarSelect[int]:
    """The free slots of the pool; null where nothing limits it."""
    slots = select(func.coalesce(func.sum(taken.c.slots), 0)).scalar_subquery()
    return select(work_pools.c.concurrency_limit - slots).where(work_pools.c.id == _POOL_ID).scalar_subquery()


def _front(dialect: Dialect) -> Executable:
    taken = _taken()
    waiting = _waiting(dialect, _queues(dialect, taken))
    free = rooms(dialect, select(waiting.c.deployment_id), _NOW)
    startable = _startable(waiting, free, _in_deployment(waiting, free))
    able = _line(startable, _in_queue(startable))
    line = _placed(select(able).order_by(*_order(able)).limit(bindparam("reach", type_=Integer)).subquery("nearest"))
    room = _pool_room(taken)
    return (
        select(*COLUMNS)
        .select_from(flow_runs.join(line, line.c.id == _RUN.id))
        # Asked again of the row that is locked: it may have left the line since it was counted.
        .where(_IS_SCHEDULED, or_(room.is_(None), line.c.place <= room))
        # By these Postgres sees that the line is in order already, and reads no more rows than it answers.
        .order_by(*_order(line))
        .limit(bindparam("limit", type_=Integer))
        .with_for_update(of=flow_runs, skip_locked=True, key_share=True)
    )


def _standing(dialect: Dialect) -> Executable:
    taken = _taken()
    waiting = _waiting(dialect, _queues(dialect, taken))
    free = rooms(dialect, select(waiting.c.deployment_id), _NOW)
    in_deployment = _in_deployment(waiting, free)
    startable = _startable(waiting, free, in_deployment)
    in_queue = _in_queue(startable)
    line = _placed(_line(startable, in_queue))
    better = line.alias("better")
    return (
        select(
            in_deployment.c.place.label("place_in_deployment"),
            in_deployment.c.free.label("deployment_room"),
            in_queue.c.place.label("place_in_queue"),
            waiting.c.room.label("queue_room"),
            line.c.place.label("place_in_line"),
            _pool_room(taken).label("pool_room"),
            select(func.count()).where(better.c.priority < line.c.priority).scalar_subquery().label("of_better_queues"),
        )
        .select_from(
            waiting.outerjoin(in_deployment, in_deployment.c.id == waiting.c.id)
            .outerjoin(in_queue, in_queue.c.id == waiting.c.id)
            .outerjoin(line, line.c.id == waiting.c.id)
        )
        .where(waiting.c.id == bindparam("run_id", type_=_RUN.id.type))
    )


FRONT_OF_LINE: Final = Prepared(_front)
"""The first `limit` runs of the queues named in `queues` of the pool `pool_id` that are due within `after` and `before`
and can take all their slots as of `now`. Locked ones are passed over, among the first `reach` of the line.

SQLite leaves out the locks: there, nothing happens at the same time, and the reach needs to be no more than the limit.
"""

TAKEN_SLOTS: Final = prepare(select(_taken()))
"""How many slots of the pool `pool_id` its runs hold, by queue; queues that are paused do not count."""

STANDING: Final = Prepared(_standing)
"""Where the run `run_id` stands in the line of the pool `pool_id`, as `FRONT_OF_LINE` sees it; else no row.

Places count from 1. The place in the whole line is null where the slots of the deployment or of the queue do not
suffice. Places and rooms (free slots) of either are null where nothing limits them, and so is the place in the queue
where the slots of the deployment do not suffice.
"""
