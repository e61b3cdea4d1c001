"""A flow run keeps the slot of its deployment from state to state."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision
from ostinato_core.orchestration.rules.slots import LEASE
from ostinato_core.orchestration.transition import Change, FlowRunFacts


class PreserveLease(BaseRule[FlowRunFacts]):
    """A state that names no lease names that of the state before."""

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        if change.initial is not None and change.proposed.details[LEASE] is None:
            change.proposed.details[LEASE] = change.initial.details.get(LEASE)
        return None
