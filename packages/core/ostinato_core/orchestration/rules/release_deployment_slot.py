"""A flow run that neither runs nor is about to has no slot of its deployment."""

from ostinato_core.orchestration.rules.slots import lease_of
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import Change, FlowRunFacts, ReleaseLease
from ostinato_wire.states import StateType

_HOLDING = frozenset({StateType.PENDING, StateType.RUNNING, StateType.CANCELLING})


def release_deployment_slot(change: Change[FlowRunFacts], state: RunState) -> None:
    """The slot is given back on leaving PENDING, RUNNING and CANCELLING, whatever rule has decided on the new state."""
    if change.initial is None or change.initial.type not in _HOLDING or state.type in _HOLDING:
        return
    lease_id = lease_of(change.initial)
    if lease_id is not None:
        change.after.append(ReleaseLease(lease_id))
