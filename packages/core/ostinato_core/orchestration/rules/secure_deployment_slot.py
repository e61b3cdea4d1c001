"""As many runs of a deployment are on their way or running at a time as it has slots."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import Abort, BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.rules.slots import LIMIT_REACHED, give_back, grace_period, name_lease, takes_slots
from ostinato_core.orchestration.states import RunState, wire_time
from ostinato_core.orchestration.transition import Change, DeploymentStanding, FlowRunFacts
from ostinato_wire.states import ALL_STATES, StateType

_HOLDING = {StateType.PENDING, StateType.RUNNING, StateType.CANCELLING}


class SecureDeploymentSlot(BaseRule[FlowRunFacts]):
    """PENDING takes a slot; where none is free the run waits for one, or is cancelled, as its deployment says."""

    edge = Edge(from_=(ALL_STATES | {None}) - _HOLDING, to={StateType.PENDING})

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        if change.run.deployment_id is None or not takes_slots(change.proposer.client_version):
            return None
        deployment = change.run.deployment
        if deployment is None:
            return Abort("Deployment not found.")
        if deployment.limit_id is None:
            return None
        lifetime = grace_period(deployment, ports)
        slot = await ports.take_deployment_slot(deployment.limit_id, change.run.id, lifetime)
        if slot.limit is None:
            return None
        if slot.lease_id is None:
            return _denied(change, deployment, slot.limit, ports)
        change.taken = slot.lease_id
        name_lease(change.proposed, slot.lease_id)
        return None

    async def undo(self, change: Change[FlowRunFacts], ports: Ports) -> None:
        await give_back(change, ports)


def _denied(change: Change[FlowRunFacts], deployment: DeploymentStanding, limit: int, ports: Ports) -> Abort | Reject:
    if limit <= 0:
        return Abort("The deployment concurrency limit is 0. The flow will deadlock if submitted again.")
    if deployment.cancels_new:
        return Reject(LIMIT_REACHED, RunState.make(StateType.CANCELLED, change.now, message=LIMIT_REACHED))
    waiting = RunState.make(
        StateType.SCHEDULED,
        change.now,
        name="AwaitingConcurrencySlot",
        details={"scheduled_time": wire_time(change.now + ports.slot_times.wait)},
    )
    return Reject(LIMIT_REACHED, waiting)
