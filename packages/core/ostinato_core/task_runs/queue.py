"""The queue of background task runs: who is waiting, and who has been handed to which connection.

A run is added in the transaction that writes its SCHEDULED state. Claiming takes the next run of a task for a
connection and until a time; confirming removes it; releasing, or a claim that lapses, makes it the next one again.
A worker that tells its id holds what it has confirmed until the run has ended (`held_runs`).
All processes of a database share the queue.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, null, or_, select, update

from ostinato_core.coordination import CANCELLED_TASK_RUNS, TASK_RUNS, wake_ups
from ostinato_core.db.dialects import Dialect
from ostinato_core.db.prepared import Prepared, prepare
from ostinato_core.db.tables import task_run_queue, task_runs
from ostinato_core.states.rows import JsonDict
from ostinato_core.task_runs.rows import COLUMNS, task_run_json
from ostinato_core.transaction import Transaction
from ostinato_wire.states import StateType

_ENTRY = task_run_queue.c
AGAIN, FIRST, HELD = 0, 1, 2
"""Ranks: a run that was handed out before, or is retried, comes before those that never were; held ones do not wait."""

_FREE = or_(_ENTRY.claimed_until.is_(None), _ENTRY.claimed_until < bindparam("now"))


def _add(dialect: Dialect) -> Any:  # Any: the two databases' INSERTs share no base
    """A run that is queued already is queued anew; who holds it has had it for its former state."""
    values: JsonDict = {
        "workspace_id": bindparam("workspace_id"),
        "created": bindparam("created"),
        "task_run_id": bindparam("task_run_id"),
        "task_key": bindparam("task_key"),
        "rank": bindparam("rank"),
        "claimed_by": null(),
        "claimed_until": null(),
    }
    insertion = dialect.insert(task_run_queue).values(values)
    new = insertion.excluded
    renewed: JsonDict = {"rank": new.rank, "created": new.created, "claimed_by": null(), "claimed_until": null()}
    return insertion.on_conflict_do_update(index_elements=["task_run_id"], set_=renewed).inline()


_ADD = Prepared(_add)
_NEXT = (
    select(_ENTRY.position)
    .where(
        _ENTRY.workspace_id == bindparam("workspace_id"),
        _ENTRY.task_key == bindparam("wanted_key"),
        _ENTRY.rank < HELD,
        _FREE,
    )
    .order_by(_ENTRY.rank, _ENTRY.position)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_CLAIM = prepare(
    update(task_run_queue)
    .where(_ENTRY.position == _NEXT.scalar_subquery())
    .values(claimed_by=bindparam("holder"), claimed_until=bindparam("until"), rank=AGAIN)
    .returning(_ENTRY.task_run_id)
)
_GET = prepare(select(*COLUMNS).where(task_runs.c.id == bindparam("id")))
_HELD = (_ENTRY.task_run_id == bindparam("run"), _ENTRY.claimed_by == bindparam("holder"))
_REMOVE = prepare(delete(task_run_queue).where(*_HELD))
_RELEASE = prepare(update(task_run_queue).where(*_HELD).values(claimed_by=null(), claimed_until=null()))


async def add(tx: Transaction, task_run_id: UUID, task_key: str, *, is_retry: bool) -> None:
    """Put a run at the end of its task's queue, and wake those who hand out runs once it is committed."""
    row: JsonDict = {
        "workspace_id": tx.workspace_id,
        "created": tx.now,
        "task_run_id": task_run_id,
        "task_key": task_key,
        "rank": AGAIN if is_retry else FIRST,
    }
    await tx.run(_ADD, row)
    tx.after_commit(wake)


def wake() -> None:
    """Tell those who hand out runs that there may be more."""
    wake_ups().notify(TASK_RUNS)


def wake_for_cancellations() -> None:
    """Tell those whose workers hold runs that one may have to be cancelled."""
    wake_ups().notify(CANCELLED_TASK_RUNS)


async def waiting_keys(tx: Transaction, task_keys: Sequence[str]) -> set[str]:
    """Return those of the keys for which runs wait."""
    free = or_(_ENTRY.claimed_until.is_(None), _ENTRY.claimed_until < tx.now)
    own = (
        _ENTRY.workspace_id == tx.workspace_id,
        tx.dialect.is_one_of(_ENTRY.task_key, task_keys),
        _ENTRY.rank < HELD,
    )
    return {row["task_key"] for row in await tx.rows(select(_ENTRY.task_key).where(*own, free).distinct())}


async def claim(tx: Transaction, task_keys: Sequence[str], holder: UUID, until: datetime) -> JsonDict | None:
    """Hand out the next run of the first key that has one, as the API answers it; None where all queues are empty.

    Runs that somebody has moved on meanwhile are taken out of the queue and passed over.
    """
    for key in task_keys:
        asked = {"workspace_id": tx.workspace_id, "wanted_key": key, "now": tx.now, "holder": holder, "until": until}
        while (task_run_id := await tx.value(_CLAIM, asked)) is not None:
            run = await tx.first(_GET, {"id": task_run_id})
            if run is not None and run["state_type"] == StateType.SCHEDULED.value:
                return task_run_json(run, tx.now)
            await confirm(tx, task_run_id, holder)
    return None


async def confirm(tx: Transaction, task_run_id: UUID, holder: UUID) -> None:
    """Take a run out of the queue, if the holder still has it."""
    await tx.run(_REMOVE, {"run": task_run_id, "holder": holder})


async def release(tx: Transaction, task_run_id: UUID, holder: UUID) -> None:
    """Give a run back that the holder has not confirmed: it is the next one again."""
    if await tx.run(_RELEASE, {"run": task_run_id, "holder": holder}):
        tx.after_commit(wake)


async def renew(tx: Transaction, holders: Sequence[UUID], until: datetime) -> None:
    """Keep what these connections have been handed and have not confirmed."""
    if holders:
        held = (tx.dialect.is_one_of(_ENTRY.claimed_by, holders), _ENTRY.workspace_id == tx.workspace_id)
        await tx.run(update(task_run_queue).where(*held).values(claimed_until=until))
