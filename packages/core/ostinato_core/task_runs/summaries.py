"""What pages show of many task runs: how they ended over time, and how many are in which state."""

from datetime import datetime, timedelta
from operator import itemgetter
from uuid import UUID

from sqlalchemy import FromClause, ScalarSelect, func, select

from ostinato_core.db.tables import flow_runs, task_runs
from ostinato_core.errors import Invalid
from ostinato_core.filters.criteria import Condition
from ostinato_core.filters.existence import flow_runs_where, task_runs_where
from ostinato_core.states.rows import JsonDict
from ostinato_core.task_runs.operations import read_task_run
from ostinato_core.transaction import Transaction
from ostinato_wire.filters import NullableTimeFilter, Operator
from ostinato_wire.queries import FlowRunsWhere, TaskRunsWhere
from ostinato_wire.states import StateType
from ostinato_wire.task_runs import TaskRunFilter
from ostinato_wire.ui import TaskRunCountsQuery

INTERVALS = 20
_MINUTE, _MICROSECOND = timedelta(minutes=1), timedelta(microseconds=1)
_RUN = task_runs.c


async def count_over_time(tx: Transaction, query: TaskRunCountsQuery) -> list[JsonDict]:
    """Return how task runs ended in 20 equal intervals by start. Errors: Invalid where the filter has no beginning."""
    asked = query.task_runs.start_time
    if asked is None or asked.after_ is None:
        raise Invalid("task_runs.start_time.after_ is required")
    start = _minute(asked.after_)
    end = _minute(asked.before_ or tx.now) + _MINUTE
    if end <= start:
        return [{"completed": 0, "failed": 0} for _ in range(INTERVALS)]
    wanted, interval = _intervals(tx, query.task_runs, asked, start, end)
    which = _where(tx, query.model_copy(update={"task_runs": wanted}))
    within = (which, _RUN.start_time >= interval.c.begin, _RUN.start_time < interval.c.end)
    statement = select(
        *interval.c,
        _count(*within, _RUN.state_type.in_(["COMPLETED", "CANCELLED"])).correlate(interval).label("completed"),
        _count(*within, _RUN.state_type.in_(["FAILED", "CRASHED"])).correlate(interval).label("failed"),
    )
    rows = sorted(await tx.rows(statement), key=itemgetter("begin", "end"))
    return [{"completed": row["completed"], "failed": row["failed"]} for row in rows]


def _intervals(
    tx: Transaction, wanted: TaskRunFilter, asked: NullableTimeFilter, start: datetime, end: datetime
) -> tuple[TaskRunFilter, FromClause]:
    """Return twenty intervals as a table, with the filter's own bounds put into them, and the rest of the filter.

    Of two bounds SQLite takes one to look for rows, and that would be the same one for all intervals.
    """
    # Twenty intervals of whole microseconds may leave a rest, which belongs to the last one.
    width = (end - start) // INTERVALS
    begins = [start + width * number for number in range(INTERVALS)]
    ends = [*begins[1:], end]
    if wanted.operator is Operator.OR:
        return wanted, tx.dialect.times(begins, ends)
    first = asked.after_ or start
    latest = end if asked.before_ is None else min(end, asked.before_ + _MICROSECOND)
    rest = asked.model_copy(update={"after_": None, "before_": None})
    intervals = tx.dialect.times([max(begin, first) for begin in begins], [min(each, latest) for each in ends])
    return wanted.model_copy(update={"start_time": rest}), intervals


async def count_by_state(tx: Transaction, where: TaskRunsWhere) -> JsonDict:
    """Return how many task runs that match are in states of each type."""
    condition = task_runs_where(tx, where)
    if _is_of_a_time(where):
        # An index counts those of one type much faster than rows are put into groups.
        counts = (_count(condition, _RUN.state_type == kind.value).label(kind.value) for kind in StateType)
        return dict((await tx.rows(select(*counts)))[0])
    statement = select(_RUN.state_type, func.count().label("count")).where(condition)
    found = {row["state_type"]: row["count"] for row in await tx.rows(statement.group_by(_RUN.state_type))}
    return {kind.value: found.get(kind.value, 0) for kind in StateType}


def _count(*conditions: Condition) -> ScalarSelect[int]:
    return select(func.count()).select_from(task_runs).where(*conditions).scalar_subquery()


def _is_of_a_time(where: TaskRunsWhere) -> bool:
    """Whether nothing is asked for but when task runs started."""
    spans = None if where.task_runs is None else TaskRunFilter(start_time=where.task_runs.start_time)
    return where.model_dump() == TaskRunsWhere(task_runs=spans).model_dump()


async def read_named_task_run(tx: Transaction, task_run_id: UUID) -> JsonDict:
    """Return a task run with the name of its flow run. Errors: TaskRunNotFound."""
    run = await read_task_run(tx, task_run_id)
    flow_run = (flow_runs.c.id == run["flow_run_id"], flow_runs.c.workspace_id == tx.workspace_id)
    name = await tx.value(select(flow_runs.c.name).where(*flow_run)) if run["flow_run_id"] is not None else None
    return {**run, "flow_run_name": name}


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _where(tx: Transaction, query: TaskRunCountsQuery) -> Condition:
    condition = task_runs_where(tx, query)
    if query.work_pools is None and query.work_queues is None:
        return condition
    of_pool = FlowRunsWhere(work_pools=query.work_pools, work_pool_queues=query.work_queues)
    return condition & _RUN.flow_run_id.in_(select(flow_runs.c.id).where(flow_runs_where(tx, of_pool)))
