"""Deployments that let only so many runs wait (`max_queued`): what is too much of them is skipped, the oldest first.

The oldest, because whoever limits a queue wants what is current; the newest are what somebody has just asked for. All
runs count that are due and have never begun, whoever made them.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from ostinato_core.db.tables import deployments, flow_runs
from ostinato_core.deployments.catching_up import skip_runs
from ostinato_core.deployments.rooms import AWAITS_SLOT, DUE
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_wire.states import StateType

_DEPLOYMENT = deployments.c
_RUN = flow_runs.c
_IS_BOUNDED: Final = _DEPLOYMENT.max_queued.is_not(None)


async def find_overfull(tx: Transaction, limit: int) -> Sequence[Row]:
    """Return `id` and `workspace_id` of deployments of all workspaces of which more runs wait than they let."""
    waiting = select(func.count()).where(_RUN.deployment_id == _DEPLOYMENT.id, _waits(tx)).scalar_subquery()
    found = select(_DEPLOYMENT.id, _DEPLOYMENT.workspace_id).where(_IS_BOUNDED, waiting > _DEPLOYMENT.max_queued)
    return await tx.rows(found.order_by(_DEPLOYMENT.id).limit(limit))


async def skip_overflow(tx: Transaction, deployment_ids: Sequence[UUID]) -> int:
    """Skip the oldest runs of deployments of which more wait than they let; return how many.

    A run that is being claimed by a worker just now is left to it, and what another process skips is not skipped twice.
    """
    skipped = 0
    bounded = select(_DEPLOYMENT.id, _DEPLOYMENT.max_queued).where(
        tx.dialect.is_one_of(_DEPLOYMENT.id, deployment_ids), _DEPLOYMENT.workspace_id == tx.workspace_id, _IS_BOUNDED
    )
    for row in await tx.rows(bounded.order_by(_DEPLOYMENT.id)):
        too_many = _RUN.id.in_(_beyond(tx, row["id"], row["max_queued"]))
        # Asked again of the row that is locked: it may have begun, or been skipped, since the line was counted.
        why = f"More than {row['max_queued']} runs of its deployment were waiting."
        skipped += await skip_runs(tx, and_(too_many, _waits(tx)), why)
    return skipped


def _waits(tx: Transaction) -> ColumnElement[bool]:
    return and_(
        _RUN.next_scheduled_start_time.is_not(None),
        _RUN.state_type == StateType.SCHEDULED.value,
        _RUN.run_count == 0,
        or_(_RUN.next_scheduled_start_time <= tx.now, AWAITS_SLOT),
    )


def _beyond(tx: Transaction, deployment_id: UUID, most: int) -> Select[Any]:  # Any: one column of ids
    """The runs of a deployment that have `most` younger ones in the line."""
    mine = (_RUN.deployment_id == deployment_id, _waits(tx))
    return select(_RUN.id).where(*mine).order_by(DUE.desc(), _RUN.id.desc()).offset(most)
