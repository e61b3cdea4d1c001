"""Until when a run of a schedule may still start, as it is stored with the run.

So a worker that asks before the scheduler has looked is not given what the scheduler is about to skip.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update

from ostinato_core.db.tables import flow_runs
from ostinato_core.deployments.rooms import AWAITS_SLOT, DUE
from ostinato_core.scheduling.looks import Ahead, next_after
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_wire.deployments import MAX_LATE_BY_DEFAULT, CatchUp
from ostinato_wire.schedules import Schedule

_RUN = flow_runs.c
_AHEAD: Final = Ahead()


def allowance_of(schedule: Row) -> timedelta | None:
    """Return by how much a run of a schedule may be late and still start; None for any."""
    seconds: float | None = schedule["max_late_seconds"]
    if seconds is None and schedule["catchup"] == CatchUp.NONE.value:
        seconds = MAX_LATE_BY_DEFAULT
    return None if seconds is None else timedelta(seconds=seconds)


def ends_of(schedule: Row, definition: Schedule, dates: Sequence[datetime]) -> Sequence[datetime | None]:
    """Return from when on the runs of a schedule may not start any more, None for never.

    `dates` are those of the runs, in order, without any of the schedule's dates left out between them.
    """
    allowance = allowance_of(schedule)
    ends: list[list[datetime]] = [[] if allowance is None else [date + allowance] for date in dates]
    if schedule["catchup"] == CatchUp.LATEST.value:
        later = [*dates[1:], next_after(definition, dates[-1], _AHEAD)]
        ends = [each if end is None else [*each, end] for each, end in zip(ends, later, strict=True)]
    return [min(each, default=None) for each in ends]


def may_start(now: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether a run that waits may start as far as its schedule is concerned.

    One that has begun before, or that somebody has put off to a later time, may.
    """
    end = _RUN.start_before
    return or_(end.is_(None), end > now, end <= DUE, _RUN.run_count > 0)


async def lift_start_limits(tx: Transaction, deployment_ids: Sequence[UUID]) -> None:
    """Forget until when due runs of deployments may start, because what their schedules say may be different now."""
    own = (tx.dialect.is_one_of(_RUN.deployment_id, deployment_ids), _RUN.workspace_id == tx.workspace_id)
    is_due = or_(_RUN.next_scheduled_start_time <= tx.now, AWAITS_SLOT)
    limited = (_RUN.next_scheduled_start_time.is_not(None), _RUN.start_before.is_not(None), is_due)
    # In order, as all who write several runs.
    chosen = select(_RUN.id).where(*own, *limited).order_by(_RUN.id).with_for_update(key_share=True)
    await tx.run(update(flow_runs).where(_RUN.id.in_(chosen)).values(start_before=None))
