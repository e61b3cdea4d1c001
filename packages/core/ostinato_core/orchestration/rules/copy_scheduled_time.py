"""A run that is handed to a worker keeps the time at which it is due."""

from typing import Final

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge
from ostinato_core.orchestration.transition import Change, RunT
from ostinato_wire.states import StateType

AWAITS_SLOT: Final = "AwaitingConcurrencySlot"


class CopyScheduledTime(BaseRule[RunT]):
    """PENDING takes the scheduled time of SCHEDULED, unless it has one of its own.

    A run that awaited a slot is due now that it can have one: the time that it had was only that of its next try.
    """

    edge = Edge(from_={StateType.SCHEDULED}, to={StateType.PENDING})

    async def before(self, change: Change[RunT], ports: Ports) -> Decision | None:
        if change.current().name == AWAITS_SLOT:
            return None
        details = change.proposed.details
        details["scheduled_time"] = details["scheduled_time"] or change.current().details.get("scheduled_time")
        return None
