"""Which rows a list of one noun holds, where filters of other nouns restrict it by existence.

Every condition here includes the workspace, so a statement needs no other WHERE.
"""

from sqlalchemy import Table, literal, select

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.tables import deployments, flow_runs, flows, task_runs
from ostinato_core.filters.criteria import Column, Condition, Operator, any_of, combine
from ostinato_core.filters.deployments import deployment_matches, own_deployment_matches, some_deployment_matches
from ostinato_core.filters.flow_runs import flow_run_matches
from ostinato_core.filters.flows import flow_matches
from ostinato_core.filters.only_ids import only_ids
from ostinato_core.filters.task_runs import task_run_matches
from ostinato_core.filters.work_pools import own_queue_matches
from ostinato_core.transaction import Transaction
from ostinato_wire.deployments import DeploymentsWhere
from ostinato_wire.flow_runs import FlowRunFilter
from ostinato_wire.flows import FlowFilter
from ostinato_wire.queries import FlowRunsWhere, FlowsWhere, RunsWhere, TaskRunsWhere
from ostinato_wire.task_runs import TaskRunFilter


def flows_where(tx: Transaction, where: FlowsWhere) -> Condition:
    """Flows that match, with some run that matches and has a task run that matches."""
    parts: list[Condition | None] = [flows.c.workspace_id == tx.workspace_id, some_deployment_matches(tx, where)]
    if where.flows is not None:
        parts.append(flow_matches(tx.dialect, where.flows))
    if where.flow_runs is not None or where.task_runs is not None:
        parts.append(_has_run_that_matches(tx, flows, flow_runs.c.flow_id, where))
    return combine(Operator.AND, parts)


def flow_runs_where(
    tx: Transaction, where: FlowRunsWhere, *, walk: Column | None = None, by_flow: bool = True
) -> Condition:
    """Flow runs that match, whose flow matches and which have a task run that matches.

    `walk`: rows are read in the order of this column until there are enough; `by_flow`: they may be looked up by their
    flow.
    """
    parts: list[Condition | None] = [_own(tx, flow_runs, walk)]
    parts.append(own_deployment_matches(tx, where, walk=walk is not None))
    parts.append(_own_queue_matches(tx, flow_runs, where))
    parts.extend(_run_parts(tx.dialect, where.flow_runs, where.task_runs, walk=walk))
    if where.flows is not None:
        parts.append(_own_flow_matches(tx, flow_runs, where.flows, by_flow=by_flow))
    return combine(Operator.AND, parts)


def flow_runs_counted(tx: Transaction, where: FlowRunsWhere) -> Condition:
    """The same, for a statement that reads nothing else of a flow run.

    All runs of a flow are in its workspace, so an index from flows to runs is enough where nothing else is asked for.
    """
    if where.flows is None or where.model_copy(update={"flows": None}) != FlowRunsWhere():
        return flow_runs_where(tx, where)
    own = (flows.c.workspace_id == tx.workspace_id, flow_matches(tx.dialect, where.flows))
    return flow_runs.c.flow_id.in_(select(flows.c.id).where(*own))


def task_runs_where(tx: Transaction, where: TaskRunsWhere, *, walk: Column | None = None) -> Condition:
    """Task runs that match, whose flow run matches, and whose flow run's flow matches.

    `walk` as in `flow_runs_where`.
    """
    parts: list[Condition | None] = [_own(tx, task_runs, walk)]
    if where.task_runs is not None:
        parts.append(task_run_matches(tx.dialect, where.task_runs, walk=walk))
    parts.append(_own_run_matches(tx, where))
    return combine(Operator.AND, parts)


