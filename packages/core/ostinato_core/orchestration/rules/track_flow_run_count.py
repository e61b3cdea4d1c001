"""A task run remembers in which run of its flow it ran."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Edge
from ostinato_core.orchestration.rules.enclosing import enclosing_flow_run
from ostinato_core.orchestration.transition import Change, TaskRunFacts
from ostinato_wire.states import StateType


class TrackFlowRunCount(BaseRule[TaskRunFacts]):
    """On entering RUNNING, `flow_run_run_count` becomes the run count of the flow run."""

    edge = Edge(to={StateType.RUNNING})

    async def after(self, change: Change[TaskRunFacts], ports: Ports) -> None:
        if flow_run_id := change.run.flow_run_id:
            flow_run = await enclosing_flow_run(change, flow_run_id, ports)
            change.run.flow_run_run_count = flow_run.run_count
