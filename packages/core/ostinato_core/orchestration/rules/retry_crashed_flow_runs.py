"""A flow run that crashes is scheduled again, where its deployment or its work pool says so."""

from datetime import timedelta
from typing import Final

from ostinato_core.orchestration.attempts import CRASH_RETRIES, next_attempt
from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.states import RunState, wire_time
from ostinato_core.orchestration.transition import Change, ClearInfrastructure, CloseTaskRuns, FlowRunFacts
from ostinato_wire.states import StateType

SOONEST: Final = timedelta(seconds=15)
"""After a crash a run is due no sooner. A worker asks up to ten seconds ahead, and one crash is reported twice: by who
supervises the process, and a little later by who submitted it. The second report must not meet the next attempt."""


class RetryCrashedFlowRuns(BaseRule[FlowRunFacts]):
    """CRASHED becomes AwaitingRetry while the policy has retries left, and what the attempt has begun is closed.

    A forced state counts only if it comes from a worker's process: a person who forces CRASHED means it.
    """

    edge = Edge(from_={StateType.PENDING, StateType.RUNNING}, to={StateType.CRASHED})

    def __init__(self, *, forced: bool = False) -> None:
        self._forced = forced

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        policy, current, run = change.run.retry_on_crash, change.current(), change.run
        if policy is None or run.deployment is None or (self._forced and change.proposer.worker_name is None):
            return None
        has_started = run.run_count > 0 and policy["only_if"] != "any"
        if has_started or (current.details.get(CRASH_RETRIES) or 0) >= policy["max"]:
            return None
        delay = max(timedelta(seconds=policy["delay"]), SOONEST)
        details = {**next_attempt(current, CRASH_RETRIES), "scheduled_time": wire_time(change.now + delay)}
        message = change.proposed.message
        change.after += [CloseTaskRuns(run.id, message), ClearInfrastructure(run.id)]
        change.set_policy(resuming=False, pause_keys=[], retry_type="reschedule")
        retry = RunState.make(StateType.SCHEDULED, change.now, name="AwaitingRetry", message=message, details=details)
        return Reject("Retrying", retry)
