"""Which rules the policies ask in which order, and whole lives of runs through them."""

from datetime import timedelta
from typing import Any

import pytest

from ostinato_core.orchestration.policies import (
    FLOW_CORE,
    FLOW_LATE,
    FLOW_MINIMAL,
    TASK_BACKGROUND,
    TASK_CLIENT,
    TASK_CORE,
    TASK_MINIMAL,
    flow_run_policy,
    task_run_policy,
)
from ostinato_core.orchestration.policy import Policy
from ostinato_core.orchestration.rules.release_deployment_slot import release_deployment_slot
from ostinato_core.orchestration.rules.release_tag_slots import release_tag_slots
from ostinato_core.orchestration.transition import (
    FlowRunFacts,
    FlowRunStanding,
    InsertCache,
    Outcome,
    RunT,
    TaskRunFacts,
)
from ostinato_wire.states import SetStateStatus, StateType
from tests.support.orchestration import DEPLOYMENT, EARLIER, NOW, FakePorts, ask, flow_run, state, task_run

S = StateType
LATE = "MarkLateOnlyFromScheduled"
CANCEL_WAITING = "CancelWaitingTaskRuns"
TASK_TAIL = [
    "WaitForScheduledTime",
    "RetryFailedTaskRuns",
    "RenameReruns",
    "TrackFlowRunCount",
    "RememberCachedResult",
]


def names(policy: Policy[Any]) -> list[str]:  # of either kind of run
    return [type(rule).__name__ for rule in policy.rules]


def test_the_rules_stand_in_the_order_of_the_specification() -> None:
    assert names(FLOW_CORE) == [
        "PreserveLease",
        "RefuseDuplicateTransitions",
        "RefuseStaleAttempts",
        "ProtectTerminalFlowRuns",
        "TakeEndedRunsOnlyWhenScheduled",
        "LetCancellingEndInCancelled",
        "CancelWithoutInfrastructure",
        "GuardPending",
        "CheckLeaseAtStart",
        "SecureDeploymentSlot",
        "KeepSlotsOfOldClients",
        LATE,
        "PauseOnlyRunningFlowRuns",
        "ResumeOnlyToRunOrEnd",
        "CopyScheduledTime",
        "WaitForScheduledTime",
        "RetryFailedFlowRuns",
        "RetryCrashedFlowRuns",
    ]
    own = "RefuseStaleAttempts", "RetryCrashedFlowRuns"
    assert names(FLOW_MINIMAL) == [own[0], "ProtectResults", "CancelWithoutInfrastructure", own[1]]
    assert names(FLOW_LATE) == [LATE, "CancelNewWhenLate"]
    head = ["RetrieveCachedResult", "ProtectTerminalTaskRuns", "RunTasksOnlyInRunningFlows"]
    assert names(TASK_CORE) == [*head[:2], CANCEL_WAITING, head[2], "SecureTagSlots", "CopyScheduledTime", *TASK_TAIL]
    assert names(TASK_CLIENT) == [*head, "CopyScheduledTime", *TASK_TAIL]
    assert names(TASK_BACKGROUND) == [
        "GuardPending",
        "RetrieveCachedResult",
        "ProtectTerminalTaskRuns",
        CANCEL_WAITING,
        "CopyScheduledTime",
        "CopyTaskParametersId",
        *TASK_TAIL,
        "QueueBackgroundRuns",
    ]
    assert names(TASK_MINIMAL) == [CANCEL_WAITING]
    for policy in (FLOW_CORE, FLOW_MINIMAL):
        assert policy.transforms[-1] is release_deployment_slot
    assert release_deployment_slot not in FLOW_LATE.transforms
    for policy in (TASK_CORE, TASK_BACKGROUND, TASK_CLIENT, TASK_MINIMAL):
        assert policy.transforms[-1] is release_tag_slots


