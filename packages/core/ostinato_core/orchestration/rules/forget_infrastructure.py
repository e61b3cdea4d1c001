"""A flow run that the server takes back from a worker runs on nothing."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge
from ostinato_core.orchestration.transition import Change, FlowRunFacts
from ostinato_wire.states import StateType


class ForgetInfrastructure(BaseRule[FlowRunFacts]):
    """From PENDING back to SCHEDULED no process is known for the run any more, so it can be cancelled at once."""

    edge = Edge(from_={StateType.PENDING}, to={StateType.SCHEDULED})

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        change.run.infrastructure_pid = None
        return None
