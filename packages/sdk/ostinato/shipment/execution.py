"""Executing a task run that was sent here, and packing its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ostinato.carrying import deliver, hydrated_context
from ostinato.context import FlowRunContext
from ostinato.engine.drivers import drive, drive_to_end
from ostinato.engine.outcomes import details_of, exception_to_failed_state
from ostinato.engine.steps import Emit, Plan
from ostinato.engine.task_plan import TaskRunEngine, find_all
from ostinato.engine.task_run import changed, new_state
from ostinato.exceptions import CrashedRun, SerializationError
from ostinato.shipment.pickling import dump_state, loads
from ostinato_wire.states import StateType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from ostinato.engine.task_run import TaskRun
    from ostinato.shipment.parcels import Parcel
    from ostinato.states import State
    from ostinato.tasks import Task

# Any below: arguments and results of users' functions.


class ShippedRunEngine(TaskRunEngine):
    """The engine of a run that was made, and told to be pending, elsewhere; its outcome must have a pickle."""

    checked: tuple[State, bytes] | None = None
    """The state that was found to have a pickle, and the pickle."""

    def _begin(self) -> Plan[None]:
        yield from ()

    def _end(self, state: State) -> Plan[None]:
        try:
            self._check(state)
        except SerializationError as error:
            state = exception_to_failed_state(error, "Task", self._details(), None)
        yield from super()._end(state)

    def _check(self, state: State) -> None:
        """Raise SerializationError for an outcome that would not arrive, while the run can still fail by it."""
        pickled = dump_state(state)
        if isinstance(state.data, BaseException):
            try:
                loads(pickled)
            except Exception as error:  # noqa: BLE001 - an exception's own constructor is called
                kind = type(state.data).__name__
                raise SerializationError(f"{kind}: {state.data} (which cannot be unpickled: {error})") from state.data
        self.checked = state, pickled

    def outcome(self, state: State) -> bytes:
        """Return the last state, pickled."""
        if self.checked is not None and self.checked[0] is state:
            return self.checked[1]
        try:
            return dump_state(state)
        except SerializationError as error:  # what ended the run outside of its function's own doing
            return dump_state(changed(state, data=CrashedRun(f"{state.message} ({error})")))


def execute(parcel: Parcel, outcomes: Mapping[UUID, bytes]) -> bytes:
    """Execute the run and return its last state, pickled. Nothing that the run does is raised.

    `outcomes` are the pickled states of the runs whose futures are among its arguments.
    """
    try:
        context, nested = loads(parcel.context)
        task: Task[..., Any] = loads(parcel.task)
        parameters, wait_for = loads(parcel.call, outcomes)
    except Exception as error:  # noqa: BLE001 - classes of users decide what unpickling them raises
        return _not_loaded(parcel.run, error)
    with hydrated_context(context, task_runner=nested):
        upstreams, _ = find_all(parameters, wait_for)
        engine = ShippedRunEngine(task, parcel.run, parameters, upstreams, wait_for, parcel.log_prints)
        return engine.outcome(drive_to_end(engine))


def _not_loaded(run: TaskRun, error: Exception) -> bytes:
    text = (
        f"The run could not be loaded in the process that was to execute it: {type(error).__name__}: {error}. "
        "What the task uses must be installed there, too."
    )
    return drive(end_plan(run, crashed_state(run, text)))


def crashed_state(run: TaskRun, reason: str) -> State:
    """Return the last state of a run whose process or machine is gone."""
    return new_state(StateType.CRASHED, message=reason, data=CrashedRun(reason), details=details_of("Task", run.id))


def end_plan(run: TaskRun, state: State) -> Plan[bytes]:
    """Tell of the end of a run for those who executed it; return the state, pickled."""
    from ostinato.logging import task_run_logger

    yield Emit(run.move_to(state))
    flow = FlowRunContext.get()
    logger = task_run_logger(run, flow_run=flow.flow_run if flow else None, flow=flow.flow if flow else None)
    logger.error("Finished in state %s", state)
    return dump_state(state)


def execute_and_deliver(parcel: Parcel, ids: list[UUID], outcomes: list[bytes]) -> bytes:
    """Execute the run in a process of a cluster; return its outcome when its events and log lines are delivered."""
    try:
        return execute(parcel, dict(zip(ids, outcomes, strict=True)))
    finally:
        deliver()
