"""A transition that a client repeats, because its first answer was lost, is made once."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Reject
from ostinato_core.orchestration.transition import Change, FlowRunFacts


class RefuseDuplicateTransitions(BaseRule[FlowRunFacts]):
    """A state with the `transition_id` of the current one has been made already."""

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        transition_id = change.proposed.details["transition_id"]
        if transition_id and change.initial and change.initial.details.get("transition_id") == transition_id:
            return Reject("This run has already made this state transition.")
        return None
