"""How the flow run around a task run stands: several rules ask, the port is asked once."""

from uuid import UUID

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.transition import Change, FlowRunStanding, TaskRunFacts


async def enclosing_flow_run(change: Change[TaskRunFacts], flow_run_id: UUID, ports: Ports) -> FlowRunStanding:
    """Return state and run count of the flow run around the task run of this change."""
    if change.enclosing is None:
        change.enclosing = await ports.flow_run_standing(flow_run_id)
    return change.enclosing
