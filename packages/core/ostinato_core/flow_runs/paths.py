"""By which index SQLite is to read a list of flow runs; see `filters.path`."""

from collections.abc import Iterator

from sqlalchemy import true

from ostinato_core.db.tables import flow_runs
from ostinato_core.filters.criteria import Condition, Operator
from ostinato_core.filters.existence import flow_runs_counted
from ostinato_core.filters.path import Path, are_few, part_of_name, parts_of_runs, rows_of_rare_names
from ostinato_core.filters.tag_lists import rows_with_rare_tags
from ostinato_core.transaction import Transaction
from ostinato_wire.filters import AllTags
from ostinato_wire.flow_runs import FlowRunFilter, FlowRunSort
from ostinato_wire.queries import FlowRunsWhere

_BY_START = {FlowRunSort.START_TIME_ASC, FlowRunSort.START_TIME_DESC}
_SPANS = {
    "start_time": _BY_START,
    "expected_start_time": {FlowRunSort.EXPECTED_START_TIME_ASC, FlowRunSort.EXPECTED_START_TIME_DESC},
    "end_time": {FlowRunSort.END_TIME_DESC},
    "next_scheduled_start_time": {FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC},
}
"""Spans of time that an index finds, and the orders in which that index has them already."""
_WALKED = {
    FlowRunSort.ID_DESC,
    FlowRunSort.EXPECTED_START_TIME_ASC,
    FlowRunSort.EXPECTED_START_TIME_DESC,
    FlowRunSort.NAME_ASC,
    FlowRunSort.NAME_DESC,
    FlowRunSort.END_TIME_DESC,
}


async def path_of_list(tx: Transaction, where: FlowRunsWhere, order: FlowRunSort) -> Path:
    """Return how a list is to be read."""
    if tx.dialect.keeps_statistics:
        return Path()
    if order in _BY_START and _has_one_value(where.flow_runs):
        return Path()  # an index has these in order
    if _names_rows(where.flow_runs):
        return Path(sort=True)
    rare = await rows_with_rare_tags(tx, flow_runs, _tags(where))
    if rare is not None:
        return Path(sort=True, also=rare)
    parts = list(_parts(where, order))
    for part in parts:
        if await are_few(tx, flow_runs, flow_runs_counted(tx, part)):
            return Path(sort=True)
    if (is_named := part_of_name(tx, flow_runs, where.flow_runs)) is not None:
        # It may be rare, and then a walk would go on to the end.
        rare = None if parts else await rows_of_rare_names(tx, flow_runs, is_named)
        if parts or rare is not None:
            return Path(sort=True, also=rare)
    return Path(walk=order in _WALKED)


def _has_one_value(runs: FlowRunFilter | None) -> bool:
    if runs is None or runs.state is None or runs.operator is Operator.OR:
        return False
    return any(asked is not None and len(asked.any_ or ()) == 1 for asked in (runs.state.type, runs.state.name))


async def also_where(tx: Transaction, where: FlowRunsWhere) -> Condition:
    """Return a condition that all rows meet which match, by which few are found without reading all."""
    rare = await rows_with_rare_tags(tx, flow_runs, _tags(where))
    return true() if rare is None else rare


def _tags(where: FlowRunsWhere) -> AllTags | None:
    runs = where.flow_runs
    return None if runs is None or runs.operator is Operator.OR else runs.tags


def _names_rows(runs: FlowRunFilter | None) -> bool:
    if runs is None or runs.operator is Operator.OR:
        return False
    few = (runs.id, runs.idempotency_key, runs.parent_flow_run_id, runs.parent_task_run_id)
    return any(asked is not None and asked.any_ is not None for asked in few)


def _parts(where: FlowRunsWhere, order: FlowRunSort) -> Iterator[FlowRunsWhere]:
    """Yield what `where` asks for and an index answers, each by itself."""
    if where.flows is not None:
        yield FlowRunsWhere(flows=where.flows)
    if where.deployments is not None:
        yield FlowRunsWhere(deployments=where.deployments)
    runs = where.flow_runs
    if runs is None or runs.operator is Operator.OR:
        return
    if runs.deployment_id is not None and runs.deployment_id.any_:
        yield _runs({"deployment_id": {"any_": runs.deployment_id.any_}})
    for part in parts_of_runs(runs, order, _SPANS):
        yield _runs(part)


def _runs(asked: dict[str, object]) -> FlowRunsWhere:
    return FlowRunsWhere(flow_runs=FlowRunFilter.model_validate(asked))
