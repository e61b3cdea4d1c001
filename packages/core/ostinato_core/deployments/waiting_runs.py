"""The runs that deployments have yet to begin: finding them, and taking them back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select

from ostinato_core.db.tables import flow_runs
from ostinato_core.flow_runs.rows import PLACED_COLUMNS, SOURCE, flow_run_json
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction

_RUN = flow_runs.c


async def delete_waiting_runs(
    tx: Transaction,
    deployment_ids: Sequence[UUID],
    *,
    only_automatic: bool = False,
    only_future: bool = False,
    only_of: str | None = None,
) -> None:
    """Delete runs that are scheduled and have never begun; those that wait for a slot stay.

    `only_automatic`: those that schedules made. `only_future`: those that are not due yet. `only_of`: those whose
    idempotency key begins so.
    """
    conditions = [
        tx.dialect.is_one_of(_RUN.deployment_id, deployment_ids),
        _RUN.workspace_id == tx.workspace_id,
        _RUN.next_scheduled_start_time.is_not(None),
        _RUN.state_type == "SCHEDULED",
        _RUN.state_name != "AwaitingConcurrencySlot",
        _RUN.run_count == 0,
    ]
    if only_automatic:
        conditions.append(_RUN.auto_scheduled.is_(True))
    if only_future:
        conditions.append(_RUN.next_scheduled_start_time > tx.now)
    if only_of is not None:
        conditions.append(func.substr(_RUN.idempotency_key, 1, len(only_of)) == only_of)
    await tx.run(delete(flow_runs).where(*conditions))


async def read_due_runs(
    tx: Transaction, deployment_ids: Sequence[UUID], scheduled_before: datetime | None, limit: int
) -> list[JsonDict]:
    """Return the scheduled runs of deployments, the one that is due first first; at most `limit`."""
    conditions = [
        tx.dialect.is_one_of(_RUN.deployment_id, deployment_ids),
        _RUN.workspace_id == tx.workspace_id,
        _RUN.next_scheduled_start_time.is_not(None),
        _RUN.state_type == "SCHEDULED",
    ]
    if scheduled_before is not None:
        conditions.append(_RUN.next_scheduled_start_time <= scheduled_before)
    statement = select(*PLACED_COLUMNS).select_from(SOURCE).where(*conditions)
    order = (_RUN.next_scheduled_start_time, _RUN.id)
    return [flow_run_json(row, tx.now) for row in await tx.rows(statement.order_by(*order).limit(limit))]
