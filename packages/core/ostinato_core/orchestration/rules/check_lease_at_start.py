"""A flow run that took long to start has to have its slot still, or gets another."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.rules.slots import give_back, grace_period, lease_of, name_lease, renews_leases
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import Change, FlowRunFacts, RenewLease
from ostinato_wire.states import StateType

_LOST = "Deployment concurrency slot lost during provisioning - no slots available to continue execution"


class CheckLeaseAtStart(BaseRule[FlowRunFacts]):
    """On RUNNING the lease is renewed; if it has expired a slot is taken anew, and without one the run is cancelled.

    It is renewed after the state is written: who ends the run locks the run first, and then its lease.
    """

    edge = Edge(from_={StateType.PENDING}, to={StateType.RUNNING})

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        lease_id, deployment = lease_of(change.current()), change.run.deployment
        name_lease(change.proposed, lease_id)
        if lease_id is None or not renews_leases(change.proposer.client_version):
            return None
        if deployment is None or deployment.limit_id is None:
            return None
        lifetime = grace_period(deployment, ports)
        if await ports.has_lease(lease_id):
            change.after.append(RenewLease(lease_id, lifetime))
            return None
        slot = await ports.take_deployment_slot(deployment.limit_id, change.run.id, lifetime)
        if slot.limit is None:
            return None
        if slot.lease_id is None:
            cancelled = RunState.make(StateType.CANCELLED, change.now, message=_LOST)
            return Reject("Deployment concurrency limit reached after lease expiry.", cancelled)
        change.taken = slot.lease_id
        name_lease(change.proposed, slot.lease_id)
        return None

    async def undo(self, change: Change[FlowRunFacts], ports: Ports) -> None:
        for renewal in [each for each in change.after if isinstance(each, RenewLease)]:
            change.after.remove(renewal)
            # A run that has to wait keeps its slot for as long.
            if change.refused and not change.failed:
                await ports.renew_lease(renewal.lease_id, renewal.lifetime)
        await give_back(change, ports)
