"""What a request to resume a flow run proposes."""

from datetime import datetime

from ostinato_core.orchestration.rule import Abort
from ostinato_core.orchestration.states import RunState
from ostinato_wire.states import StateType


def propose_resume(current: RunState | None, now: datetime) -> RunState | Abort:
    """Return the state to propose (by the core policy), or why there is none; the answer then has no state, either.

    A suspended run is scheduled, so that a worker takes it up again; a run that pauses in its process goes on there.
    """
    if current is None or current.type is not StateType.PAUSED:
        return Abort("Cannot resume a flow run that is not paused.")
    if current.details.get("pause_reschedule"):
        return RunState.make(StateType.SCHEDULED, now, name="Resuming")
    return RunState.make(StateType.RUNNING, now)
