"""A run that is handed to a worker keeps the time at which it is due."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge
from ostinato_core.orchestration.transition import Change, RunT
from ostinato_wire.states import StateType


class CopyScheduledTime(BaseRule[RunT]):
    """PENDING takes the scheduled time of SCHEDULED, unless it has one of its own."""

    edge = Edge(from_={StateType.SCHEDULED}, to={StateType.PENDING})

    async def before(self, change: Change[RunT], ports: Ports) -> Decision | None:
        details = change.proposed.details
        details["scheduled_time"] = details["scheduled_time"] or change.current().details.get("scheduled_time")
        return None
