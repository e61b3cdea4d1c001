"""A background task run that no worker has taken is cancelled at once: nobody would ever confirm it."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import Change, TaskRunFacts
from ostinato_wire.states import StateType


class CancelWaitingTaskRuns(BaseRule[TaskRunFacts]):
    """A run that waits in the queue of its task skips CANCELLING; the queue passes over what is not SCHEDULED."""

    edge = Edge(from_={StateType.SCHEDULED}, to={StateType.CANCELLING})

    async def before(self, change: Change[TaskRunFacts], ports: Ports) -> Decision | None:
        if not change.current().details.get("deferred"):
            return None
        return Reject("No worker has taken the task run.", RunState.make(StateType.CANCELLED, change.now))
