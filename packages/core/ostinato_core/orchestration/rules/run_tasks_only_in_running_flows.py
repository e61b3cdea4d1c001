"""Tasks do not start in a flow run that has stopped or pauses."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import Abort, BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.rules.enclosing import enclosing_flow_run
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import Change, TaskRunFacts
from ostinato_wire.states import StateType


class RunTasksOnlyInRunningFlows(BaseRule[TaskRunFacts]):
    """A task run enters RUNNING only while its flow run is RUNNING; without a flow run it is free."""

    edge = Edge(to={StateType.RUNNING})

    async def before(self, change: Change[TaskRunFacts], ports: Ports) -> Decision | None:
        flow_run_id = change.run.flow_run_id
        if flow_run_id is None:
            return None
        flow_state = (await enclosing_flow_run(change, flow_run_id, ports)).state
        if flow_state and flow_state.type is StateType.RUNNING:
            return None
        if flow_state is None or flow_state.type is not StateType.PAUSED:
            return Abort("The enclosing flow must be running to begin task execution.")
        taken = {member: flow_state.details.get(member) for member in ("pause_timeout", "pause_reschedule")}
        not_ready = RunState.make(StateType.PAUSED, change.now, name="NotReady", details=taken)
        return Reject(f"The flow is paused, new tasks can execute after resuming flow run: {flow_run_id}.", not_ready)
