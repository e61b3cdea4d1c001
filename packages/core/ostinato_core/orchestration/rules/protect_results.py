"""A forced state does not make a stored result unreachable."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import Change, FlowRunFacts
from ostinato_wire.states import TERMINAL_STATES, StateType


def refuse_loss_of_result(current: RunState, proposed: RunState) -> Reject | None:
    """Return the refusal of a COMPLETED state without stored result after one with it."""
    if current.type is not StateType.COMPLETED or proposed.type is not StateType.COMPLETED:
        return None
    if current.has_persisted_result() and not proposed.has_persisted_result():
        return Reject("Cannot overwrite a COMPLETED state that carries persisted result data with one that does not.")
    return None


class ProtectResults(BaseRule[FlowRunFacts]):
    """A COMPLETED state with a stored result is followed only by a COMPLETED state that has one, too."""

    edge = Edge(from_=TERMINAL_STATES, to=TERMINAL_STATES)

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        return refuse_loss_of_result(change.current(), change.proposed)
