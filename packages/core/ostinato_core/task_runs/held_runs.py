"""Task runs that workers hold: entries of the queue that stay until their run has ended.

A worker that tells its id holds what it has confirmed under that id, over any number of connections. What nobody has
renewed for long enough is given to another worker: the one that held it is gone.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Float, Text, bindparam, cast, delete, literal, or_, select, update

from ostinato_core.db.prepared import prepare, prepare_insert_or_ignore
from ostinato_core.db.tables import ingest_watch, task_run_queue, task_run_states, task_runs
from ostinato_core.db.types import Timestamp
from ostinato_core.liveness.ingest_watch import BROKEN_AFTER
from ostinato_core.maintenance.listening import heard_since
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.task_runs.queue import HELD
from ostinato_core.task_runs.transitions import CANCELLATIONS, set_task_run_state
from ostinato_core.transaction import Transaction
from ostinato_wire.states import TERMINAL_STATES, StateCreate, StateDetails, StateType

_ENTRY = task_run_queue.c
_RUN = task_runs.c
_STATE = task_run_states.c
_TERMINAL: Final = sorted(state.value for state in TERMINAL_STATES)
_CANCELLATIONS: Final = sorted(state.value for state in CANCELLATIONS)

_HOLD = prepare(
    update(task_run_queue)
    .where(_ENTRY.task_run_id == bindparam("run"), _ENTRY.claimed_by == bindparam("connection"))
    .values(claimed_by=bindparam("worker"), claimed_until=bindparam("until"), rank=HELD)
)
_HOLD_AGAIN = prepare(
    update(task_run_queue)
    .where(
        _ENTRY.task_run_id == bindparam("run"),
        or_(
            _ENTRY.claimed_by.is_(None),
            _ENTRY.claimed_by == bindparam("worker"),
            _ENTRY.claimed_until < bindparam("now"),
        ),
    )
    .values(claimed_by=bindparam("worker"), claimed_until=bindparam("until"), rank=HELD)
)
_INSERT = prepare_insert_or_ignore(task_run_queue)


async def hold(tx: Transaction, task_run_id: UUID, connection: UUID, worker: UUID, until: datetime) -> None:
    """Let a worker hold the run that one of its connections was handed."""
    await tx.run(_HOLD, {"run": task_run_id, "connection": connection, "worker": worker, "until": until})


async def hold_again(tx: Transaction, task_run_ids: Sequence[UUID], worker: UUID, until: datetime) -> None:
    """Let a worker hold runs that it says it has, except those that have ended or that somebody else holds by now."""
    own = (tx.dialect.is_one_of(_RUN.id, task_run_ids), _RUN.workspace_id == tx.workspace_id)
    going_on = select(_RUN.id, _RUN.task_key).where(*own, _RUN.state_type.not_in(_TERMINAL)).order_by(_RUN.id)
    for run in await tx.rows(going_on):
        asked: JsonDict = {"run": run["id"], "worker": worker, "until": until, "now": tx.now}
        if await tx.run(_HOLD_AGAIN, asked):
            continue
        entry: JsonDict = {
            "workspace_id": tx.workspace_id,
            "created": tx.now,
            "task_run_id": run["id"],
            "task_key": run["task_key"],
            "rank": HELD,
            "claimed_by": worker,
            "claimed_until": until,
        }
        await tx.run(_INSERT, entry)


async def renew(tx: Transaction, workers: Sequence[UUID], task_keys: Sequence[str], until: datetime) -> None:
    """Let workers go on holding their runs of these tasks; forget those that have ended."""
    if not workers:
        return
    held = (
        _ENTRY.workspace_id == tx.workspace_id,
        tx.dialect.is_one_of(_ENTRY.task_key, task_keys),
        _ENTRY.rank == HELD,
        tx.dialect.is_one_of(_ENTRY.claimed_by, workers),
    )
    ended = select(_RUN.id).where(_RUN.id == _ENTRY.task_run_id, _RUN.state_type.in_(_TERMINAL))
    await tx.run(delete(task_run_queue).where(*held, ended.exists()))
    await tx.run(update(task_run_queue).where(*held).values(claimed_until=until))


async def find_cancelled(tx: Transaction, workers: Sequence[UUID], limit: int) -> Sequence[Row]:
    """Return runs that one of these workers holds and has to end: rows of `task_run_id` and `claimed_by`."""
    if not workers:
        return ()
    found = (
        select(_ENTRY.task_run_id, _ENTRY.claimed_by)
        .join(task_runs, _RUN.id == _ENTRY.task_run_id)
        .where(
            _ENTRY.workspace_id == tx.workspace_id,
            _ENTRY.rank == HELD,
            tx.dialect.is_one_of(_ENTRY.claimed_by, workers),
            _RUN.state_type.in_(_CANCELLATIONS),
        )
    )
    return await tx.rows(found.order_by(_ENTRY.position).limit(limit))


async def find_forsaken(tx: Transaction, silence: timedelta, limit: int) -> Sequence[Row]:
    """Return held runs of all workspaces whose workers are gone, those that are silent for longest first.

    Silence counts only where workers could be heard. A row has `task_run_id`, `workspace_id`, `claimed_by` and
    `claimed_until`.
    """
    now, least = literal(tx.now, Timestamp()), literal(silence.total_seconds(), Float())

    def for_long(since: Any) -> Any:  # Any: columns and expressions, whose types say nothing here
        return tx.dialect.seconds_between(now, since) > least

    found = (
        select(_ENTRY.task_run_id, _ENTRY.workspace_id, _ENTRY.claimed_by, _ENTRY.claimed_until)
        .join(ingest_watch, ingest_watch.c.last_alive >= tx.now - BROKEN_AFTER)
        .where(
            _ENTRY.rank == HELD,
            _ENTRY.claimed_until < tx.now,
            for_long(ingest_watch.c.alive_since),
            for_long(literal(await heard_since(tx), Timestamp())),
        )
    )
    return await tx.rows(found.order_by(_ENTRY.claimed_until).limit(limit))


async def deliver_again(tx: Transaction, forsaken: Row, most: int) -> bool:
    """Schedule a run anew, as `find_forsaken` found it, or let it crash if that has been done `most` times.

    One that was to be cancelled is cancelled: what executed it is gone.

    Returns whether it was moved: not if its worker is back, or the run has ended. Errors: LostRace.
    """
    run_id: UUID = forsaken["task_run_id"]
    seen = (
        _ENTRY.task_run_id == run_id,
        _ENTRY.rank == HELD,
        _ENTRY.claimed_by == forsaken["claimed_by"],
        _ENTRY.claimed_until == forsaken["claimed_until"],
    )
    if await tx.run(delete(task_run_queue).where(*seen)) != 1:
        return False
    going_on = select(_RUN.state_type).where(_RUN.id == run_id, _RUN.state_type.not_in(_TERMINAL))
    type_ = await tx.value(going_on, {})
    if type_ is None:
        return False
    reason = "The task worker that had taken this run is gone."
    orders = await _orders(tx, run_id)
    if type_ == StateType.CANCELLING.value:
        proposed = StateCreate(type=StateType.CANCELLED, message=reason)
    elif 0 < len(orders) <= most:
        proposed = _next_order(orders[0], reason, len(orders), most)
    else:
        proposed = _given_up(reason, most)
    _, written = await set_task_run_state(tx, run_id, proposed, force=True)
    return written


async def _orders(tx: Transaction, run_id: UUID) -> Sequence[JsonDict]:
    """Return the details of the states by which the run was queued, the first one first."""
    deferred = cast(tx.dialect.json_text(_STATE.state_details, "deferred"), Text).in_(("true", "1"))
    found = select(_STATE.state_details).where(
        _STATE.task_run_id == run_id, _STATE.type == StateType.SCHEDULED.value, deferred
    )
    return [row["state_details"] for row in await tx.rows(found.order_by(_STATE.timestamp, _STATE.id))]


def _next_order(first: JsonDict, reason: str, number: int, most: int) -> StateCreate:
    details = StateDetails.model_validate({**first, "scheduled_time": None})
    message = f"{reason} It is delivered again ({number} of {most})."
    return StateCreate(type=StateType.SCHEDULED, name="AwaitingRetry", message=message, state_details=details)


def _given_up(reason: str, most: int) -> StateCreate:
    return StateCreate(type=StateType.CRASHED, message=f"{reason} It was delivered again {most} times before.")
