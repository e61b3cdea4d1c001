"""What the state of a flow run remembers of how often the server has scheduled the run again.

It stands among the state's details, so that it changes with the state, in one statement and under the same guard, and
costs runs that start at once nothing. Clients cannot set these members.
"""

from typing import Final

from ostinato_core.orchestration.states import Details, RunState
from ostinato_core.orchestration.transition import Change, FlowRunFacts
from ostinato_wire.states import StateType

ATTEMPT: Final = "attempt"
"""How often the server has scheduled the run again, for whatever reason; absent: never."""
PENDING_ATTEMPTS: Final = "pending_attempts"
"""How often of these it was because the run had not begun in time, since it last ran."""
CRASH_RETRIES: Final = "crash_retries"
"""How often of these it was because the run had crashed."""
ATTEMPT_WORKER: Final = "attempt_worker"
"""The name of the worker that has taken the run for this attempt; null or absent where it did not tell."""
_KEPT: Final = (ATTEMPT, PENDING_ATTEMPTS, CRASH_RETRIES, ATTEMPT_WORKER)


def attempts_of(state: RunState | None) -> int:
    """Return how often the server has scheduled the run again."""
    return state.details.get(ATTEMPT) or 0 if state else 0


def next_attempt(state: RunState, counted: str) -> Details:
    """Return the details of the state that schedules the run again; `counted` is the reason's member."""
    known = {name: state.details[name] for name in (PENDING_ATTEMPTS, CRASH_RETRIES) if name in state.details}
    return {**known, ATTEMPT: attempts_of(state) + 1, counted: (known.get(counted) or 0) + 1}


def keep_attempts(change: Change[FlowRunFacts], state: RunState) -> None:
    """The counts go from state to state; a run that somebody starts again after its end begins anew."""
    initial, details = change.initial, state.details
    if initial is None or ATTEMPT not in initial.details or (initial.is_final() and not state.is_final()):
        return
    if ATTEMPT not in details:
        details |= {name: initial.details[name] for name in _KEPT if name in initial.details and name not in details}
    if state.type is StateType.RUNNING:
        details.pop(PENDING_ATTEMPTS, None)
