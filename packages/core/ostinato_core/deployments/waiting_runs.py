"""The runs that deployments have yet to begin: finding them, and taking them back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, func, literal, or_, select

from ostinato_core.db.tables import flow_runs
from ostinato_core.db.types import Timestamp
from ostinato_core.deployments.rooms import AWAITS_SLOT, DUE, rooms
from ostinato_core.deployments.start_limits import may_start
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
    # In order, as all who delete several runs; asked again of the row that is locked, for it may have begun meanwhile.
    chosen = select(_RUN.id).where(*conditions).order_by(_RUN.id).with_for_update()
    await tx.run(delete(flow_runs).where(_RUN.id.in_(chosen)))


async def read_due_runs(
    tx: Transaction, deployment_ids: Sequence[UUID], scheduled_before: datetime | None, limit: int
) -> list[JsonDict]:
    """Return the scheduled runs of deployments, the one that is due first first; at most `limit`.

    Only those that can have the slots of their deployment; one that was refused a slot is due as it was at first.
    """
    conditions = [
        tx.dialect.is_one_of(_RUN.deployment_id, deployment_ids),
        _RUN.workspace_id == tx.workspace_id,
        _RUN.next_scheduled_start_time.is_not(None),
        _RUN.state_type == "SCHEDULED",
        may_start(literal(tx.now, Timestamp())),
    ]
    if scheduled_before is not None:
        awaits = and_(AWAITS_SLOT, _RUN.expected_start_time <= scheduled_before)
        conditions.append(or_(_RUN.next_scheduled_start_time <= scheduled_before, awaits))
    place = func.row_number().over(partition_by=_RUN.deployment_id, order_by=(DUE, _RUN.id))
    waiting = select(_RUN.id, _RUN.deployment_id, DUE.label("due"), place.label("place")).where(*conditions)
    line = waiting.cte("waiting")
    free = rooms(tx.dialect, select(line.c.deployment_id), literal(tx.now, Timestamp()))
    source = SOURCE.join(line, line.c.id == _RUN.id).outerjoin(free, free.c.id == line.c.deployment_id)
    statement = (
        select(*PLACED_COLUMNS).select_from(source).where(or_(free.c.free.is_(None), line.c.place <= free.c.free))
    )
    return [flow_run_json(row, tx.now) for row in await tx.rows(statement.order_by(line.c.due, _RUN.id).limit(limit))]
