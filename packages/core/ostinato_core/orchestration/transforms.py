"""What every written state does to its run, in the order of the specification. Rules have decided before."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

from ostinato_core.orchestration.states import RunState
from ostinato_core.orchestration.transition import (
    Change,
    CopyToParentTask,
    ExpectHeartbeats,
    FlowRunFacts,
    RunT,
    TaskRunFacts,
)
from ostinato_wire.states import TERMINAL_STATES, StateType

Transform: TypeAlias = Callable[[Change[RunT], RunState], None]
"""Takes the change and the state that will be written."""

KEEPS_RESUMING_SINCE = (0, 8, 4)
"""The version of the wire from which the server, not the client, looks after `empirical_policy.resuming`."""

_TICK = timedelta(microseconds=1)


def give_unique_timestamp(change: Change[RunT], state: RunState) -> None:
    """States of a run have strictly increasing timestamps; a clock that went back or stood still is overruled."""
    if change.initial and state.timestamp <= change.initial.timestamp:
        state.timestamp = change.initial.timestamp + _TICK


def set_start_time(change: Change[RunT], state: RunState) -> None:
    """A run starts when it first enters RUNNING."""
    if state.type is StateType.RUNNING and change.run.start_time is None:
        change.run.start_time = state.timestamp


def set_end_time(change: Change[RunT], state: RunState) -> None:
    """A run ends with its first terminal state, and not any more when it leaves it for one that is not terminal."""
    run = change.run
    if state.type in TERMINAL_STATES:
        if run.end_time is None:
            run.end_time = state.timestamp
            run.start_time = run.start_time or state.timestamp
    elif change.initial and change.initial.type in TERMINAL_STATES:
        run.end_time = None


def add_run_time(change: Change[RunT], state: RunState) -> None:
    """The time spent in RUNNING is added up on leaving it."""
    if change.initial and change.initial.type is StateType.RUNNING:
        change.run.total_run_time += state.timestamp - change.initial.timestamp


def set_expected_start_time(change: Change[RunT], state: RunState) -> None:
    """A run is expected when its first state says."""
    if change.run.expected_start_time is None:
        scheduled = state.scheduled_time() if state.type is StateType.SCHEDULED else None
        change.run.expected_start_time = scheduled or state.timestamp


def set_next_scheduled_start_time(change: Change[RunT], state: RunState) -> None:
    """A run has a next scheduled start while it is SCHEDULED."""
    if state.type is StateType.SCHEDULED:
        change.run.next_scheduled_start_time = state.scheduled_time()
    elif change.initial and change.initial.type is StateType.SCHEDULED:
        change.run.next_scheduled_start_time = None


def name_flow_run(change: Change[FlowRunFacts], state: RunState) -> None:
    """The state names its flow run, and the task run that stands for it in a parent flow."""
    state.details["flow_run_id"] = str(change.run.id)
    if change.run.parent_task_run_id:
        state.details["task_run_id"] = str(change.run.parent_task_run_id)


def name_task_run(change: Change[TaskRunFacts], state: RunState) -> None:
    """The state names its task run and the flow run around it."""
    flow_run_id = change.run.flow_run_id
    state.details["flow_run_id"] = str(flow_run_id) if flow_run_id else None
    state.details["task_run_id"] = str(change.run.id)


def count_flow_run(change: Change[FlowRunFacts], state: RunState) -> None:
    """Entering RUNNING counts, unless a suspended run resumes."""
    if state.type is StateType.RUNNING:
        resumes = change.proposer.api_version >= KEEPS_RESUMING_SINCE and change.run.empirical_policy.get("resuming")
        change.run.run_count += 0 if resumes else 1


def expect_heartbeats(change: Change[FlowRunFacts], state: RunState) -> None:
    """A run that begins tells that it lives as often as its process says."""
    if state.type is StateType.RUNNING and change.proposer.heartbeat is not None:
        change.after.append(ExpectHeartbeats(change.run.id, change.proposer.heartbeat))


def end_resuming(change: Change[FlowRunFacts], state: RunState) -> None:
    """A run that runs, or has ended, does not resume any more."""
    if change.proposer.api_version < KEEPS_RESUMING_SINCE or not change.run.empirical_policy.get("resuming"):
        return
    if state.type is StateType.RUNNING or state.type in TERMINAL_STATES:
        change.set_policy(resuming=False)


def count_task_run(change: Change[TaskRunFacts], state: RunState) -> None:
    """Entering RUNNING counts."""
    if state.type is StateType.RUNNING:
        change.run.run_count += 1


def copy_to_parent_task(change: Change[FlowRunFacts], state: RunState) -> None:
    """The task run that stands for a sub-flow run follows its states."""
    if task_run_id := change.run.parent_task_run_id:
        copied = state.as_new(change.now)
        copied.details["child_flow_run_id"] = str(change.run.id)
        change.after.append(CopyToParentTask(task_run_id, copied))


FLOW_RUN_TRANSFORMS: tuple[Transform[FlowRunFacts], ...] = (
    give_unique_timestamp,
    set_start_time,
    set_end_time,
    add_run_time,
    set_expected_start_time,
    set_next_scheduled_start_time,
    name_flow_run,
    count_flow_run,
    expect_heartbeats,
    end_resuming,
    copy_to_parent_task,
)
"""For flow runs; the copy to the parent comes last because it takes the state as it is written."""

TASK_RUN_TRANSFORMS: tuple[Transform[TaskRunFacts], ...] = (
    give_unique_timestamp,
    set_start_time,
    set_end_time,
    add_run_time,
    set_expected_start_time,
    set_next_scheduled_start_time,
    name_task_run,
    count_task_run,
)
"""For task runs."""
