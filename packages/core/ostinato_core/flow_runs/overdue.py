"""Flow runs whose time is up: late ones, pauses that nobody ended, cancellations that nobody confirmed.

The `find_*` functions look in all workspaces; the others decide anew, in the runs' workspace, whether a run still is
what it was found to be, so that any number of processes may do this at once.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, text

from ostinato_core.db.tables import flow_runs
from ostinato_core.flow_runs.moves import Moved, move_flow_runs
from ostinato_core.orchestration.policies import FLOW_CORE, FLOW_LATE, FLOW_MINIMAL
from ostinato_core.orchestration.rules.mark_late_only_from_scheduled import LATE
from ostinato_core.orchestration.states import RunState, wire_time
from ostinato_core.orchestration.transition import FlowRunFacts
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_core.worker_cleanup.operations import enqueue_cancelling_timeout
from ostinato_wire.states import StateType

NEVER_RESUMED: Final = "The flow was paused and never resumed."
CANCELLING_TIMED_OUT: Final = "Flow run cancellation timed out; marked this flow run as Cancelled."
ON_TIME: Final = "Scheduled"
"""The name of the state of a run that has its time before it, or has just passed it."""
_WITHOUT_WORKERS: Final = (":push", ":managed")
"""How the types of pools end that have no workers to clean up."""

_RUN = flow_runs.c
# In the words of the indexes: a value would not tell the database that they hold all rows that are asked for.
_IS_ON_TIME = text("state_type = 'SCHEDULED' AND state_name = 'Scheduled'")
_IS_STALLED = text("state_type IN ('PAUSED', 'CANCELLING', 'CANCELLED')")


async def find_late(tx: Transaction, after: timedelta, limit: int) -> Sequence[Row]:
    """Return id, workspace and `due` of runs that should have begun so long ago, those due first, at most `limit`."""
    found = select(_RUN.id, _RUN.workspace_id, _RUN.next_scheduled_start_time.label("due"))
    due = _RUN.next_scheduled_start_time <= tx.now - after
    return await tx.rows(found.where(_IS_ON_TIME, due).order_by(_RUN.next_scheduled_start_time).limit(limit))


async def mark_late(tx: Transaction, run_ids: Sequence[UUID], after: timedelta) -> int:
    """Mark runs as late, or cancel them where their deployment wants no queue; return how many were moved."""

    def propose(run: FlowRunFacts) -> RunState | None:
        due = run.next_scheduled_start_time
        if run.state is None or run.state.name != ON_TIME or due is None or due > tx.now - after:
            return None
        return RunState.make(StateType.SCHEDULED, tx.now, name=LATE, details={"scheduled_time": wire_time(due)})

    return len(await move_flow_runs(tx, run_ids, propose, FLOW_LATE))


async def find_expired_pauses(tx: Transaction, limit: int) -> Sequence[Row]:
    """Return id, workspace and `since` of paused runs whose pause has timed out, at most `limit`."""
    timeout = tx.dialect.json_text(_RUN.state_details, "pause_timeout")
    found = select(_RUN.id, _RUN.workspace_id, _RUN.state_timestamp.label("since"))
    # Compared as texts, two times of the same second may change places: `expire_pauses` looks at the times.
    paused = (_IS_STALLED, _RUN.state_type == StateType.PAUSED.value, timeout <= wire_time(tx.now))
    return await tx.rows(found.where(*paused).order_by(_RUN.state_timestamp, _RUN.id).limit(limit))


async def expire_pauses(tx: Transaction, run_ids: Sequence[UUID]) -> int:
    """Let runs fail whose pause has timed out; return how many."""

    def propose(run: FlowRunFacts) -> RunState | None:
        if run.state is None or run.state.type is not StateType.PAUSED:
            return None
        timeout = run.state.pause_timeout()
        if timeout is None or timeout > tx.now:
            return None
        return RunState.make(StateType.FAILED, tx.now, message=NEVER_RESUMED)

    return len(await move_flow_runs(tx, run_ids, propose, FLOW_MINIMAL))


async def find_unconfirmed(tx: Transaction, after: timedelta, limit: int) -> Sequence[Row]:
    """Return id, workspace and `since` of runs that are being cancelled for so long, at most `limit`."""
    found = select(_RUN.id, _RUN.workspace_id, _RUN.state_timestamp.label("since"))
    cancelling = (_IS_STALLED, _RUN.state_type == StateType.CANCELLING.value, _RUN.state_timestamp <= tx.now - after)
    return await tx.rows(found.where(*cancelling).order_by(_RUN.state_timestamp, _RUN.id).limit(limit))


async def end_cancelling(tx: Transaction, run_ids: Sequence[UUID], after: timedelta) -> int:
    """Take runs for cancelled of which nobody has said so for so long; a worker is to end what they run on.

    Returns how many were moved. The message waits for a worker of the run's pool, whenever one connects.
    """

    def propose(run: FlowRunFacts) -> RunState | None:
        state = run.state
        if state is None or state.type is not StateType.CANCELLING or state.timestamp > tx.now - after:
            return None
        return RunState.make(StateType.CANCELLED, tx.now, message=CANCELLING_TIMED_OUT)

    moved = await move_flow_runs(tx, run_ids, propose, FLOW_CORE)
    for each in moved:
        await _let_clean_up(tx, each)
    return len(moved)


async def _let_clean_up(tx: Transaction, moved: Moved) -> None:
    row = moved.row
    if row["work_pool_id"] is None or row["work_pool_type"].endswith(_WITHOUT_WORKERS):
        return
    infrastructure = row["infrastructure_pid"]
    await enqueue_cancelling_timeout(
        tx, row["id"], moved.state.id, row["work_pool_id"], row["work_queue_id"], infrastructure
    )
