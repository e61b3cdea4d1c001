"""What a bulk job does to a portion of flow runs: by the rules that hold for each of them alone, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from ostinato_core.flow_runs.cascade import cancel_with_parent, find_below
from ostinato_core.flow_runs.moves import propose_for_all
from ostinato_core.flow_runs.operations import delete_these
from ostinato_core.orchestration.policies import flow_run_policy
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import FlowRunFacts, Outcome
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_wire.bulk_jobs import BulkAction
from ostinato_wire.states import TERMINAL_STATES, SetStateStatus, StateCreate, StateType

HAS_ENDED: Final = "The run has ended already."
IS_CANCELLING: Final = "The run is being cancelled already."
HAS_NOT_ENDED: Final = "The run has not ended."
NO_DEPLOYMENT: Final = "The run belongs to no deployment whose workers would run it again."
NO_STATE: Final = "The run is gone, or has no state."
NO_REASON: Final = "The server did not accept the change."
_CANCELS: Final = frozenset({StateType.CANCELLING, StateType.CANCELLED})


WhyNot = Callable[[FlowRunFacts], str | None]
"""Returns why a run as it is now is to be left alone; None where it is not."""


@dataclass(slots=True)
class Acted:
    """What became of a portion: how many runs were changed, and why others were not, each reason with its runs."""

    done: int = 0
    refusals: dict[str, list[UUID]] = field(default_factory=dict[str, list[UUID]])

    def refuse(self, reason: str, run_id: UUID) -> None:
        """Note that a run is left as it is."""
        self.refusals.setdefault(reason, []).append(run_id)


async def act(tx: Transaction, job: Row, run_ids: Sequence[UUID]) -> Acted:
    """Do what a job asks for to flow runs. Errors: LostRace, and facts of what one of them refuses."""
    acted = Acted()
    match job["action"]:
        case BulkAction.DELETE:
            acted.done = await delete_these(tx, run_ids)
        case BulkAction.CANCEL:
            wanted = StateCreate(type=StateType.CANCELLING)
            cancelled = await _propose(tx, run_ids, wanted, acted, why_not=_why_not_cancelled)
            below = await find_below(tx, cancelled)
            await cancel_with_parent(tx, [row["id"] for row in below], wait=True)
        case BulkAction.RETRY:
            wanted = StateCreate(type=StateType.SCHEDULED, name="AwaitingRetry", message="Retried with others")
            await _propose(tx, run_ids, wanted, acted, why_not=_why_not_retried, force=True)
        case _:
            wanted = StateCreate.model_validate(job["state"])
            await _propose(tx, run_ids, wanted, acted, force=job["force"])
    return acted


async def _propose(
    tx: Transaction,
    run_ids: Sequence[UUID],
    wanted: StateCreate,
    acted: Acted,
    *,
    why_not: WhyNot | None = None,
    force: bool = False,
) -> list[UUID]:
    """Propose a state for each run, and note what came of it; return the runs that were moved as it was meant."""
    untold = set(run_ids)

    def refuse(run_id: UUID, reason: str) -> None:
        untold.discard(run_id)
        acted.refuse(reason, run_id)

    def propose(run: FlowRunFacts) -> RunState | None:
        reason = None if why_not is None else why_not(run)
        if reason is None:
            return RunState.from_wire(wanted, tx.now)
        refuse(run.id, reason)
        return None

    moves = await propose_for_all(tx, run_ids, propose, flow_run_policy(force=force), wait=True)
    meant = [moved.row["id"] for moved in moves.moved if _is_meant(moved.outcome, wanted.type)]
    untold.difference_update(meant)
    others = [(moved.row["id"], moved.outcome) for moved in moves.moved if moved.row["id"] in untold]
    for run_id, outcome in (*moves.refused.items(), *others):
        refuse(run_id, _reason_of(outcome))
    for run_id in sorted(untold):
        acted.refuse(NO_STATE, run_id)
    acted.done += len(meant)
    return meant


def _is_meant(outcome: Outcome, wanted: StateType) -> bool:
    """Whether a run was moved to the state, or, where nothing executes it, from CANCELLING at once to CANCELLED."""
    state = outcome.state
    return outcome.status is SetStateStatus.ACCEPT or (state is not None and {state.type, wanted} <= _CANCELS)


def _why_not_cancelled(run: FlowRunFacts) -> str | None:
    assert run.state is not None  # those without are not asked about
    if run.state.type in TERMINAL_STATES:
        return HAS_ENDED
    return IS_CANCELLING if run.state.type is StateType.CANCELLING else None


def _why_not_retried(run: FlowRunFacts) -> str | None:
    assert run.state is not None  # as above
    if run.state.type not in TERMINAL_STATES:
        return HAS_NOT_ENDED
    return NO_DEPLOYMENT if run.deployment is None else None


def _reason_of(outcome: Outcome) -> str:
    reason = outcome.details.get("reason")
    return reason if isinstance(reason, str) and reason else NO_REASON
