"""Task runs of flow runs that have ended: whatever did not end with its flow run is closed by the server."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from ostinato_core.bulk_state_writes import Move, move_runs
from ostinato_core.db.tables import flow_runs, task_run_states, task_runs
from ostinato_core.events.task_run_record import FLOW_RUN_ENDED
from ostinato_core.orchestration.decide import decide
from ostinato_core.orchestration.policies import TASK_MINIMAL
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import TaskRunFacts, Transition
from ostinato_core.state_writes import TASK_RUNS
from ostinato_core.states.rows import Row
from ostinato_core.task_runs.rows import COLUMNS
from ostinato_core.task_runs.transitions import TransactionPorts, facts_of, follow_instructions
from ostinato_core.transaction import Transaction
from ostinato_wire.states import TERMINAL_STATES, StateType

FLOW_RUN_CANCELLED: Final = "The parent flow run was cancelled."
_TERMINAL: Final = sorted(state.value for state in TERMINAL_STATES)

_TASK = task_runs.c
_FLOW = flow_runs.c


async def find_left_over(
    tx: Transaction, flow_run_ids: Sequence[UUID], limit: int, *, only_of_cancelled: bool = False
) -> Sequence[Row]:
    """Return id and workspace of task runs of those of the flow runs that have ended which have not, at most `limit`.

    One that stands for a sub-flow run which goes on is none: it follows that run. `only_of_cancelled`: of cancelled
    flow runs only.
    """
    child = flow_runs.alias("child")
    goes_on = select(child.c.id).where(child.c.parent_task_run_id == _TASK.id, child.c.state_type.not_in(_TERMINAL))
    ended = _FLOW.state_type == StateType.CANCELLED.value if only_of_cancelled else _FLOW.state_type.in_(_TERMINAL)
    left = (
        tx.dialect.is_one_of(_TASK.flow_run_id, flow_run_ids),
        _TASK.state_type.not_in(_TERMINAL),
        ended,
        ~goes_on.exists(),
    )
    found = select(_TASK.id, _TASK.workspace_id).join(flow_runs, _FLOW.id == _TASK.flow_run_id).where(*left)
    return await tx.rows(found.order_by(_TASK.id).limit(limit))


async def close_left_over(tx: Transaction, task_run_ids: Sequence[UUID], grace: timedelta) -> int:
    """Close task runs whose flow run has ended; return how many.

    They are cancelled with a cancelled flow run. Otherwise they have crashed, but only `grace` after the flow run's
    end, because their last reports may be under way. Background task runs live on: no flow run waits for them.
    """
    rows = await _select_with_flow_runs(tx, task_run_ids)
    background = await _background(tx, [row["id"] for row in rows])
    ports = TransactionPorts(tx)
    moves: list[Move] = []
    for row in rows:
        proposed = _proposed(tx, row, grace)
        if proposed is None or row["id"] in background:
            continue
        facts: TaskRunFacts = facts_of(row)
        outcome = await decide(Transition(run=facts, proposed=proposed, now=tx.now), TASK_MINIMAL, ports)
        if outcome.state is not None:
            moves.append(Move(facts, outcome))
    written = await move_runs(tx, TASK_RUNS, moves)
    for move in moves:
        if move.run.id in written:
            await follow_instructions(tx, move.outcome)
    return len(written)


def _proposed(tx: Transaction, row: Row, grace: timedelta) -> RunState | None:
    if row["state_type"] in _TERMINAL or row["flow_state_type"] not in _TERMINAL:
        return None
    if row["flow_state_type"] == StateType.CANCELLED.value:
        return RunState.make(StateType.CANCELLED, tx.now, message=FLOW_RUN_CANCELLED)
    if row["flow_ended"] > tx.now - grace:
        return None
    return RunState.make(StateType.CRASHED, tx.now, message=FLOW_RUN_ENDED)


async def _select_with_flow_runs(tx: Transaction, task_run_ids: Sequence[UUID]) -> Sequence[Row]:
    """Return task runs with the state of their flow runs, which stay in that state until the transaction ends."""
    own = (tx.dialect.is_one_of(_TASK.id, task_run_ids), _TASK.workspace_id == tx.workspace_id)
    around = select(_FLOW.id).where(_FLOW.id.in_(select(_TASK.flow_run_id).where(*own)))
    await tx.run(around.order_by(_FLOW.id).with_for_update(read=True))
    found = select(*COLUMNS, _FLOW.state_type.label("flow_state_type"), _FLOW.state_timestamp.label("flow_ended"))
    return await tx.rows(found.join(flow_runs, _FLOW.id == _TASK.flow_run_id).where(*own).order_by(_TASK.id))


async def _background(tx: Transaction, task_run_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the task runs that were handed to background workers: their first state says so."""
    state = task_run_states.c
    scheduled = (tx.dialect.is_one_of(state.task_run_id, task_run_ids), state.type == StateType.SCHEDULED.value)
    found = await tx.rows(select(state.task_run_id, state.state_details).where(*scheduled))
    return {row["task_run_id"] for row in found if row["state_details"].get("deferred")}
