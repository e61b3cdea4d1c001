"""A background task run keeps the reference to its stored parameters."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge
from ostinato_core.orchestration.transition import Change, TaskRunFacts
from ostinato_wire.states import StateType


class CopyTaskParametersId(BaseRule[TaskRunFacts]):
    """PENDING and RUNNING take `task_parameters_id` from the state before, unless they have one of their own."""

    edge = Edge(from_={StateType.SCHEDULED, StateType.PENDING}, to={StateType.PENDING, StateType.RUNNING})

    async def before(self, change: Change[TaskRunFacts], ports: Ports) -> Decision | None:
        details = change.proposed.details
        current = change.current().details
        details["task_parameters_id"] = details["task_parameters_id"] or current.get("task_parameters_id")
        return None
