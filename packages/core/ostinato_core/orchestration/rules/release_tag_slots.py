"""A task run that does not run has no slots on its tags."""

from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import Change, ReleaseTagSlots, TaskRunFacts
from ostinato_wire.states import StateType

_HOLDING = frozenset({StateType.RUNNING, StateType.CANCELLING})


def release_tag_slots(change: Change[TaskRunFacts], state: RunState) -> None:
    """The slots are given back with every state but RUNNING and CANCELLING, whatever rule has decided on it."""
    if change.initial is not None and change.run.tags and state.type not in _HOLDING:
        change.after.append(ReleaseTagSlots(change.run.id))
