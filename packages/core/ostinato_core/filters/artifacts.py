"""The filters of artifacts and of their collections, as conditions.

Filters of runs restrict through the artifact's own run ids. Every condition here includes the workspace.
"""

from sqlalchemy import Table, select

from ostinato_core.db.tables import artifact_collections, artifacts, flow_runs, task_runs
from ostinato_core.filters import criteria
from ostinato_core.filters.criteria import Condition
from ostinato_core.filters.existence import flow_runs_where, task_runs_where
from ostinato_core.transaction import Transaction
from ostinato_wire.artifacts import ArtifactCollectionsWhere, ArtifactContentFilter, ArtifactsWhere, KeyFilter
from ostinato_wire.filters import AnyId
from ostinato_wire.queries import FlowRunsWhere, RunsWhere, TaskRunsWhere


def artifacts_where(tx: Transaction, where: ArtifactsWhere) -> Condition:
    """Return the condition on a row of `artifacts`."""
    wanted = where.artifacts
    return _where(tx, artifacts, where, wanted, wanted.id if wanted else None, "id")


def collections_where(tx: Transaction, where: ArtifactCollectionsWhere) -> Condition:
    """Return the condition on a row of `artifact_collections`."""
    wanted = where.artifacts
    return _where(tx, artifact_collections, where, wanted, wanted.latest_id if wanted else None, "latest_id")


def _where(
    tx: Transaction,
    table: Table,
    where: RunsWhere,
    wanted: ArtifactContentFilter | None,
    ids: AnyId | None,
    id_column: str,
) -> Condition:
    parts: list[Condition | None] = [table.c.workspace_id == tx.workspace_id, *_runs_match(tx, table, where)]
    if wanted is not None:
        conditions = _content(tx, table, wanted)
        if ids is not None:
            conditions.append(criteria.any_or_none_of(tx.dialect, table.c[id_column], ids.any_, None))
        parts.append(criteria.combine(wanted.operator, conditions))
    return criteria.combine(criteria.Operator.AND, parts)


def _content(tx: Transaction, table: Table, wanted: ArtifactContentFilter) -> list[Condition | None]:
    conditions: list[Condition | None] = []
    if wanted.key is not None:
        conditions.append(_key(tx, table, wanted.key))
    for name, ids in (("flow_run_id", wanted.flow_run_id), ("task_run_id", wanted.task_run_id)):
        if ids is not None:
            conditions.append(criteria.any_or_none_of(tx.dialect, table.c[name], ids.any_, None))
    if wanted.type is not None:
        type_ = wanted.type
        conditions.append(criteria.any_or_none_of(tx.dialect, table.c.type, type_.any_, type_.not_any_))
    return conditions


def _key(tx: Transaction, table: Table, wanted: KeyFilter) -> Condition:
    exists = criteria.is_null(table.c.key, None if wanted.exists_ is None else not wanted.exists_)
    return criteria.combine(criteria.Operator.AND, (criteria.name(tx.dialect, table.c.key, wanted), exists))


def _runs_match(tx: Transaction, table: Table, where: RunsWhere) -> list[Condition]:
    parts: list[Condition] = []
    if where.flow_runs is not None or where.flows is not None or where.deployments is not None:
        runs = FlowRunsWhere(flow_runs=where.flow_runs, flows=where.flows, deployments=where.deployments)
        parts.append(table.c.flow_run_id.in_(select(flow_runs.c.id).where(flow_runs_where(tx, runs))))
    if where.task_runs is not None:
        tasks = task_runs_where(tx, TaskRunsWhere(task_runs=where.task_runs))
        parts.append(table.c.task_run_id.in_(select(task_runs.c.id).where(tasks)))
    return parts
