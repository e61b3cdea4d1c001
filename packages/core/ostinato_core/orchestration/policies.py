"""Which rules are asked when. Numbers are the places in the specification's lists (7.1, 8).

Place 16, the event of a flow run's state, is `state_event`: the transaction that writes the state writes it. What gives
slots back follows whatever was decided, so it stands among the transforms. Rules without a number are this server's
own: they are about runs that are started more than once, or that nothing executes.
"""

from ostinato_core.orchestration.attempts import keep_attempts
from ostinato_core.orchestration.policy import Policy
from ostinato_core.orchestration.rules.cancel_new_when_late import CancelNewWhenLate
from ostinato_core.orchestration.rules.cancel_waiting_task_runs import CancelWaitingTaskRuns
from ostinato_core.orchestration.rules.cancel_without_infrastructure import CancelWithoutInfrastructure
from ostinato_core.orchestration.rules.check_lease_at_start import CheckLeaseAtStart
from ostinato_core.orchestration.rules.copy_scheduled_time import CopyScheduledTime
from ostinato_core.orchestration.rules.copy_task_parameters_id import CopyTaskParametersId
from ostinato_core.orchestration.rules.forget_infrastructure import ForgetInfrastructure
from ostinato_core.orchestration.rules.guard_pending import GuardPending
from ostinato_core.orchestration.rules.keep_slots_of_old_clients import KeepSlotsOfOldClients
from ostinato_core.orchestration.rules.let_cancelling_end_in_cancelled import LetCancellingEndInCancelled
from ostinato_core.orchestration.rules.mark_late_only_from_scheduled import MarkLateOnlyFromScheduled
from ostinato_core.orchestration.rules.pause_only_running_flow_runs import PauseOnlyRunningFlowRuns
from ostinato_core.orchestration.rules.preserve_lease import PreserveLease
from ostinato_core.orchestration.rules.protect_results import ProtectResults
from ostinato_core.orchestration.rules.protect_terminal_flow_runs import ProtectTerminalFlowRuns
from ostinato_core.orchestration.rules.protect_terminal_task_runs import ProtectTerminalTaskRuns
from ostinato_core.orchestration.rules.queue_background_runs import QueueBackgroundRuns
from ostinato_core.orchestration.rules.refuse_duplicate_transitions import RefuseDuplicateTransitions
from ostinato_core.orchestration.rules.refuse_stale_attempts import RefuseStaleAttempts
from ostinato_core.orchestration.rules.release_deployment_slot import release_deployment_slot
from ostinato_core.orchestration.rules.release_tag_slots import release_tag_slots
from ostinato_core.orchestration.rules.remember_cached_result import RememberCachedResult
from ostinato_core.orchestration.rules.rename_reruns import RenameReruns
from ostinato_core.orchestration.rules.resume_only_to_run_or_end import ResumeOnlyToRunOrEnd
from ostinato_core.orchestration.rules.retrieve_cached_result import RetrieveCachedResult
from ostinato_core.orchestration.rules.retry_crashed_flow_runs import RetryCrashedFlowRuns
from ostinato_core.orchestration.rules.retry_failed_flow_runs import RetryFailedFlowRuns
from ostinato_core.orchestration.rules.retry_failed_task_runs import RetryFailedTaskRuns
from ostinato_core.orchestration.rules.run_tasks_only_in_running_flows import RunTasksOnlyInRunningFlows
from ostinato_core.orchestration.rules.secure_deployment_slot import SecureDeploymentSlot
from ostinato_core.orchestration.rules.secure_tag_slots import SecureTagSlots
from ostinato_core.orchestration.rules.take_ended_runs_only_when_scheduled import TakeEndedRunsOnlyWhenScheduled
from ostinato_core.orchestration.rules.track_flow_run_count import TrackFlowRunCount
from ostinato_core.orchestration.rules.wait_for_scheduled_time import WaitForScheduledTime
from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transforms import FLOW_RUN_TRANSFORMS, TASK_RUN_TRANSFORMS
from ostinato_core.orchestration.transition import FlowRunFacts, TaskRunFacts

_FLOW_TRANSFORMS = (*FLOW_RUN_TRANSFORMS, keep_attempts, release_deployment_slot)  # 17
_TASK_TRANSFORMS = (*TASK_RUN_TRANSFORMS, release_tag_slots)

