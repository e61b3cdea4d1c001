"""A flow run that fails is tried again while it has retries left."""

from datetime import timedelta

from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.states import RunState, wire_time
from ostinato_core.orchestration.transforms import KEEPS_RESUMING_SINCE
from ostinato_core.orchestration.transition import Change, FlowRunFacts, MakeFailedTaskRunsReady
from ostinato_wire.states import StateType

_CLIENTS_RETRY_TASKS_SINCE = (0, 8, 3)


class RetryFailedFlowRuns(BaseRule[FlowRunFacts]):
    """FAILED becomes AwaitingRetry; for old clients the failed task runs are made ready, too."""

    edge = Edge(from_={StateType.RUNNING}, to={StateType.FAILED})

    async def before(self, change: Change[FlowRunFacts], ports: Ports) -> Decision | None:
        policy, failed = change.run.empirical_policy, change.proposed
        retries = policy.get("retries")
        if retries is None or change.run.run_count > retries:
            if policy.get("retry_type") is not None:
                change.set_policy(retry_type=None)
            return None
        details = {"scheduled_time": wire_time(change.now + timedelta(seconds=policy.get("retry_delay") or 0))}
        retry = RunState.make(
            StateType.SCHEDULED,
            change.now,
            name="AwaitingRetry",
            message=failed.message,
            data=failed.data,
            details=details,
        )
        if change.proposer.api_version < _CLIENTS_RETRY_TASKS_SINCE:
            ready = RunState.make(StateType.SCHEDULED, change.now, name="AwaitingRetry", details=details)
            change.after.append(MakeFailedTaskRunsReady(change.run.id, ready))
        if change.proposer.api_version >= KEEPS_RESUMING_SINCE:
            change.set_policy(resuming=False, pause_keys=[], retry_type="in_process")
        return Reject("Retrying", retry)
