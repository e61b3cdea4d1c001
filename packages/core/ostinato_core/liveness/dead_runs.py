"""Flow runs whose process is gone: nothing was heard of them for so long that they cannot be alive.

What is held against a run begins with its last heartbeat, with its present state, or with the time since when
heartbeats can be sent and taken in, whichever came last. A run that has never sent a heartbeat is left alone, unless
its process has announced some and its worker is silent, too: a process that lives may be kept from sending any.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Float, and_, case, delete, literal, or_, select

from ostinato_core.db.tables import flow_run_heartbeats, flow_runs, ingest_watch, workers
from ostinato_core.db.types import Timestamp
from ostinato_core.events.new_event import NewEvent
from ostinato_core.events.outbox import record
from ostinato_core.flow_runs.facts import facts_of, find_with_surroundings, objects_of
from ostinato_core.flow_runs.transitions import move_flow_run
from ostinato_core.liveness.heartbeats import has_beaten
from ostinato_core.liveness.ingest_watch import BROKEN_AFTER
from ostinato_core.maintenance.listening import heard_since
from ostinato_core.orchestration.state_event import related_resources
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import Transition
from ostinato_core.states.rows import Row
from ostinato_core.task_runs.transitions import crash_open_runs
from ostinato_core.transaction import Transaction
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME
from ostinato_wire.states import StateType

LONGEST_INTERVAL: Final = 3600.0
"""Seconds; heartbeats that come less often are taken to come so often."""

UNRESPONSIVE: Final = "prefect.flow-run.unresponsive"
"""The event of a run that this has ended, beside that of its new state."""

WORKER_LABEL: Final = "prefect.worker.name"
"""The label by which a run tells which worker has started its process."""

_BEAT = flow_run_heartbeats.c
_RUN = flow_runs.c
_WATCH = ingest_watch.c
_RUNS = (StateType.RUNNING.value, StateType.CANCELLING.value)


@dataclass(frozen=True, slots=True)
class Patience:
    """All in seconds. A run is dead after twice the interval of its heartbeats, and `grace`.

    `default` is the interval until a run's own is known, `minimum` the least that is believed.
    """

    default: float = 180.0
    minimum: float = 30.0
    grace: float = 15.0


async def find_silent(tx: Transaction, patience: Patience, limit: int) -> Sequence[Row]:
    """Return the runs of all workspaces that are dead by their silence, those silent for longest first.

    A row has `flow_run_id`, `workspace_id`, `last_heartbeat` and `interval` in seconds.
    """
    interval = _interval(patience)
    now: ColumnElement[datetime] = literal(tx.now, Timestamp())

    def for_too_long(since: ColumnElement[datetime]) -> ColumnElement[bool]:
        return tx.dialect.seconds_between(now, since) > interval * 2 + literal(patience.grace, Float())

    worker = tx.dialect.json_text(_RUN.labels, WORKER_LABEL)
    live_worker = select(workers.c.id).where(
        workers.c.workspace_id == _BEAT.workspace_id,
        workers.c.name == worker,
        ~for_too_long(workers.c.last_heartbeat_time),
    )
    found = (
        select(_BEAT.flow_run_id, _BEAT.workspace_id, _BEAT.last_heartbeat, interval.label("interval"))
        .join(flow_runs, and_(_RUN.id == _BEAT.flow_run_id, _RUN.run_count == _BEAT.run_count))
        .join(ingest_watch, _WATCH.last_alive >= tx.now - BROKEN_AFTER)
        .where(
            # First of all what the table itself tells: most of its rows are those of runs that are well.
            for_too_long(_BEAT.last_heartbeat),
            _RUN.state_type.in_(_RUNS),
            for_too_long(_RUN.state_timestamp),
            for_too_long(_WATCH.alive_since),
            for_too_long(literal(await heard_since(tx), Timestamp())),
            or_(has_beaten(), and_(worker.is_not(None), ~live_worker.exists())),
        )
    )
    return await tx.rows(found.order_by(_BEAT.last_heartbeat).limit(limit))


def _interval(patience: Patience) -> ColumnElement[float]:
    known, least, most = _BEAT.interval_seconds, patience.minimum, LONGEST_INTERVAL
    return case(
        (known.is_(None), literal(max(patience.default, least), Float())),
        (known < least, literal(least, Float())),
        (known > most, literal(most, Float())),
        else_=known,
    )


async def end_silent_run(tx: Transaction, silent: Row) -> bool:
    """End a run of which nothing has been heard, as `find_silent` found it; return whether it was ended.

    It has crashed, or is cancelled where that is what it was asked for. A heartbeat that came meanwhile wins, and a run
    that has ended meanwhile stays as it is. Its task runs that have not ended crash with it. Errors: LostRace.
    """
    run_id: UUID = silent["flow_run_id"]
    seen = (_BEAT.flow_run_id == run_id, _BEAT.last_heartbeat == silent["last_heartbeat"])
    if await tx.run(delete(flow_run_heartbeats).where(*seen)) != 1:
        return False
    row = await find_with_surroundings(tx, run_id)
    if row is None or row["state_type"] not in _RUNS:
        return False
    is_cancelling = row["state_type"] == StateType.CANCELLING.value
    message = _message(silent)
    type_ = StateType.CANCELLED if is_cancelling else StateType.CRASHED
    proposed = RunState.make(type_, tx.now, message=message)
    _, written = await move_flow_run(tx, row, Transition(run=facts_of(row), proposed=proposed, now=tx.now))
    if written:
        await crash_open_runs(tx, run_id, message)
        await record(tx, _event(row, silent))
    return written


def _event(run: Row, silent: Row) -> NewEvent:
    """Return the event by which automations tell runs that fell silent from those that reported their own crash."""
    since: datetime = silent["last_heartbeat"]
    return {
        "event": UNRESPONSIVE,
        "resource": {RESOURCE_ID: f"prefect.flow-run.{run['id']}", RESOURCE_NAME: run["name"]},
        "related": related_resources(objects_of(run)),
        "payload": {"last_heartbeat": since.isoformat(), "interval_seconds": silent["interval"]},
    }


def _message(silent: Row) -> str:
    since: datetime = silent["last_heartbeat"]
    return (
        f"No heartbeat has been received since {since:%Y-%m-%d %H:%M:%S} UTC, though one was due every "
        f"{silent['interval']:.0f} seconds: the process of this run is gone."
    )


async def forget_ended(tx: Transaction, limit: int) -> int:
    """Delete the heartbeats of runs of all workspaces that do not run any more; return how many there were."""
    ended = (
        select(_BEAT.flow_run_id)
        .join(flow_runs, _RUN.id == _BEAT.flow_run_id)
        .where(_RUN.state_type.not_in(_RUNS))
        .order_by(_BEAT.flow_run_id)
        .limit(limit)
        .with_for_update(of=flow_run_heartbeats, skip_locked=True)
    )
    return await tx.run(delete(flow_run_heartbeats).where(_BEAT.flow_run_id.in_(ended)))
