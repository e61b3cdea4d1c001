"""A paused flow run goes on, is scheduled to go on, or ends; and it does so in time."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.rules.pause_only_running_flow_runs import pausing_verb
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import Change, FlowRunFacts
from ostinato_wire.states import TERMINAL_STATES, StateType

_AFTER_A_PAUSE = TERMINAL_STATES | {StateType.RUNNING, StateType.SCHEDULED}


class ResumeOnlyToRunOrEnd(BaseRule[FlowRunFacts]):
    """What leaves PAUSED is marked as resuming, so that its next RUNNING is not counted as another run.

    The mark comes after the run is counted: an in-process resume (PAUSED to RUNNING) does count, as clients expect.
    """

    edge = Edge(from_={StateType.PAUSED})

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        current, proposed = change.current(), change.proposed
        if proposed.type not in _AFTER_A_PAUSE:
            return Reject(
                f"This run cannot transition to the StateType.{proposed.type.value} state"
                f" from the StateType.{current.type.value} state."
            )
        name = proposed.name.lower()
        if current.details.get("pause_reschedule") and change.run.deployment_id is None:
            return Reject(f"Cannot reschedule a {name} flow run without a deployment.")
        timeout = current.pause_timeout()
        if timeout and timeout < change.now:
            message = f"The flow was {name} and never resumed."
            failed = RunState.make(StateType.FAILED, change.now, message=message)
            verb = pausing_verb(proposed)
            return Reject(f"The flow run {verb} has timed out and can no longer resume.", failed)
        return None

    async def after(self, change: Change[FlowRunFacts], ports: Ports) -> None:
        change.set_policy(resuming=True)
