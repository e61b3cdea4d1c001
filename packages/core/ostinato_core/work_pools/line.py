"""The line of flow runs that wait for a worker: who may start now, in which order. One statement, and so one moment.

Limits decide by a run's place in the line. Runs that no deployment's limit holds back, which most are, are read in
order by an index and no further than needed: how many wait behind them costs nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Executable,
    FromClause,
    Integer,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.types import NullType

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.prepared import Prepared, prepare
from ostinato_core.db.tables import deployments, flow_runs, work_pools, work_queues
from ostinato_core.db.types import Timestamp
from ostinato_core.deployments.rooms import AWAITS_SLOT, DUE, HAS_LIMIT, makes_wait, rooms
from ostinato_core.deployments.start_limits import may_start
from ostinato_core.work_pools.rows import HOLDS_SLOT

EARLIEST: Final = datetime(1, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""Bounds of a window of time that has none."""

_RUN = flow_runs.c
_QUEUE = work_queues.c
_POOL_ID = bindparam("pool_id", type_=_QUEUE.work_pool_id.type)
_NOW = bindparam("now", type_=Timestamp())
_LIMIT = bindparam("limit", type_=Integer)
_TOLD: Final = ("id", "updated", "state_id")
"""What is told of a run in the line: which one it is, and in which version."""
_SHOWN: Final = (*_TOLD, "work_queue_id")
_IN_LINE: Final = (*_TOLD, "priority", "due")

_IS_SCHEDULED = _RUN.state_type == literal_column("'SCHEDULED'")


def _within(time: ColumnElement[datetime]) -> ColumnElement[bool]:
    after, before = (bindparam(name, type_=Timestamp()) for name in ("after", "before"))
    return and_(time >= after, time <= before)


_IS_DUE = _within(_RUN.next_scheduled_start_time)
_IS_DUE_AND_AWAITS_SLOT = and_(AWAITS_SLOT, _within(_RUN.expected_start_time))


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


def _may_be_given(dialect: Dialect) -> ColumnElement[bool]:
    """Whether a run waits for a worker, and neither its schedule nor a retry in its own process holds it back."""
    retry = dialect.json_text(_RUN.empirical_policy, "retry_type")
    return and_(_IS_SCHEDULED, may_start(_NOW), or_(retry.is_(None), retry != literal_column("'in_process'")))


def _waiting(
    dialect: Dialect, queues: CTE, queue_id: ColumnElement[UUID] = _RUN.work_queue_id
) -> Select[Any]:  # Any: columns of many types
    """The runs that are due in these queues.

    A run that awaits a slot is due as it was at first: whether it can have one is decided here.
    """
    return (
        select(*_columns(flow_runs), _RUN.deployment_id, DUE.label("due"), queues.c.priority, queues.c.room)
        .join(queues, queues.c.id == queue_id)
        .where(or_(_IS_DUE, _IS_DUE_AND_AWAITS_SLOT), _may_be_given(dialect))
    )


def _held(dialect: Dialect, queues: CTE) -> CTE:
    """Those of them that are of deployments with limits: found by these, which are fewer than what waits in a queue."""
    limited = select(deployments.c.id).select_from(HAS_LIMIT).where(makes_wait(dialect))
    # Said so that no index of queues can be used.
    waiting = _waiting(dialect, queues, func.coalesce(_RUN.work_queue_id, _RUN.work_queue_id))
    of_limited = dialect.is_found(_RUN.deployment_id, limited), _RUN.next_scheduled_start_time.is_not(None)
    return waiting.where(*of_limited).cte("held")


def _nearest(dialect: Dialect, queues: CTE) -> list[Select[Any]]:  # Any: columns of many types
    """The first `limit` runs of each queue that no deployment's limit holds back, each kind by an index of its own.

    Those that await a slot are among them where the limit is gone since.
    """
    limited = select(deployments.c.id).select_from(HAS_LIMIT).where(deployments.c.id == _RUN.deployment_id)
    is_free = ~limited.where(makes_wait(dialect)).correlate(flow_runs).exists()
    kinds = (
        (_RUN.next_scheduled_start_time, and_(_IS_DUE, ~AWAITS_SLOT)),
        (_RUN.expected_start_time, and_(AWAITS_SLOT, or_(_IS_DUE, _IS_DUE_AND_AWAITS_SLOT))),
    )
    nearest: list[Select[Any]] = []  # Any: as above
    for due, is_due in kinds:
        first = (
            select(*_columns(flow_runs), due)
            .where(_RUN.work_queue_id == queues.c.id, _RUN.work_queue_id.is_not(None), is_due)
            .where(_may_be_given(dialect), is_free)
            .order_by(due, _RUN.id)
            .limit(_LIMIT)
            .correlate(queues)
        )
        source, run = dialect.with_first(queues, flow_runs, first)
        in_line = (run.c[due.name].label("due"), queues.c.priority, queues.c.room)
        nearest.append(select(*_columns(run), *in_line).select_from(source))
    return nearest


