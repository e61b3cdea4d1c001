"""A background task run that is scheduled waits for a worker."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Edge
from ostinato_core.orchestration.transition import Change, Enqueue, TaskRunFacts
from ostinato_wire.states import StateType


class QueueBackgroundRuns(BaseRule[TaskRunFacts]):
    """SCHEDULED puts the run in the queue of its task; a retry goes before the runs that were never tried."""

    edge = Edge(to={StateType.SCHEDULED})

    async def after(self, change: Change[TaskRunFacts], ports: Ports) -> None:
        change.after.append(Enqueue(change.run.id, change.run.task_key, change.proposed.name == "AwaitingRetry"))
