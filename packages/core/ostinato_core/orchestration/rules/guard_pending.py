"""A run is handed to one worker only."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import Abort, BaseRule, Decision, Edge
from ostinato_core.orchestration.transition import Change, RunT
from ostinato_wire.states import StateType

_KEPT = ("scheduled_time", "deployment_concurrency_lease_id")


class GuardPending(BaseRule[RunT]):
    """A run that is pending, or further, does not become PENDING; its holder may refine the name of the state."""

    edge = Edge(
        from_={StateType.PENDING, StateType.CANCELLING, StateType.RUNNING, StateType.CANCELLED},
        to={StateType.PENDING},
    )

    async def before(self, change: Change[RunT], ports: Ports) -> Decision | None:
        current, proposed = change.current(), change.proposed
        if current.type is StateType.PENDING and proposed.name not in (current.name, "Pending"):
            for member in _KEPT:
                proposed.details[member] = current.details.get(member)
            return None
        return Abort(
            f"This run is in a {current.type.value} state and cannot transition to a {proposed.type.value} state."
        )