def _in_deployment(waiting: CTE, free: CTE) -> CTE:
    """The runs of deployments whose slots are limited, with their place among those of their deployment."""
    place = func.row_number().over(partition_by=waiting.c.deployment_id, order_by=_order(waiting))
    return (
        select(waiting, free.c.free, place.label("place"))
        .join(free, free.c.id == waiting.c.deployment_id)
        .cte("in_deployment")
    )


def _with_slot(in_deployment: CTE) -> Select[Any]:  # Any: columns of many types
    """Those of them that can take a slot of their deployment."""
    run = in_deployment.c
    return select(*_columns(in_deployment), run.due, run.priority, run.room).where(run.place <= run.free)


def _in_queue(startable: CTE) -> CTE:
    """Those of them in queues whose slots are limited, with their place among those of their queue."""
    place = func.row_number().over(partition_by=startable.c.work_queue_id, order_by=(startable.c.due, startable.c.id))
    return select(startable, place.label("place")).where(startable.c.room.is_not(None)).cte("in_queue")


def _line(startable: CTE, in_queue: CTE) -> FromClause:
    """Those of them that can take a slot of their queue, too."""
    unlimited = select(*_columns(startable, _IN_LINE)).where(startable.c.room.is_(None))
    first = select(*_columns(in_queue, _IN_LINE)).where(in_queue.c.place <= in_queue.c.room)
    return unlimited.union_all(first).subquery("able")


def _placed(line: FromClause) -> CTE:
    """A line with the places in it."""
    return select(line, func.row_number().over(order_by=_order(line)).label("place")).cte("line")


def _columns(runs: FromClause, names: Sequence[str] = _SHOWN) -> list[ColumnElement[Any]]:  # Any: as below
    return [runs.c[name] for name in names]


def _order(runs: FromClause) -> tuple[ColumnElement[Any], ...]:  # Any: columns of many types
    return (runs.c.priority, runs.c.due, runs.c.id)


def _pool_room(taken: CTE) -> ScalarSelect[int]:
    """The free slots of the pool; null where nothing limits it."""
    slots = select(func.coalesce(func.sum(taken.c.slots), 0)).scalar_subquery()
    return select(work_pools.c.concurrency_limit - slots).where(work_pools.c.id == _POOL_ID).scalar_subquery()


def _front(dialect: Dialect) -> Executable:
    taken = _taken()
    queues = _queues(dialect, taken)
    held = _held(dialect, queues)
    in_deployment = _in_deployment(held, rooms(dialect, select(held.c.deployment_id), _NOW))
    startable = union_all(*_nearest(dialect, queues), _with_slot(in_deployment)).cte("startable")
    able = _line(startable, _in_queue(startable))
    line = _placed(select(able).order_by(*_order(able)).limit(_LIMIT).subquery("nearest"))
    room = _pool_room(taken)
    return (
        # As they are stored: they are but compared, and SQLite's would have to be converted.
        select(*(type_coerce(line.c[name], NullType()).label(name) for name in _TOLD))
        .where(or_(room.is_(None), line.c.place <= room))
        .order_by(line.c.place)
    )


def _standing(dialect: Dialect) -> Executable:
    taken = _taken()
    waiting = _waiting(dialect, _queues(dialect, taken)).where(_RUN.work_queue_id.is_not(None)).cte("waiting")
    free = rooms(dialect, select(waiting.c.deployment_id), _NOW)
    in_deployment = _in_deployment(waiting, free)
    unlimited = (
        select(*_columns(waiting), waiting.c.due, waiting.c.priority, waiting.c.room)
        .select_from(waiting.outerjoin(free, free.c.id == waiting.c.deployment_id))
        .where(free.c.id.is_(None))
    )
    startable = union_all(unlimited, _with_slot(in_deployment)).cte("startable")
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
and can take all their slots as of `now`: their `id`, and `updated` and `state_id`, which change whenever a run does.

All three as they are stored. Nothing is locked: who asks at the same moment is told the same, as is who asks a moment
later.
"""

TAKEN_SLOTS: Final = prepare(select(_taken()))
"""How many slots of the pool `pool_id` its runs hold, by queue; queues that are paused do not count."""

STANDING: Final = Prepared(_standing)
"""Where the run `run_id` stands in the line of the pool `pool_id`, as `FRONT_OF_LINE` sees it; else no row.

Places count from 1. The place in the whole line is null where the slots of the deployment or of the queue do not
suffice. Places and rooms (free slots) of either are null where nothing limits them, and so is the place in the queue
where the slots of the deployment do not suffice.
"""