def deployments_where(tx: Transaction, where: DeploymentsWhere) -> Condition:
    """Deployments that match, whose flow and queue match, with some run that matches and has a task run that does."""
    parts: list[Condition | None] = [deployments.c.workspace_id == tx.workspace_id]
    if where.deployments is not None:
        parts.append(deployment_matches(tx.dialect, where.deployments))
    if where.flows is not None:
        parts.append(_own_flow_matches(tx, deployments, where.flows))
    parts.append(_own_queue_matches(tx, deployments, where))
    if where.flow_runs is not None or where.task_runs is not None:
        parts.append(_has_run_that_matches(tx, deployments, flow_runs.c.deployment_id, where))
    return combine(Operator.AND, parts)


def _has_run_that_matches(tx: Transaction, owner: Table, of_run: Column, where: RunsWhere) -> Condition:
    """Runs of a span of time are looked up first: an owner's runs are in no order by which it could be found."""
    run = _run_parts(tx.dialect, where.flow_runs, where.task_runs)
    if where.flow_runs is not None and _is_of_a_time(where.flow_runs):
        mine = (flow_runs.c.workspace_id == tx.workspace_id, of_run.is_not(None))
        return owner.c.id.in_(select(tx.dialect.unindexed(of_run)).where(*mine, *run).distinct())
    return select(literal(1)).select_from(flow_runs).where(of_run == owner.c.id, *run).correlate(owner).exists()


def _is_of_a_time(runs: FlowRunFilter) -> bool:
    spans = (runs.start_time, runs.expected_start_time)
    return runs.operator is Operator.AND and any(span is not None and span.after_ is not None for span in spans)


def _own_queue_matches(tx: Transaction, owner: Table, where: FlowRunsWhere) -> Condition | None:
    return own_queue_matches(tx.dialect, owner.c.work_queue_id, where.work_pools, where.work_pool_queues)


def _own(tx: Transaction, table: Table, walk: Column | None) -> Condition:
    """The workspace's rows; where they are read by their ids, it is no use to look for those of the workspace."""
    column = table.c.workspace_id
    return (tx.dialect.unindexed(column) if walk is table.c.id else column) == tx.workspace_id


def _run_parts(
    dialect: Dialect, runs: FlowRunFilter | None, tasks: TaskRunFilter | None, *, walk: Column | None = None
) -> list[Condition]:
    parts: list[Condition] = []
    if runs is not None:
        parts.append(flow_run_matches(dialect, runs, walk=walk))
    if tasks is not None:
        task = (task_runs.c.flow_run_id == flow_runs.c.id, task_run_matches(dialect, tasks))
        parts.append(select(literal(1)).select_from(task_runs).where(*task).correlate(flow_runs).exists())
    return parts


def _own_flow_matches(tx: Transaction, owner: Table, wanted: FlowFilter, *, by_flow: bool = True) -> Condition:
    """Not by EXISTS: there are few flows, and their ids lead to their runs by an index."""
    flow_id = owner.c.flow_id if by_flow else tx.dialect.unindexed(owner.c.flow_id)
    if (by_id := any_of(tx.dialect, flow_id, only_ids(wanted))) is not None:
        return by_id
    own = (flows.c.workspace_id == tx.workspace_id, flow_matches(tx.dialect, wanted))
    return flow_id.in_(select(flows.c.id).where(*own))


def _own_run_matches(tx: Transaction, where: RunsWhere) -> Condition | None:
    runs, deployment = where.flow_runs, own_deployment_matches(tx, where)
    if where.flows is None and deployment is None:
        if runs is None:
            return None
        if (ids := only_ids(runs)) is not None:
            return any_of(tx.dialect, task_runs.c.flow_run_id, ids)
    parts: list[Condition | None] = [flow_runs.c.id == task_runs.c.flow_run_id, deployment]
    if runs is not None:
        parts.append(flow_run_matches(tx.dialect, runs))
    if where.flows is not None:
        parts.append(_own_flow_matches(tx, flow_runs, where.flows))
    run = combine(Operator.AND, parts)
    return select(literal(1)).select_from(flow_runs).where(run).correlate(task_runs).exists()
