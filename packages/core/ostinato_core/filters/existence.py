"""Which rows a list of one noun holds, where filters of other nouns restrict it by existence.

Every condition here includes the workspace, so a statement needs no other WHERE.
"""

from sqlalchemy import literal, select

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.tables import flow_runs, flows, task_runs
from ostinato_core.filters.criteria import Condition, Operator, any_of, combine
from ostinato_core.filters.deployments import own_deployment_matches
from ostinato_core.filters.flow_runs import flow_run_matches
from ostinato_core.filters.flows import flow_matches
from ostinato_core.filters.task_runs import task_run_matches
from ostinato_core.transaction import Transaction
from ostinato_wire.flow_runs import FlowRunFilter
from ostinato_wire.flows import FlowFilter
from ostinato_wire.queries import FlowRunsWhere, FlowsWhere, RunsWhere, TaskRunsWhere
from ostinato_wire.task_runs import TaskRunFilter


def flows_where(tx: Transaction, where: FlowsWhere) -> Condition:
    """Flows that match, with some run that matches and has a task run that matches."""
    parts: list[Condition | None] = [flows.c.workspace_id == tx.workspace_id, own_deployment_matches(where)]
    if where.flows is not None:
        parts.append(flow_matches(tx.dialect, where.flows))
    if where.flow_runs is not None or where.task_runs is not None:
        run = [flow_runs.c.flow_id == flows.c.id, *_run_parts(tx.dialect, where.flow_runs, where.task_runs)]
        parts.append(select(literal(1)).select_from(flow_runs).where(*run).correlate(flows).exists())
    return combine(Operator.AND, parts)


def flow_runs_where(tx: Transaction, where: FlowRunsWhere) -> Condition:
    """Flow runs that match, whose flow matches and which have a task run that matches."""
    parts: list[Condition | None] = [flow_runs.c.workspace_id == tx.workspace_id, own_deployment_matches(where)]
    parts.extend(_run_parts(tx.dialect, where.flow_runs, where.task_runs))
    if where.flows is not None:
        parts.append(_own_flow_matches(tx.dialect, where.flows))
    return combine(Operator.AND, parts)


def task_runs_where(tx: Transaction, where: TaskRunsWhere) -> Condition:
    """Task runs that match, whose flow run matches, and whose flow run's flow matches."""
    parts: list[Condition | None] = [task_runs.c.workspace_id == tx.workspace_id]
    if where.task_runs is not None:
        parts.append(task_run_matches(tx.dialect, where.task_runs))
    parts.append(_own_run_matches(tx.dialect, where))
    return combine(Operator.AND, parts)


def _run_parts(dialect: Dialect, runs: FlowRunFilter | None, tasks: TaskRunFilter | None) -> list[Condition]:
    parts: list[Condition] = []
    if runs is not None:
        parts.append(flow_run_matches(dialect, runs))
    if tasks is not None:
        task = (task_runs.c.flow_run_id == flow_runs.c.id, task_run_matches(dialect, tasks))
        parts.append(select(literal(1)).select_from(task_runs).where(*task).correlate(flow_runs).exists())
    return parts


def _own_flow_matches(dialect: Dialect, wanted: FlowFilter) -> Condition:
    flow = (flows.c.id == flow_runs.c.flow_id, flow_matches(dialect, wanted))
    return select(literal(1)).select_from(flows).where(*flow).correlate(flow_runs).exists()


def _own_run_matches(dialect: Dialect, where: RunsWhere) -> Condition | None:
    runs, deployment = where.flow_runs, own_deployment_matches(where)
    if where.flows is None and deployment is None:
        if runs is None:
            return None
        if runs.id is not None and runs.id.any_ is not None and _asks_only_for_ids(runs):
            return any_of(dialect, task_runs.c.flow_run_id, runs.id.any_)
    parts: list[Condition | None] = [flow_runs.c.id == task_runs.c.flow_run_id, deployment]
    if runs is not None:
        parts.append(flow_run_matches(dialect, runs))
    if where.flows is not None:
        parts.append(_own_flow_matches(dialect, where.flows))
    run = combine(Operator.AND, parts)
    return select(literal(1)).select_from(flow_runs).where(run).correlate(task_runs).exists()


def _asks_only_for_ids(runs: FlowRunFilter) -> bool:
    """Whether a filter holds nothing but ids: then a task run's own column tells, and no other table is read."""
    assert runs.id is not None
    others = (name for name in FlowRunFilter.model_fields if name not in ("id", "operator"))
    return runs.id.not_any_ is None and all(getattr(runs, name) is None for name in others)
