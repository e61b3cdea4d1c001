"""Which rows a list of one noun holds, where filters of other nouns restrict it by existence.

Every condition here includes the workspace, so a statement needs no other WHERE.
"""

from sqlalchemy import Table, literal, select

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.tables import deployments, flow_runs, flows, task_runs
from ostinato_core.filters.criteria import Condition, Operator, any_of, combine
from ostinato_core.filters.deployments import (
    deployment_matches,
    own_deployment_matches,
    queue_matches,
    some_deployment_matches,
)
from ostinato_core.filters.flow_runs import flow_run_matches
from ostinato_core.filters.flows import flow_matches
from ostinato_core.filters.task_runs import task_run_matches
from ostinato_core.transaction import Transaction
from ostinato_wire.deployments import DeploymentsWhere
from ostinato_wire.flow_runs import FlowRunFilter
from ostinato_wire.flows import FlowFilter
from ostinato_wire.queries import FlowRunsWhere, FlowsWhere, RunsWhere, TaskRunsWhere
from ostinato_wire.task_runs import TaskRunFilter


def flows_where(tx: Transaction, where: FlowsWhere) -> Condition:
    """Flows that match, with some deployment that does, and some run that matches and has a task run that matches."""
    parts: list[Condition | None] = [flows.c.workspace_id == tx.workspace_id]
    parts.append(some_deployment_matches(tx.dialect, where))
    if where.flows is not None:
        parts.append(flow_matches(tx.dialect, where.flows))
    if where.flow_runs is not None or where.task_runs is not None:
        run = [flow_runs.c.flow_id == flows.c.id, *_run_parts(tx.dialect, where.flow_runs, where.task_runs)]
        parts.append(select(literal(1)).select_from(flow_runs).where(*run).correlate(flows).exists())
    return combine(Operator.AND, parts)


def flow_runs_where(tx: Transaction, where: FlowRunsWhere) -> Condition:
    """Flow runs that match, whose flow, deployment and place match and which have a task run that matches."""
    parts: list[Condition | None] = [flow_runs.c.workspace_id == tx.workspace_id]
    parts.append(own_deployment_matches(tx.dialect, where))
    parts.extend(_run_parts(tx.dialect, where.flow_runs, where.task_runs))
    if where.flows is not None:
        parts.append(_own_flow_matches(tx.dialect, flow_runs, where.flows))
    return combine(Operator.AND, parts)


def task_runs_where(tx: Transaction, where: TaskRunsWhere) -> Condition:
    """Task runs that match, whose flow run matches, and whose flow run's flow matches."""
    parts: list[Condition | None] = [task_runs.c.workspace_id == tx.workspace_id]
    if where.task_runs is not None:
        parts.append(task_run_matches(tx.dialect, where.task_runs))
    parts.append(_own_run_matches(tx.dialect, where))
    return combine(Operator.AND, parts)


def deployments_where(tx: Transaction, where: DeploymentsWhere) -> Condition:
    """Deployments that match, whose flow and place match, with some run that matches and has a task run that does."""
    parts: list[Condition | None] = [deployments.c.workspace_id == tx.workspace_id]
    if where.deployments is not None:
        parts.append(deployment_matches(tx.dialect, where.deployments))
    if where.flows is not None:
        parts.append(_own_flow_matches(tx.dialect, deployments, where.flows))
    if where.flow_runs is not None or where.task_runs is not None:
        own = flow_runs.c.deployment_id == deployments.c.id
        run = [own, *_run_parts(tx.dialect, where.flow_runs, where.task_runs)]
        parts.append(select(literal(1)).select_from(flow_runs).where(*run).correlate(deployments).exists())
    place = queue_matches(tx.dialect, deployments.c.work_queue_id, where.work_pools, where.work_pool_queues)
    return combine(Operator.AND, [*parts, place])


def _run_parts(dialect: Dialect, runs: FlowRunFilter | None, tasks: TaskRunFilter | None) -> list[Condition]:
    parts: list[Condition] = []
    if runs is not None:
        parts.append(flow_run_matches(dialect, runs))
    if tasks is not None:
        task = (task_runs.c.flow_run_id == flow_runs.c.id, task_run_matches(dialect, tasks))
        parts.append(select(literal(1)).select_from(task_runs).where(*task).correlate(flow_runs).exists())
    return parts


def _own_flow_matches(dialect: Dialect, owner: Table, wanted: FlowFilter) -> Condition:
    flow = (flows.c.id == owner.c.flow_id, flow_matches(dialect, wanted))
    return select(literal(1)).select_from(flows).where(*flow).correlate(owner).exists()


def _own_run_matches(dialect: Dialect, where: RunsWhere) -> Condition | None:
    runs, deployment = where.flow_runs, own_deployment_matches(dialect, where)
    if where.flows is None and deployment is None:
        if runs is None:
            return None
        if runs.id is not None and runs.id.any_ is not None and _asks_only_for_ids(runs):
            return any_of(dialect, task_runs.c.flow_run_id, runs.id.any_)
    parts: list[Condition | None] = [flow_runs.c.id == task_runs.c.flow_run_id, deployment]
    if runs is not None:
        parts.append(flow_run_matches(dialect, runs))
    if where.flows is not None:
        parts.append(_own_flow_matches(dialect, flow_runs, where.flows))
    run = combine(Operator.AND, parts)
    return select(literal(1)).select_from(flow_runs).where(run).correlate(task_runs).exists()


def _asks_only_for_ids(runs: FlowRunFilter) -> bool:
    """Whether a filter holds nothing but ids: then a task run's own column tells, and no other table is read."""
    assert runs.id is not None
    others = (name for name in FlowRunFilter.model_fields if name not in ("id", "operator"))
    return runs.id.not_any_ is None and all(getattr(runs, name) is None for name in others)
