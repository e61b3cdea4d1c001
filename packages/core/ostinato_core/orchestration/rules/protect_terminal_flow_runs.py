"""A flow run that has ended stays so, unless it is run again in a way that can work."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import Abort, BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.rules.protect_results import refuse_loss_of_result
from ostinato_core.orchestration.transforms import KEEPS_RESUMING_SINCE
from ostinato_core.orchestration.transition import Change, FlowRunFacts
from ostinato_wire.states import ALL_STATES, TERMINAL_STATES, StateType

_NEVER_AFTER_THE_END = frozenset({StateType.CANCELLING, StateType.PAUSED, StateType.CRASHED})


class ProtectTerminalFlowRuns(BaseRule[FlowRunFacts]):
    """Stored results are not lost, and what is run again starts with a fresh retry policy."""

    edge = Edge(from_=TERMINAL_STATES, to=ALL_STATES)

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        current, proposed = change.current(), change.proposed
        if proposed.type in _NEVER_AFTER_THE_END:
            return Abort(f"Run is already in terminal state {current.type.value}.")
        if proposed.type in TERMINAL_STATES:
            return refuse_loss_of_result(current, proposed)
        if current.type is StateType.COMPLETED and current.has_persisted_result():
            return Reject("Run is already COMPLETED.")
        if proposed.type is StateType.SCHEDULED and change.run.deployment_id is None:
            return Abort("Cannot reschedule a run without an associated deployment.")
        if change.proposer.api_version >= KEEPS_RESUMING_SINCE:
            retry_type = "reschedule" if proposed.type is StateType.SCHEDULED else None
            change.set_policy(resuming=False, pause_keys=[], retry_type=retry_type)
        return None

    async def undo(self, change: Change[FlowRunFacts], ports: Ports) -> None:
        change.run.empirical_policy = change.asked.run.empirical_policy
