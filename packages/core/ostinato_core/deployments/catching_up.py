"""Skipping late runs of schedules that do not catch up with all of them: thousands in a few statements.

A run that is skipped ends as CANCELLED, named `Skipped`: it was not wanted any more, and nothing has failed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, text

from ostinato_core.db.prepared import prepare, prepared_update
from ostinato_core.db.tables import flow_runs
from ostinato_core.db.types import dumps
from ostinato_core.deployments.new_runs import insert_current_states, key_prefix
from ostinato_core.deployments.rows import schedule_of
from ostinato_core.deployments.start_limits import allowance_of
from ostinato_core.events.new_event import NewEvent
from ostinato_core.events.outbox import record
from ostinato_core.flow_runs.facts import SURROUNDED, facts_of, objects_of
from ostinato_core.orchestration.state_event import related_resources, state_event
from ostinato_core.orchestration.states import RunState
from ostinato_core.run_states import state_of, stored_details
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.deployments import CatchUp
from ostinato_wire.states import StateType

SKIPPED: Final = "Skipped"
MOST: Final = 5000
"""Runs that are skipped in one transaction; the next look goes on."""

_RUN = flow_runs.c
_AWAITS_SLOT = _RUN.state_name == "AwaitingConcurrencySlot"
_due_time: ColumnElement[datetime] = case(
    (_AWAITS_SLOT, _RUN.expected_start_time), else_=_RUN.next_scheduled_start_time
)
"""When a run was to start at first: one that was refused a slot is tried again later, and gets no younger by that."""

_COLUMNS: Final = (
    "state_id",
    "state_details",
    "state_type",
    "state_name",
    "state_message",
    "state_timestamp",
    "start_time",
    "end_time",
    "next_scheduled_start_time",
    "updated",
)
_ONE_BY_ONE: Final = prepared_update(flow_runs, _COLUMNS)
_AT_ONCE: Final = prepare(
    text("""
UPDATE flow_runs
SET state_id = n.state_id, state_details = CAST(n.state_details AS jsonb), state_type = CAST(:state_type AS text),
    state_name = CAST(:state_name AS text), state_message = CAST(:state_message AS text), state_data = NULL,
    state_timestamp = n.at, start_time = n.at, end_time = n.at, next_scheduled_start_time = NULL,
    updated = CAST(:now AS timestamptz)
FROM unnest(CAST(:id AS uuid[]), CAST(:state_id AS uuid[]), CAST(:state_details AS text[]), CAST(:at AS timestamptz[]))
     AS n(id, state_id, state_details, at)
WHERE flow_runs.id = n.id
""")
)


async def skip_late_runs(tx: Transaction, schedule: Row) -> int:
    """Skip the runs of a schedule that are due, have not begun, and are not to be caught up with; return how many.

    A run that is being claimed by a worker just now is left to it.
    """
    allowance, only_latest = allowance_of(schedule), schedule["catchup"] == CatchUp.LATEST.value
    if allowance is None and not only_latest:
        return 0
    waiting = _waiting(tx, schedule)
    if only_latest:
        # The latest is found among all, the claimed ones as well; then those before it are locked.
        latest = await tx.value(select(func.max(_due_time).label("latest")).where(waiting))
        if latest is None:
            return 0
        skipped = await skip_runs(tx, and_(waiting, _due_time < latest), "A later run of its schedule is due.")
        waiting = and_(waiting, _due_time >= latest)
    else:
        skipped = 0
    if allowance is not None:
        message = f"More than {allowance.total_seconds():g} s late."
        skipped += await skip_runs(tx, and_(waiting, _due_time < tx.now - allowance), message)
    return skipped


def _waiting(tx: Transaction, schedule: Row) -> ColumnElement[bool]:
    """Whether a run is of the schedule, by whatever row the schedule was stored in, is due and has not begun."""
    prefix = key_prefix(schedule, schedule_of(schedule))
    return and_(
        _RUN.deployment_id == schedule["deployment_id"],
        _RUN.next_scheduled_start_time.is_not(None),
        _RUN.auto_scheduled.is_(True),
        _RUN.state_type == StateType.SCHEDULED.value,
        _RUN.run_count == 0,
        func.substr(_RUN.idempotency_key, 1, len(prefix)) == prefix,
        or_(_RUN.next_scheduled_start_time <= tx.now, _AWAITS_SLOT),
    )


async def skip_runs(tx: Transaction, condition: ColumnElement[bool], why: str) -> int:
    """Skip the flow runs that fulfil a condition, `MOST` of them at most, and say why; return how many.

    The condition is asked of each row that is locked, too; what is locked by somebody else is left out.
    """
    found: Select[Any] = SURROUNDED.where(condition).order_by(_RUN.id).limit(MOST)  # Any: rows of many types
    runs = await tx.rows(found.with_for_update(of=flow_runs, skip_locked=True, key_share=True))
    if not runs:
        return 0
    states = [_skipped(tx, run, why) for run in runs]
    await _write(tx, runs, states)
    await insert_current_states(tx, [run["id"] for run in runs])
    await record(tx, *(_event(run, state) for run, state in zip(runs, states, strict=True)))
    return len(runs)


def _skipped(tx: Transaction, run: Row, why: str) -> RunState:
    # Timestamps of a run's states rise.
    at = max(tx.now, run["state_timestamp"] + datetime.resolution)
    details = {"flow_run_id": str(run["id"])}
    return RunState.make(StateType.CANCELLED, at, name=SKIPPED, message=why, details=details)


def _event(run: Row, state: RunState) -> NewEvent:
    return state_event(facts_of(run), state_of(run), state, related_resources(objects_of(run)))


async def _write(tx: Transaction, runs: Sequence[Row], states: Sequence[RunState]) -> None:
    shared: JsonDict = {
        "state_type": StateType.CANCELLED.value,
        "state_name": SKIPPED,
        "state_message": states[0].message,
    }
    if tx.dialect.name == "postgresql":
        lists: JsonDict = {
            "id": [run["id"] for run in runs],
            "state_id": [state.id for state in states],
            "state_details": [dumps(stored_details(state)) for state in states],
            "at": [state.timestamp for state in states],
        }
        await tx.run(_AT_ONCE, shared | lists | {"now": tx.now})
        return
    shared |= {"next_scheduled_start_time": None, "updated": tx.now}
    await tx.run(
        _ONE_BY_ONE,
        [
            shared
            | dict.fromkeys(("state_timestamp", "start_time", "end_time"), state.timestamp)
            | {"key": run["id"], "state_id": state.id, "state_details": stored_details(state)}
            for run, state in zip(runs, states, strict=True)
        ],
    )
