"""Cancelling goes down the tree: flow runs that task runs of a cancelled flow run have begun are cancelled with it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, text

from ostinato_core.db.tables import flow_runs, task_runs
from ostinato_core.deployments.catching_up import SKIPPED
from ostinato_core.errors import Invalid
from ostinato_core.flow_runs.moves import move_flow_runs
from ostinato_core.flow_runs.transitions import set_flow_run_state
from ostinato_core.orchestration.policies import FLOW_MINIMAL
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import ANONYMOUS, FlowRunFacts, Proposer
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.states import TERMINAL_STATES, StateCreate, StateType

PARENT_CANCELLED: Final = "The parent flow run was cancelled."
_CANCELS: Final = frozenset({StateType.CANCELLING, StateType.CANCELLED})
_GOES_DOWN_FROM: Final = frozenset(state.value for state in TERMINAL_STATES | {StateType.CANCELLING})
LEVEL: Final = 100
"""Runs whose children are read at once."""

_RUN = flow_runs.c
_IS_STALLED = text("state_type IN ('PAUSED', 'CANCELLING', 'CANCELLED')")
_HAS_ENDED = text("state_type IN ('COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED')")

_WAS_SKIPPED = and_(_RUN.state_name == SKIPPED, _RUN.auto_scheduled, _RUN.run_count == 0)

Place = tuple[datetime, UUID]
"""A place in the order in which runs have ended: the time of the last state, and the id of the run."""


class CascadeRefused(Invalid):
    """A state was proposed for a whole tree of runs that only single runs can have."""

    def __init__(self, state: StateType) -> None:
        super().__init__(
            f"cascade: only CANCELLING and CANCELLED go down to sub-flow runs, not {state.value}; leave it out."
        )


def check_goes_down(state: StateType) -> None:
    """Errors: CascadeRefused for a type of state that does not go down to the runs below."""
    if state not in _CANCELS:
        raise CascadeRefused(state)


async def cancel_tree(
    tx: Transaction,
    run_id: UUID,
    proposed: StateCreate,
    *,
    force: bool = False,
    proposer: Proposer = ANONYMOUS,
) -> tuple[JsonDict, bool]:
    """Propose a state as `set_flow_run_state` does, and cancel all runs below, in one transaction.

    A run below becomes CANCELLING, or CANCELLED where nothing but its parent's process executes it. They stay as they
    are where the run itself neither is being cancelled then nor has ended. `cascaded` in the answer is how many runs
    below were moved. Errors: CascadeRefused, FlowRunIdNotFound, LostRace.
    """
    check_goes_down(proposed.type)
    answer, written = await set_flow_run_state(tx, run_id, proposed, force=force, proposer=proposer, alone=False)
    cascaded = 0
    if answer["state"] is not None and answer["state"]["type"] in _GOES_DOWN_FROM:
        below = await find_below(tx, [run_id])
        cascaded = await cancel_with_parent(tx, [row["id"] for row in below], wait=True)
    return {**answer, "cascaded": cascaded}, written or cascaded > 0


async def find_below(tx: Transaction, run_ids: Sequence[UUID]) -> Sequence[Row]:
    """Return id and workspace of the runs below these, at any depth, that have not ended and are not cancelled yet.

    In order of their ids. Level by level: in one recursive statement Postgres takes a level for much larger than it
    is, and reads whole tables.
    """
    seen = set(run_ids)
    level = sorted(seen)
    found: list[Row] = []
    while level:
        parts = [level[start : start + LEVEL] for start in range(0, len(level), LEVEL)]
        children = [row for part in parts for row in await _children(tx, part)]
        new = {row["id"]: row for row in children if row["id"] not in seen}
        seen |= new.keys()
        found += [row for row in new.values() if row["state_type"] not in _GOES_DOWN_FROM]
        level = sorted(new)
    return sorted(found, key=lambda row: row["id"])


async def _children(tx: Transaction, run_ids: Sequence[UUID]) -> Sequence[Row]:
    found = select(_RUN.id, _RUN.workspace_id, _RUN.state_type)
    begun = found.join(task_runs, task_runs.c.id == _RUN.parent_task_run_id)
    return await tx.rows(begun.where(tx.dialect.is_one_of(task_runs.c.flow_run_id, run_ids)))


async def cancel_with_parent(tx: Transaction, run_ids: Sequence[UUID], *, wait: bool = False) -> int:
    """Cancel runs whose parent is cancelled; return how many were moved. `wait`: see `move_flow_runs`."""

    def propose(run: FlowRunFacts) -> RunState | None:
        if run.state is None or run.state.type.value in _GOES_DOWN_FROM:
            return None
        has_infrastructure = run.deployment_id is not None or bool(run.infrastructure_pid)
        type_ = StateType.CANCELLING if has_infrastructure else StateType.CANCELLED
        return RunState.make(type_, tx.now, message=PARENT_CANCELLED)

    return len(await move_flow_runs(tx, run_ids, propose, FLOW_MINIMAL, wait=wait))


async def find_cancelled(tx: Transaction, after: Place, limit: int) -> Sequence[Row]:
    """Return id, workspace and `ended` of cancelled runs of all workspaces behind a place, in order.

    Without those that their schedule has skipped: they never began, so nothing is below them.
    """
    return await _find_ended(tx, and_(_IS_STALLED, _RUN.state_type == StateType.CANCELLED.value), after, limit)


async def find_ended(tx: Transaction, after: Place, before: datetime, limit: int) -> Sequence[Row]:
    """Return id, workspace and `ended` of runs of all workspaces that ended behind a place and by a time, in order.

    Without those that their schedule has skipped.
    """
    return await _find_ended(tx, and_(_HAS_ENDED, _RUN.state_timestamp <= before), after, limit)


async def _find_ended(tx: Transaction, which: ColumnElement[bool], after: Place, limit: int) -> Sequence[Row]:
    time, id_ = after
    behind = and_(_RUN.state_timestamp >= time, or_(_RUN.state_timestamp > time, _RUN.id > id_))
    found = select(_RUN.id, _RUN.workspace_id, _RUN.state_timestamp.label("ended")).where(which, behind, ~_WAS_SKIPPED)
    return await tx.rows(found.order_by(_RUN.state_timestamp, _RUN.id).limit(limit))
