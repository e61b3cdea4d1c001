"""A task run that has ended stays so, unless it is run again."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import Abort, BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.rules.enclosing import enclosing_flow_run
from ostinato_core.orchestration.transition import Change, TaskRunFacts
from ostinato_wire.states import TERMINAL_STATES, StateType

_NEVER_AFTER_THE_END = frozenset({StateType.CANCELLING, StateType.PAUSED, StateType.CRASHED})


class ProtectTerminalTaskRuns(BaseRule[TaskRunFacts]):
    """Stored results are kept, and what is run again counts its runs from nought."""

    edge = Edge(from_=TERMINAL_STATES)

    async def before(self, change: Change[TaskRunFacts], ports: Ports) -> Decision | None:
        current, proposed = change.current(), change.proposed
        if proposed.type in _NEVER_AFTER_THE_END:
            return Abort(f"Run is already {current.type.value}.")
        if current.type is StateType.COMPLETED and current.data and not current.is_unpersisted():
            return Reject("This run is already completed.")
        if proposed.type in TERMINAL_STATES:
            return None
        change.run.run_count = 0
        if proposed.type is StateType.RUNNING and change.run.flow_run_id:
            flow_run = await enclosing_flow_run(change, change.run.flow_run_id, ports)
            if flow_run.run_count > change.run.flow_run_run_count:
                proposed.name = "Retrying"
        return None

    async def undo(self, change: Change[TaskRunFacts], ports: Ports) -> None:
        change.run.run_count = change.asked.run.run_count
