"""One background run in a task worker: taken, called by the engine, and given back where it cannot be finished here."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ostinato.context import tags
from ostinato.engine.events import missing_tags, related_resource
from ostinato.engine.outcomes import exception_to_crashed_state
from ostinato.engine.steps import Emit, Plan, Request
from ostinato.engine.task_plan import TaskRunEngine, find_all
from ostinato.engine.task_run import TaskRun, new_state
from ostinato.futures import OstinatoDistributedFuture, futures_in
from ostinato.states import State
from ostinato_wire.states import SetStateStatus, StateCreate, StateDetails, StateType

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato.client.runs import TaskRun as ServersTaskRun
    from ostinato.exceptions import UpstreamTaskError
    from ostinato.task_workers.cancelling import Cancellation
    from ostinato.task_workers.parameters import StoredCall
    from ostinato.tasks import Task
    from ostinato_wire.states import OrchestrationResult

# Any below: arguments and results of users' functions, and tasks of whatever type.

logger = logging.getLogger("ostinato.task_worker")


class BackgroundRunEngine(TaskRunEngine):
    """The engine of a run that is pending already. What cannot start has failed: nobody else will look after it."""

    def __init__(self, task: Task[..., Any], task_run: TaskRun, call: StoredCall, cancellation: Cancellation) -> None:
        upstreams, _ = find_all(call.parameters, call.wait_for or None)
        prints = task.prints() if call.log_prints is None else call.log_prints
        super().__init__(task, task_run, dict(call.parameters), upstreams, call.wait_for, prints)
        self._cancellation = cancellation

    def _begin(self) -> Plan[None]:
        yield from ()

    def _not_ready(self, error: UpstreamTaskError) -> Plan[None]:
        yield from self._finish(new_state(StateType.FAILED, "NotReady", str(error), error, self._details()))

    def _state_of_interruption(self, error: BaseException) -> State:
        if self._cancellation.is_delivered:
            return cancelled_state(self.task_run)
        return super()._state_of_interruption(error)


def cancelled_state(run: TaskRun) -> State:
    """Return the last state of a run that was cancelled."""
    details = StateDetails(task_run_id=run.id)
    return new_state(StateType.CANCELLED, message="The task worker has ended the run.", details=details)


def parameters_id_of(run: ServersTaskRun) -> UUID | None:
    """Return the id under which the run's parameters are stored."""
    return run.state.state_details.task_parameters_id if run.state is not None else None


def take_plan(run: ServersTaskRun, taker: str) -> Plan[State | None]:
    """Take the run by making it PENDING; return the state, or None if it is somebody else's or was ended meanwhile.

    `taker` is unlike any other's: the state is recognised by it where the answer to the first attempt was lost.
    """
    message = f"Taken by task worker {taker}"
    details = StateDetails(deferred=True, task_parameters_id=parameters_id_of(run))
    proposed = StateCreate(type=StateType.PENDING, message=message, state_details=details)
    answer: OrchestrationResult = yield Request("set_task_run_state", {"task_run_id": run.id, "state": proposed})
    state = answer.state
    if answer.status is not SetStateStatus.ACCEPT:
        now: ServersTaskRun = yield Request("read_task_run", {"task_run_id": run.id})
        state = now.state
    if state is None or state.type is not StateType.PENDING or state.message != message:
        return None
    return State.from_wire(state)


def give_back_plan(run: ServersTaskRun, reason: str, *, is_cancelled: bool) -> Plan[None]:
    """Let another worker have the run: it is scheduled again, before those that were never tried.

    One that is to be cancelled ends.
    """
    details = StateDetails(deferred=True, task_parameters_id=parameters_id_of(run), scheduled_time=run.created)
    proposed = StateCreate(type=StateType.SCHEDULED, name="AwaitingRetry", message=reason, state_details=details)
    if is_cancelled:
        proposed = StateCreate(type=StateType.CANCELLED, message=reason)
    yield Request("set_task_run_state", {"task_run_id": run.id, "state": proposed})


def local_run(run: ServersTaskRun, pending: State, related: list[dict[str, str]]) -> TaskRun:
    """Return the run as the engine moves it, in the state by which it was taken."""
    if not related and run.flow_run_id is not None:
        related = [related_resource("flow-run", str(run.flow_run_id))]
    local = TaskRun(
        id=run.id,
        name=run.name,
        task_key=run.task_key,
        dynamic_key=run.dynamic_key,
        flow_run_id=run.flow_run_id,
        empirical_policy=run.empirical_policy.model_dump(mode="json"),
        tags=sorted(run.tags),
        task_inputs={name: [edge.model_dump(mode="json") for edge in edges] for name, edges in run.task_inputs.items()},
        expected_start_time=run.expected_start_time or pending.timestamp,
        task_version=run.task_version,
        flow_run_run_count=run.flow_run_run_count,
        related=[*related, *missing_tags(sorted(run.tags), related)],
        labels=dict(run.labels or {}),
        run_count=run.run_count,
        start_time=run.start_time,
        total_run_time=run.total_run_time.total_seconds(),
    )
    local.state = State.from_wire(run.state) if run.state is not None else None
    return local


def pending_plan(local: TaskRun, pending: State) -> Plan[None]:
    """Tell by an event of the state by which the run was taken, as of those that follow."""
    yield Emit(local.move_to(pending))


def crash_plan(local: TaskRun, error: BaseException) -> Plan[None]:
    """End a run whose function cannot be called."""
    details = StateDetails(task_run_id=local.id)
    state = exception_to_crashed_state(error, details)
    state.message = f"The task worker could not execute the run: {type(error).__name__}: {error}"
    yield Emit(local.move_to(state))


def cancel_plan(local: TaskRun) -> Plan[None]:
    """End a run that was cancelled before its function was called."""
    yield Emit(local.move_to(cancelled_state(local)))


def upstreams_of(call: StoredCall) -> list[OstinatoDistributedFuture[Any]]:
    """Return the runs of task workers that the call depends on."""
    found = [*futures_in(call.parameters), *futures_in(call.wait_for)]
    return [future for future in found if isinstance(future, OstinatoDistributedFuture)]


def plan_of(task: Task[..., Any], local: TaskRun, call: StoredCall, cancellation: Cancellation) -> Plan[State]:
    """Execute the run under the tags that were in force where it was delayed."""
    with tags(*call.tags):
        return (yield from BackgroundRunEngine(task, local, call, cancellation).plan())
