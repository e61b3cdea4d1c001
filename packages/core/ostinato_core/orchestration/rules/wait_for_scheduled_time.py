"""No run starts before its time."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge, Wait
from ostinato_core.orchestration.transition import Change, RunT
from ostinato_wire.states import StateType


class WaitForScheduledTime(BaseRule[RunT]):
    """RUNNING waits for the scheduled time of the state before; half a second early is in time."""

    edge = Edge(from_={StateType.SCHEDULED, StateType.PENDING}, to={StateType.RUNNING})

    async def before(self, change: Change[RunT], ports: Ports) -> Decision | None:
        scheduled = change.current().scheduled_time()
        seconds = round((scheduled - change.now).total_seconds()) if scheduled else 0
        return Wait(seconds, "Scheduled time is in the future") if seconds > 0 else None
