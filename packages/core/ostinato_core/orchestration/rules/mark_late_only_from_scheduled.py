"""Only a flow run that waits for its time can be late, and it is marked once."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.transition import Change, FlowRunFacts
from ostinato_wire.states import StateType

LATE = "Late"


class MarkLateOnlyFromScheduled(BaseRule[FlowRunFacts]):
    """`Late` follows SCHEDULED states that are not `Late` yet."""

    edge = Edge(to={StateType.SCHEDULED})

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        if change.proposed.name != LATE:
            return None
        if change.initial is None or change.initial.type is not StateType.SCHEDULED:
            return Reject("Only scheduled flows can be marked late.")
        if change.initial.name == LATE:
            return Reject("This flow run is already marked late.")
        return None
