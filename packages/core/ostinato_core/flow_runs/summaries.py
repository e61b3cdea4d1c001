"""What pages show of many flow runs: points of a plot, and how many task runs each has."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, literal, select

from ostinato_core.db.tables import flow_runs, task_runs
from ostinato_core.flow_runs import repository
from ostinato_core.flow_runs.rows import point_json
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction
from ostinato_wire.queries import FlowRunsWhere
from ostinato_wire.ui import FlowRunPointsQuery


async def read_points(tx: Transaction, query: FlowRunPointsQuery) -> list[JsonDict]:
    """Return flow runs that match as points of a plot; those without a state or a time are left out."""
    where = FlowRunsWhere(
        flows=query.flows,
        flow_runs=query.flow_runs,
        task_runs=query.task_runs,
        deployments=query.deployments,
        work_pools=query.work_pools,
    )
    rows = await repository.select_points(tx, where, query.sort, query.limit, query.offset)
    return [point for row in rows if (point := point_json(row, tx.now)) is not None]


async def count_task_runs(tx: Transaction, flow_run_ids: Sequence[UUID]) -> dict[str, int]:
    """Return how many task runs each flow run has, without those that stand for sub-flow runs."""
    run = task_runs.c
    stands_for_flow = select(literal(1)).where(flow_runs.c.parent_task_run_id == run.id).correlate(task_runs).exists()
    own = (run.workspace_id == tx.workspace_id, tx.dialect.is_one_of(run.flow_run_id, flow_run_ids), ~stands_for_flow)
    statement = select(run.flow_run_id, func.count().label("count")).where(*own).group_by(run.flow_run_id)
    counts = {str(flow_run_id): 0 for flow_run_id in flow_run_ids}
    return counts | {str(row["flow_run_id"]): row["count"] for row in await tx.rows(statement)}
