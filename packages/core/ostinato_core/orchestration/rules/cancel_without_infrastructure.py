"""A flow run that nothing executes is cancelled at once: nobody would ever confirm it."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import Change, FlowRunFacts
from ostinato_wire.states import StateType


class CancelWithoutInfrastructure(BaseRule[FlowRunFacts]):
    """A scheduled or suspended run skips CANCELLING, unless a process is known for it."""

    edge = Edge(from_={StateType.SCHEDULED, StateType.PAUSED}, to={StateType.CANCELLING})

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        current = change.current()
        scheduled = current.type is StateType.SCHEDULED and not change.run.infrastructure_pid
        if scheduled or current.name == "Resuming":
            kind = "Scheduled"
        elif current.type is StateType.PAUSED and current.details.get("pause_reschedule"):
            kind = "Suspended"
        else:
            return None
        cancelled = RunState.make(StateType.CANCELLED, change.now)
        return Reject(f"{kind} flow run has no infrastructure to terminate.", cancelled)
