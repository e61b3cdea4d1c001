"""A worker that was late to take a run does not start it a second time."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import Abort, BaseRule, Decision, Edge
from ostinato_core.orchestration.transition import Change, FlowRunFacts
from ostinato_wire.states import TERMINAL_STATES, StateType


class TakeEndedRunsOnlyWhenScheduled(BaseRule[FlowRunFacts]):
    """A run that is handed out becomes PENDING again only after it was scheduled again.

    Two workers are given the same run; where the proposal of one of them is repeated for as long as the API is away,
    the other may have run it to its end meanwhile. Who runs an ended run anew schedules it, or proposes RUNNING.
    """

    edge = Edge(from_=TERMINAL_STATES, to={StateType.PENDING})

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        if change.run.deployment_id is None and change.proposer.worker_name is None:
            return None
        current = change.current().type.value
        return Abort(f"This run is in a {current} state and cannot transition to a PENDING state.")
