"""As many task runs with a tag run at a time as the tag has slots."""

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import Abort, BaseRule, Decision, Edge, Wait
from ostinato_core.orchestration.rules.slots import give_back
from ostinato_core.orchestration.transition import Change, TaskRunFacts
from ostinato_wire.states import ALL_STATES, StateType


class SecureTagSlots(BaseRule[TaskRunFacts]):
    """RUNNING takes a slot on each limited tag, or waits; a task run that runs already has its slots."""

    edge = Edge(from_=(ALL_STATES | {None}) - {StateType.RUNNING, StateType.CANCELLING}, to={StateType.RUNNING})

    async def before(self, change: Change[TaskRunFacts], ports: Ports) -> Decision | None:
        if not change.run.tags:
            return None
        slots = await ports.take_tag_slots(change.run.tags, change.run.id)
        if slots.zero:
            return Abort(
                f'The concurrency limit on tag "{slots.zero[0]}" is 0 and will deadlock if the task tries to run again.'
            )
        if slots.full:
            reason = f"Concurrency limit reached for tags: {', '.join(slots.full)}"
            return Wait(max(1, round(slots.wait)), reason)
        change.taken = slots.lease_id
        return None

    async def undo(self, change: Change[TaskRunFacts], ports: Ports) -> None:
        await give_back(change, ports)
