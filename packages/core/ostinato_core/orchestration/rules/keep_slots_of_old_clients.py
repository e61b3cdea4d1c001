"""Clients that know nothing of leases keep their slot until their run ends."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Edge
from ostinato_core.orchestration.rules.slots import lease_of, renews_leases
from ostinato_core.orchestration.transition import Change, FlowRunFacts, KeepLease
from ostinato_wire.states import StateType


class KeepSlotsOfOldClients(BaseRule[FlowRunFacts]):
    """From RUNNING or CANCELLING on, a slot is kept without renewal if the client is too old to renew it."""

    edge = Edge(from_={StateType.PENDING}, to={StateType.RUNNING, StateType.CANCELLING})

    async def after(self, change: Change[FlowRunFacts], ports: Ports) -> None:
        lease_id = lease_of(change.current())
        if lease_id is not None and not renews_leases(change.proposer.client_version):
            change.after.append(KeepLease(lease_id))
