"""Moving many flow runs at once, as the server itself decides: what loops do, and what goes down a tree of runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from ostinato_core.bulk_state_writes import Move, move_runs
from ostinato_core.errors import LostRace
from ostinato_core.flow_runs.facts import facts_of, select_with_surroundings
from ostinato_core.flow_runs.transitions import event_of, follow_instructions
from ostinato_core.orchestration.decide import decide
from ostinato_core.orchestration.policy import Policy
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import FlowRunFacts, Outcome, Transition
from ostinato_core.state_writes import FLOW_RUNS
from ostinato_core.states.rows import Row
from ostinato_core.task_runs.transitions import TransactionPorts
from ostinato_core.transaction import Transaction

Propose = Callable[[FlowRunFacts], RunState | None]
"""Returns the state to propose for a run as it is now, None to leave it alone."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A flow run that was moved: its row as it was read, with its surroundings, its new state, and what was decided."""

    row: Row
    state: RunState
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Moves:
    """What became of proposals for many runs: those that were moved in order of their ids, and the decisions not to."""

    moved: list[Moved]
    refused: dict[UUID, Outcome]


async def move_flow_runs(
    tx: Transaction, run_ids: Sequence[UUID], propose: Propose, policy: Policy[FlowRunFacts], *, wait: bool = False
) -> list[Moved]:
    """Decide a state for each of the runs and write it; return those that were moved, in order of their ids.

    `wait`: all of them must be moved as decided; else one that somebody else is moving, or has just moved, is left
    out. Errors: LostRace.
    """
    return (await propose_for_all(tx, run_ids, propose, policy, wait=wait)).moved


async def propose_for_all(
    tx: Transaction, run_ids: Sequence[UUID], propose: Propose, policy: Policy[FlowRunFacts], *, wait: bool = False
) -> Moves:
    """As `move_flow_runs`; tell also of the runs for which no state was to be written, and why."""
    if not run_ids:
        return Moves([], {})
    ports = _RememberingPorts(tx)
    decided: dict[UUID, tuple[Row, Outcome]] = {}
    moves: list[Move] = []
    refused: dict[UUID, Outcome] = {}
    for row in await select_with_surroundings(tx, run_ids):
        facts = facts_of(row)
        proposed = propose(facts) if facts.state is not None else None
        if proposed is None:
            continue
        outcome = await decide(Transition(run=facts, proposed=proposed, now=tx.now), policy, ports)
        if outcome.state is None:
            refused[facts.id] = outcome
            continue
        decided[facts.id] = (row, outcome)
        moves.append(Move(facts, outcome, event_of(outcome, facts.state, row)))
    written = await move_runs(tx, FLOW_RUNS, moves, wait=wait)
    if wait and len(written) < len(moves):
        raise LostRace
    return Moves([await _finish(tx, *decided[move.run.id]) for move in moves if move.run.id in written], refused)


async def _finish(tx: Transaction, row: Row, outcome: Outcome) -> Moved:
    await follow_instructions(tx, outcome)
    assert outcome.state is not None  # it was written
    return Moved(row, outcome.state, outcome)


class _RememberingPorts(TransactionPorts):
    """Asks whether a limit is full once for all runs of a deployment."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx)
        self._full: dict[UUID, bool] = {}

    async def is_full(self, limit_id: UUID) -> bool:
        if limit_id not in self._full:
            self._full[limit_id] = await super().is_full(limit_id)
        return self._full[limit_id]