def test_force_takes_the_minimal_policy_but_deferred_task_runs_always_the_background_one() -> None:
    plain, deferred = state(S.PENDING), state(S.PENDING, deferred=True)
    assert (flow_run_policy(), flow_run_policy(force=True)) == (FLOW_CORE, FLOW_MINIMAL)
    assert (task_run_policy(plain), task_run_policy(plain, force=True)) == (TASK_CORE, TASK_MINIMAL)
    assert task_run_policy(deferred) is task_run_policy(deferred, force=True) is TASK_BACKGROUND


class Life(FakePorts):
    """Proposes states to one run, a second apart, and keeps what was written."""

    def __init__(self, run: FlowRunFacts | TaskRunFacts, flow: FlowRunStanding | None = None) -> None:
        super().__init__(flow)
        self.run = run
        self.now = NOW

    async def __call__(
        self, type_: StateType, name: str | None = None, *, force: bool = False, **members: Any
    ) -> Outcome:
        self.now += timedelta(seconds=1)
        proposed = state(type_, name, at=self.now, **members)
        if isinstance(self.run, FlowRunFacts):
            return self._keep(await self._decide(self.run, flow_run_policy(force=force), proposed))
        return self._keep(await self._decide(self.run, task_run_policy(proposed, force=force), proposed))

    async def _decide(self, run: RunT, policy: Policy[RunT], proposed: Any) -> Outcome:
        return await ask(run, proposed, policy, ports=self)

    def _keep(self, outcome: Outcome) -> Outcome:
        assert isinstance(outcome.run, FlowRunFacts | TaskRunFacts)
        self.run = outcome.run
        return outcome

    def seen(self) -> tuple[StateType, str, int]:
        assert self.run.state is not None
        return self.run.state.type, self.run.state.name, self.run.run_count


async def test_a_flow_run_is_retried_and_then_fails() -> None:
    life = Life(flow_run(state(S.PENDING), empirical_policy={"retries": 1, "retry_delay": 2}))
    await life(S.RUNNING)
    assert (await life(S.FAILED)).status is SetStateStatus.REJECT
    assert life.seen() == (S.SCHEDULED, "AwaitingRetry", 1)
    assert life.run.empirical_policy["retry_type"] == "in_process"
    waiting = await life(S.RUNNING)
    assert (waiting.status, waiting.details["delay_seconds"]) == (SetStateStatus.WAIT, 1)
    await life(S.RUNNING)
    assert life.seen() == (S.RUNNING, "Running", 2)
    assert (await life(S.FAILED)).status is SetStateStatus.ACCEPT
    assert life.run.empirical_policy["retry_type"] is None


async def test_a_suspended_flow_run_resumes_without_being_counted_again() -> None:
    life = Life(flow_run(state(S.RUNNING), run_count=1, deployment_id=DEPLOYMENT))
    await life(S.PAUSED, "Suspended", pause_reschedule=True, pause_key="k")
    assert life.run.empirical_policy == {"pause_keys": ["k"]}
    await life(S.SCHEDULED, "Resuming")
    assert life.run.empirical_policy["resuming"] is True
    await life(S.PENDING)
    await life(S.RUNNING)
    assert life.seen() == (S.RUNNING, "Running", 1)
    assert life.run.empirical_policy["resuming"] is False
    await life(S.CRASHED)
    await life(S.SCHEDULED, "AwaitingRetry")
    assert life.run.empirical_policy == {"pause_keys": [], "resuming": False, "retry_type": "reschedule"}


async def test_a_pause_in_the_process_counts_again_and_leaves_the_mark() -> None:
    life = Life(flow_run(state(S.RUNNING), run_count=1))
    await life(S.PAUSED, pause_key="k")
    await life(S.RUNNING)
    assert life.seen() == (S.RUNNING, "Running", 2)
    assert life.run.empirical_policy["resuming"] is True
    await life(S.COMPLETED)
    assert life.run.empirical_policy["resuming"] is False


