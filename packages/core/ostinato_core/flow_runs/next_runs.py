"""Which of its runs each of many flows or deployments begins next."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from ostinato_core.db.tables import flow_runs
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Transaction

_RUN = flow_runs.c
_SHOWN = (_RUN.id, _RUN.flow_id, _RUN.name, _RUN.state_name, _RUN.state_type, _RUN.next_scheduled_start_time)


async def next_runs_of(tx: Transaction, owner: ColumnElement[UUID], ids: Sequence[UUID]) -> dict[UUID, JsonDict]:
    """Return the run that is scheduled the earliest of those with each id in the column `owner` of flow runs."""
    place = func.row_number().over(partition_by=owner, order_by=(_RUN.next_scheduled_start_time, _RUN.id))
    waiting = (
        select(*_SHOWN, owner.label("owner"), place.label("place"))
        .where(
            _RUN.workspace_id == tx.workspace_id,
            tx.dialect.is_one_of(owner, ids),
            _RUN.state_type == "SCHEDULED",
            _RUN.next_scheduled_start_time.is_not(None),
        )
        .subquery()
    )
    found = await tx.rows(select(waiting).where(waiting.c.place == 1))
    names = [column.name for column in _SHOWN]
    return {row["owner"]: {name: row[name] for name in names} for row in found}