FLOW_CORE = Policy[FlowRunFacts](
    "flow run, core",
    (
        PreserveLease(),  # 1
        RefuseDuplicateTransitions(),  # 2
        RefuseStaleAttempts(),
        ProtectTerminalFlowRuns(),  # 3
        TakeEndedRunsOnlyWhenScheduled(),
        LetCancellingEndInCancelled(),  # 4
        CancelWithoutInfrastructure(),  # 5
        GuardPending[FlowRunFacts](),  # 6
        CheckLeaseAtStart(),  # 7
        SecureDeploymentSlot(),  # 8
        KeepSlotsOfOldClients(),  # 9
        MarkLateOnlyFromScheduled(),  # 10
        PauseOnlyRunningFlowRuns(),  # 11
        ResumeOnlyToRunOrEnd(),  # 12
        CopyScheduledTime[FlowRunFacts](),  # 13
        WaitForScheduledTime[FlowRunFacts](),  # 14
        RetryFailedFlowRuns(),  # 15
        RetryCrashedFlowRuns(),
    ),
    _FLOW_TRANSFORMS,
)
"""What clients propose."""

FLOW_MINIMAL = Policy[FlowRunFacts](
    "flow run, minimal",
    (
        RefuseStaleAttempts(forced=True),
        ProtectResults(),
        CancelWithoutInfrastructure(),
        RetryCrashedFlowRuns(forced=True),
    ),
    _FLOW_TRANSFORMS,
)
"""What is forced: first states, `force: true`, and what the server itself decides."""

FLOW_AGAIN = Policy[FlowRunFacts]("flow run, again", (ForgetInfrastructure(),), _FLOW_TRANSFORMS)
"""What the loop that takes runs back from workers decides."""

FLOW_LATE = Policy[FlowRunFacts](
    "flow run, late", (MarkLateOnlyFromScheduled(), CancelNewWhenLate()), (*FLOW_RUN_TRANSFORMS, keep_attempts)
)
"""What the loop that marks late runs proposes."""

TASK_CORE = Policy[TaskRunFacts](
    "task run, core",
    (
        RetrieveCachedResult(),  # 1
        ProtectTerminalTaskRuns(),  # 2
        CancelWaitingTaskRuns(),
        RunTasksOnlyInRunningFlows(),  # 3
        SecureTagSlots(),  # 4
        CopyScheduledTime[TaskRunFacts](),  # 5
        WaitForScheduledTime[TaskRunFacts](),  # 6
        RetryFailedTaskRuns(),  # 7
        RenameReruns(),  # 8
        TrackFlowRunCount(),  # 9
        RememberCachedResult(),  # 10
    ),
    _TASK_TRANSFORMS,
)
"""What clients propose."""

TASK_BACKGROUND = Policy[TaskRunFacts](
    "task run, background",
    (
        GuardPending[TaskRunFacts](),  # 1
        RetrieveCachedResult(),  # 2
        ProtectTerminalTaskRuns(),  # 3
        CancelWaitingTaskRuns(),
        CopyScheduledTime[TaskRunFacts](),  # 4
        CopyTaskParametersId(),  # 5
        WaitForScheduledTime[TaskRunFacts](),  # 6
        RetryFailedTaskRuns(),  # 7
        RenameReruns(),  # 8
        TrackFlowRunCount(),  # 9
        RememberCachedResult(),  # 10
        QueueBackgroundRuns(),  # 12
    ),
    _TASK_TRANSFORMS,
)
"""What is proposed for task runs that a background worker executes (`state_details.deferred`)."""

TASK_CLIENT = Policy[TaskRunFacts](
    "task run, client side",
    (
        RetrieveCachedResult(),  # 1
        ProtectTerminalTaskRuns(),  # 2
        RunTasksOnlyInRunningFlows(),  # 3
        CopyScheduledTime[TaskRunFacts](),  # 4
        WaitForScheduledTime[TaskRunFacts](),  # 5
        RetryFailedTaskRuns(),  # 6
        RenameReruns(),  # 7
        TrackFlowRunCount(),  # 8
        RememberCachedResult(),  # 9
    ),
    _TASK_TRANSFORMS,
)
"""What clients decide that orchestrate task runs themselves; not reachable by REST."""

TASK_MINIMAL = Policy[TaskRunFacts]("task run, minimal", (CancelWaitingTaskRuns(),), _TASK_TRANSFORMS)
"""What is forced: first states, `force: true`, and copies of a sub-flow run's states."""


def flow_run_policy(*, force: bool = False) -> Policy[FlowRunFacts]:
    """Return the policy for a proposed state of a flow run."""
    return FLOW_MINIMAL if force else FLOW_CORE


def task_run_policy(proposed: RunState, *, force: bool = False) -> Policy[TaskRunFacts]:
    """Return the policy for a proposed state of a task run; deferred ones go by the background policy always."""
    if proposed.details.get("deferred"):
        return TASK_BACKGROUND
    return TASK_MINIMAL if force else TASK_CORE
