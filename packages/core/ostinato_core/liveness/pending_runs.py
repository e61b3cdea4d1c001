"""Flow runs that a worker has taken and that did not begin in time: the worker, or what it started, is gone.

Only runs of deployments with a work pool: for those there are other workers, or the same one once it is back.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, func, literal, literal_column, select

from ostinato_core.db.tables import flow_runs, work_pools, work_queues
from ostinato_core.db.types import Timestamp
from ostinato_core.flow_runs.facts import facts_of, find_with_surroundings
from ostinato_core.flow_runs.transitions import move_flow_run
from ostinato_core.maintenance.listening import heard_since
from ostinato_core.orchestration.attempts import ATTEMPT_WORKER, PENDING_ATTEMPTS, next_attempt
from ostinato_core.orchestration.policies import FLOW_AGAIN, FLOW_CORE
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import FlowRunFacts, Transition
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_core.work_queues.rows import HOLDS_SLOT_OR_ENDS
from ostinato_wire.states import StateType

WORKER: Final = "prefect.worker.name"
"""The label by which workers say that they have taken a run."""
_NEVER_READY: Final = "NotReady"
"""What a client calls PENDING where the run cannot begin, because what it waits for has failed."""

_RUN = flow_runs.c


async def find_stranded(tx: Transaction, deadline: timedelta, limit: int) -> Sequence[Row]:
    """Return the runs of all workspaces that should have begun by now, those that wait for longest first.

    `deadline` is for pools without one of their own; it begins when clients can be heard. A row has `id`,
    `workspace_id`, `state_id`, `since`, and the `deadline` in seconds.
    """
    seconds = func.coalesce(work_pools.c.pending_deadline_seconds, literal(int(deadline.total_seconds()), Integer()))
    now, heard = literal(tx.now, Timestamp()), literal(await heard_since(tx), Timestamp())
    waited = tx.dialect.seconds_between(now, _RUN.state_timestamp)
    found = (
        select(
            _RUN.id, _RUN.workspace_id, _RUN.state_id, _RUN.state_timestamp.label("since"), seconds.label("deadline")
        )
        .join(work_queues, work_queues.c.id == _RUN.work_queue_id)
        .join(work_pools, work_pools.c.id == work_queues.c.work_pool_id)
        .where(
            # In words that the index on slots knows: SQLite does not see that one of its states is among the three.
            HOLDS_SLOT_OR_ENDS,
            _RUN.state_type.in_([literal_column("'PENDING'")]),
            _RUN.work_queue_id.is_not(None),
            _RUN.deployment_id.is_not(None),
            _RUN.state_name != _NEVER_READY,
            seconds > 0,
            waited > seconds,
            tx.dialect.seconds_between(now, heard) > seconds,
        )
    )
    return await tx.rows(found.order_by(_RUN.state_timestamp).limit(limit))


async def take_back(tx: Transaction, stranded: Row, most: int) -> bool:
    """Schedule a run again, as `find_stranded` found it, or let it crash if that has been done `most` times.

    Returns whether it was moved: not if it is in another state by now. Errors: LostRace.
    """
    run_id: UUID = stranded["id"]
    row = await find_with_surroundings(tx, run_id)
    if row is None or row["state_id"] != stranded["state_id"]:
        return False
    run = facts_of(row)
    assert run.state is not None  # it is the one that was found
    done: int = run.state.details.get(PENDING_ATTEMPTS) or 0
    reason = f"{_taker(row, run)} took this run, but it did not begin within {stranded['deadline']} seconds."
    if done >= most:
        proposed = RunState.make(StateType.CRASHED, tx.now, message=f"{reason} {_given_up(most)}")
        policy = FLOW_CORE
    else:
        message = f"{reason} It was scheduled again, for the {_ordinal(done + 1)} time of {most}."
        details = next_attempt(run.state, PENDING_ATTEMPTS)
        proposed = RunState.make(StateType.SCHEDULED, tx.now, name="AwaitingRetry", message=message, details=details)
        policy = FLOW_AGAIN
    _, written = await move_flow_run(tx, row, Transition(run=run, proposed=proposed, now=tx.now), policy=policy)
    return written


def _taker(row: Row, run: FlowRunFacts) -> str:
    taken_by = (run.state.details.get(ATTEMPT_WORKER) if run.state else None) or row["labels"].get(WORKER)
    return f"Worker '{taken_by}'" if taken_by else "A worker"


def _given_up(most: int) -> str:
    return f"It was scheduled again {most} times before." if most else "It is not scheduled again."


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
