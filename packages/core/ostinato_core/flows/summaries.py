"""What pages show beside flows: how many deployments they have, and which run comes next."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from ostinato_core.db.tables import deployments, flow_runs
from ostinato_core.flow_runs.next_runs import next_runs_of
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction


async def count_deployments(tx: Transaction, flow_ids: Sequence[UUID]) -> dict[str, int]:
    """Return how many deployments each flow has; 0 for one that does not exist."""
    own = (deployments.c.workspace_id == tx.workspace_id, tx.dialect.is_one_of(deployments.c.flow_id, flow_ids))
    statement = select(deployments.c.flow_id, func.count().label("count")).where(*own)
    counts = {str(flow_id): 0 for flow_id in flow_ids}
    found = await tx.rows(statement.group_by(deployments.c.flow_id))
    return counts | {str(row["flow_id"]): row["count"] for row in found}


async def next_runs(tx: Transaction, flow_ids: Sequence[UUID]) -> dict[str, JsonDict | None]:
    """Return the run of each flow that is scheduled the earliest; None for a flow without."""
    found = await next_runs_of(tx, flow_runs.c.flow_id, flow_ids)
    return {str(flow_id): found.get(flow_id) for flow_id in flow_ids}
