"""A flow run pauses while it runs, and once for each pause in its code."""

from uuid import uuid4

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import Abort, BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import Change, FlowRunFacts
from ostinato_wire.states import StateType


def pausing_verb(proposed: RunState) -> str:
    """Return what reasons call the pause, by the name of the proposed state."""
    return "suspend" if proposed.name == "Suspended" else "pause"


class PauseOnlyRunningFlowRuns(BaseRule[FlowRunFacts]):
    """Pauses are known by their key; a suspension needs a deployment that can run the flow again."""

    edge = Edge(to={StateType.PAUSED})

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        verb = pausing_verb(change.proposed)
        if change.initial is None:
            return Abort(f"Cannot {verb} flows with no state.")
        if change.initial.type is not StateType.RUNNING:
            return Reject(f"Cannot {verb} flows that are not currently running.")
        details = change.proposed.details
        if details["pause_key"] in _fired(change):
            return Reject(f"This {verb} has already fired.")
        if details["pause_reschedule"] and change.run.parent_task_run_id:
            return Abort(f"Cannot {verb} subflows.")
        if details["pause_reschedule"] and change.run.deployment_id is None:
            return Abort(f"Cannot {verb} flows without a deployment.")
        return None

    async def after(self, change: Change[FlowRunFacts], ports: Ports) -> None:
        key = change.proposed.details["pause_key"] or str(uuid4())
        change.set_policy(pause_keys=[*_fired(change), key])


def _fired(change: Change[FlowRunFacts]) -> list[str]:
    return change.run.empirical_policy.get("pause_keys") or []
