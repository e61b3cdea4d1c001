"""A flow run that is being cancelled can only become cancelled."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.transition import Change, FlowRunFacts
from ostinato_wire.states import ALL_STATES, StateType


class LetCancellingEndInCancelled(BaseRule[FlowRunFacts]):
    """Nothing but CANCELLED follows CANCELLING."""

    edge = Edge(from_={StateType.CANCELLING}, to=ALL_STATES - {StateType.CANCELLED})

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        return Reject("Cannot transition flows that are cancelling to a state other than Cancelled.")
