"""A late flow run of a deployment that wants no queue is cancelled while all slots are taken."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.rules.mark_late_only_from_scheduled import LATE
from ostinato_core.orchestration.rules.slots import LIMIT_REACHED
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import Change, FlowRunFacts
from ostinato_wire.states import StateType


class CancelNewWhenLate(BaseRule[FlowRunFacts]):
    """Where new runs are cancelled that find no slot, so are those that are late."""

    edge = Edge(from_={StateType.SCHEDULED}, to={StateType.SCHEDULED})

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        deployment = change.run.deployment
        if change.proposed.name != LATE or deployment is None or not deployment.cancels_new:
            return None
        if deployment.limit_id is None or not await ports.is_full(deployment.limit_id):
            return None
        return Reject(LIMIT_REACHED, RunState.make(StateType.CANCELLED, change.now, message=LIMIT_REACHED))
