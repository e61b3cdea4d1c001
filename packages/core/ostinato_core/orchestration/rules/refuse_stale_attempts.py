"""Of a flow run that the server has scheduled again, only the newest attempt is heard."""

from typing import Final

from ostinato_core.orchestration.attempts import ATTEMPT_WORKER, attempts_of
from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import Abort, BaseRule, Decision
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import Change, FlowRunFacts
from ostinato_wire.states import StateType

STALE: Final = "This run was scheduled again: this attempt at it is over."

_OPEN_TO_ALL: Final = frozenset({StateType.SCHEDULED, StateType.PENDING, StateType.CANCELLING, StateType.CANCELLED})
"""What may follow while nobody has taken the run."""


class RefuseStaleAttempts(BaseRule[FlowRunFacts]):
    """Who was not given the run for this attempt does not start or end it, and an attempt starts once.

    A client is known by the worker that it tells that it belongs to. Who tells none is let pass where the run is taken:
    an older client, or a person. A person who forces a state is always let pass.
    """

    def __init__(self, *, forced: bool = False) -> None:
        self._forced = forced

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        current, proposed = change.initial, change.proposed
        if current is None or not attempts_of(current) or (self._forced and change.proposer.worker_name is None):
            return None
        if current.type is StateType.SCHEDULED:
            if proposed.type is StateType.PENDING:
                proposed.details[ATTEMPT_WORKER] = change.proposer.worker_name
            return None if proposed.type in _OPEN_TO_ALL or _waits_in_process(change) else Abort(STALE)
        starts_twice = current.type is proposed.type is StateType.RUNNING
        starts_late = current.is_final() and not proposed.is_final() and change.proposer.worker_name is not None
        return Abort(STALE) if starts_twice or starts_late or _is_of_another(change, current) else None


def _waits_in_process(change: Change[FlowRunFacts]) -> bool:
    """Whether the run failed and its own process is about to try it again."""
    return change.run.empirical_policy.get("retry_type") == "in_process"


def _is_of_another(change: Change[FlowRunFacts], current: RunState) -> bool:
    holder: str | None = current.details.get(ATTEMPT_WORKER)
    return None not in (holder, change.proposer.worker_name) and holder != change.proposer.worker_name