async def test_a_paused_flow_run_is_cancelled_only_by_force() -> None:
    life = Life(flow_run(state(S.PAUSED), run_count=1))
    refused = await life(S.CANCELLING)
    assert refused.details["reason"] == (
        "This run cannot transition to the StateType.CANCELLING state from the StateType.PAUSED state."
    )
    assert (await life(S.CANCELLING, force=True)).status is SetStateStatus.ACCEPT


async def test_a_forced_cancel_of_a_run_that_has_not_started_ends_it() -> None:
    life = Life(flow_run(state(S.SCHEDULED)))
    assert (await life(S.CANCELLING, force=True)).status is SetStateStatus.REJECT
    assert life.seen() == (S.CANCELLED, "Cancelled", 0)


async def test_a_pause_that_timed_out_fails_for_good() -> None:
    life = Life(flow_run(state(S.RUNNING), run_count=1, empirical_policy={"retries": 3}))
    await life(S.PAUSED, pause_timeout="2020-01-01T00:00:00Z")
    await life(S.RUNNING)
    assert life.seen() == (S.FAILED, "Failed", 1)
    assert life.run.end_time == life.now


async def test_one_worker_takes_a_scheduled_run() -> None:
    life = Life(flow_run(state(S.SCHEDULED)))
    due = EARLIER.isoformat().replace("+00:00", "Z")
    assert (await life(S.PENDING)).status is SetStateStatus.ACCEPT
    submitting = await life(S.PENDING, "Submitting")
    assert submitting.state is not None
    assert submitting.state.details["scheduled_time"] == due
    assert (await life(S.PENDING)).status is SetStateStatus.ABORT
    assert life.seen() == (S.PENDING, "Submitting", 0)


async def test_a_task_run_is_retried_cached_and_found_again() -> None:
    running = FlowRunStanding(state(S.RUNNING), 1)
    life = Life(task_run(state(S.PENDING), empirical_policy={"retries": 1}), running)
    await life(S.RUNNING)
    await life(S.FAILED)
    assert life.seen() == (S.SCHEDULED, "AwaitingRetry", 1)
    await life(S.RUNNING)
    assert life.seen() == (S.RUNNING, "Retrying", 2)
    assert isinstance(life.run, TaskRunFacts)
    assert life.run.flow_run_run_count == 1
    done = await life(S.COMPLETED, cache_key="key", data={"type": "ref"})
    assert done.state is not None
    assert done.after == [InsertCache("key", None, done.state.id)]
    other = Life(task_run(state(S.PENDING)), running)
    other.cache = {"key": done.state}
    await other(S.RUNNING, cache_key="key")
    assert other.seen() == (S.COMPLETED, "Cached", 0)
    assert other.asked == ["find_cached_state"]


async def test_the_flow_run_is_asked_about_once_for_each_start() -> None:
    life = Life(task_run(state(S.FAILED), run_count=1), FlowRunStanding(state(S.RUNNING), 2))
    await life(S.RUNNING)
    assert life.seen() == (S.RUNNING, "Retrying", 1)
    assert life.asked == ["flow_run_standing"]


async def test_a_task_run_that_may_not_start_keeps_its_count() -> None:
    life = Life(task_run(state(S.FAILED), run_count=2), FlowRunStanding(state(S.PAUSED), 1))
    await life(S.RUNNING)
    assert life.seen() == (S.PAUSED, "NotReady", 2)


@pytest.mark.parametrize("force", [False, True])
async def test_one_worker_takes_a_background_task_run(force: bool) -> None:
    parameters = "00000000-0000-4000-8000-000000000001"
    first = state(S.SCHEDULED, deferred=True, task_parameters_id=parameters)
    life = Life(task_run(first, flow_run_id=None))
    taken = await life(S.PENDING, deferred=True, force=force)
    assert taken.state is not None
    assert taken.state.details["task_parameters_id"] == parameters
    assert (await life(S.PENDING, deferred=True, force=force)).status is SetStateStatus.ABORT
