"""By which index SQLite is to read a list of flow runs: it does not know how many rows a value has, so it is told.

Postgres keeps statistics of its own, and needs no help.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import literal, select

from ostinato_core.db.tables import flow_runs
from ostinato_core.filters.criteria import Operator
from ostinato_core.filters.existence import flow_runs_counted
from ostinato_core.transaction import Transaction
from ostinato_wire.flow_runs import FlowRunFilter, FlowRunSort
from ostinato_wire.queries import FlowRunsWhere

FEW = 5000
"""Rows that are sorted sooner than another index is read until enough of them have come by."""

_BY_START = {FlowRunSort.START_TIME_ASC, FlowRunSort.START_TIME_DESC}
_WALKED = {
    FlowRunSort.ID_DESC,
    FlowRunSort.EXPECTED_START_TIME_ASC,
    FlowRunSort.EXPECTED_START_TIME_DESC,
    FlowRunSort.NAME_ASC,
    FlowRunSort.NAME_DESC,
}


@dataclass(frozen=True, slots=True)
class Path:
    """`walk`: read in the order that is wanted, until there are enough. `sort`: read what matches, and sort it."""

    walk: bool = False
    sort: bool = False


async def path_of_list(tx: Transaction, where: FlowRunsWhere, order: FlowRunSort) -> Path:
    """Return how a list is to be read."""
    if tx.dialect.keeps_statistics:
        return Path()
    if order in _BY_START and _has_one_value(where.flow_runs):
        return Path()  # an index has these in order
    if _names_rows(where.flow_runs):
        return Path(sort=True)
    for part in _parts(where):
        rest = select(literal(1)).select_from(flow_runs).where(flow_runs_counted(tx, part)).limit(1).offset(FEW)
        if await tx.value(rest) is None:
            return Path(sort=True)
    return Path(walk=order in _WALKED)


def _has_one_value(runs: FlowRunFilter | None) -> bool:
    if runs is None or runs.state is None or runs.operator is Operator.OR:
        return False
    return any(asked is not None and len(asked.any_ or ()) == 1 for asked in (runs.state.type, runs.state.name))


def _names_rows(runs: FlowRunFilter | None) -> bool:
    if runs is None or runs.operator is Operator.OR:
        return False
    few = (runs.id, runs.idempotency_key, runs.parent_flow_run_id, runs.parent_task_run_id)
    return any(asked is not None and asked.any_ is not None for asked in few)


def _parts(where: FlowRunsWhere) -> Iterator[FlowRunsWhere]:
    """Yield what `where` asks for and an index answers, each by itself."""
    if where.flows is not None:
        yield FlowRunsWhere(flows=where.flows)
    if where.deployments is not None:
        yield FlowRunsWhere(deployments=where.deployments)
    runs = where.flow_runs
    if runs is None or runs.operator is Operator.OR:
        return
    if runs.state is not None and runs.state.operator is Operator.AND:
        if runs.state.type is not None and runs.state.type.any_:
            yield _runs(state={"type": {"any_": runs.state.type.any_}})
        if runs.state.name is not None and runs.state.name.any_:
            yield _runs(state={"name": {"any_": runs.state.name.any_}})
    if runs.name is not None and runs.name.any_:
        yield _runs(name={"any_": runs.name.any_})
    if runs.deployment_id is not None and runs.deployment_id.any_:
        yield _runs(deployment_id={"any_": runs.deployment_id.any_})
    for name in ("start_time", "expected_start_time", "end_time", "next_scheduled_start_time"):
        if (asked := getattr(runs, name)) is not None and (asked.after_ or asked.before_):
            yield _runs(**{name: {"after_": asked.after_, "before_": asked.before_}})


def _runs(**asked: object) -> FlowRunsWhere:
    return FlowRunsWhere(flow_runs=FlowRunFilter.model_validate(asked))
