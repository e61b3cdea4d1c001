"""A flow run that the server takes back from a worker runs on nothing."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Edge
from ostinato_core.orchestration.transition import Change, ClearInfrastructure, FlowRunFacts
from ostinato_wire.states import StateType


class ForgetInfrastructure(BaseRule[FlowRunFacts]):
    """From PENDING back to SCHEDULED no process is known for the run any more, so it can be cancelled at once."""

    edge = Edge(from_={StateType.PENDING}, to={StateType.SCHEDULED})

    async def after(self, change: Change[FlowRunFacts], ports: Ports) -> None:
        change.after.append(ClearInfrastructure(change.run.id))
