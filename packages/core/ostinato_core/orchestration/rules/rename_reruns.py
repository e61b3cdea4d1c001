"""The name of a state tells that a task run runs again, and why."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge
from ostinato_core.orchestration.transition import Change, TaskRunFacts
from ostinato_wire.states import StateType


class RenameReruns(BaseRule[TaskRunFacts]):
    """RUNNING is named `Retrying` after `AwaitingRetry`, and `Rerunning` in any other run but the first."""

    edge = Edge(to={StateType.RUNNING})

    async def before(self, change: Change[TaskRunFacts], ports: Ports) -> Decision | None:
        if change.run.run_count > 0:
            awaited = change.initial is not None and change.initial.name == "AwaitingRetry"
            change.proposed.name = "Retrying" if awaited else "Rerunning"
        return None
