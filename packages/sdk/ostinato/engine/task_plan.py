"""What happens when a task runs, step by step (sdk.md, 8.4 and 11.1). No request is made: each state is an event."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from uuid_utils.compat import uuid4, uuid7

from ostinato.context import FlowRunContext, TagsContext, TaskRunContext
from ostinato.engine import timeouts
from ostinato.engine.arguments import Upstreams, await_upstreams, find_upstreams
from ostinato.engine.assets import concerns_assets, tell_of_assets
from ostinato.engine.events import missing_tags, related_resource
from ostinato.engine.hooks import LoggerLike, run_hooks
from ostinato.engine.outcomes import (
    details_of,
    exception_to_crashed_state,
    exception_to_failed_state,
    return_value_to_state,
)
from ostinato.engine.persistence import task_persists
from ostinato.engine.steps import Call, ConsumerGone, Emit, Plan, Sleep, Wait
from ostinato.engine.streams import collect, stream
from ostinato.engine.task_run import TaskRun, new_state
from ostinato.engine.task_transactions import TaskTransaction, needs_transaction
from ostinato.exceptions import UpstreamTaskError
from ostinato.futures import futures_in
from ostinato.states import InMemoryResult, State, has_value
from ostinato_wire.states import StateDetails, StateType

if TYPE_CHECKING:
    from ostinato.engine.assets import AssetMetadata
    from ostinato.tasks import Task

# Any below: arguments and results of users' functions.

Produce: TypeAlias = Callable[[Call], Plan[Any]]


class TaskRunEngine:
    """One task run: its plan, and what the plan knows so far."""

    def __init__(
        self,
        task: Task[..., Any],
        task_run: TaskRun,
        parameters: dict[str, Any],
        upstreams: dict[str, Upstreams],
        wait_for: Iterable[Any] | None,
        log_prints: bool,
    ) -> None:
        self.task = task
        self.task_run = task_run
        self._parameters = parameters
        self._upstreams = upstreams
        self._wait_for = list(wait_for or ())
        self._log_prints = log_prints
        self._flow_context = FlowRunContext.get()
        self._persists = task_persists(task)
        self._context: TaskRunContext
        self._asset_metadata: AssetMetadata = {}
        self._transaction: TaskTransaction | None = None

    def plan(self) -> Plan[State]:
        """Run the task and return its last state; a generator's items become a list."""
        return self._plan(collect if self.task.isgenerator else _call)

    def item_plan(self) -> Plan[State]:
        """Run a generator task, delivering each item as it comes."""
        return self._plan(stream)

    def _plan(self, produce: Produce) -> Plan[State]:
        run = self.task_run
        try:
            yield from self._begin()
            if (yield from self._prepare()):
                yield from self._run_in_slots(produce)
        except GeneratorExit:
            raise
        except ConsumerGone:
            yield from self._end(new_state(StateType.COMPLETED, data=InMemoryResult(None), details=self._details()))
        except BaseException as error:
            if run.state is None or not run.state.is_final():
                if self._transaction is not None:
                    yield from self._transaction.roll_back()
                yield from self._finish(self._state_of_interruption(error))
            raise
        if run.state is None:
            raise RuntimeError("The task run has no state.")
        return run.state

    def _begin(self) -> Plan[None]:
        """Tell of the run's first state."""
        yield Emit(self.task_run.move_to(new_state(StateType.PENDING)))

    def _not_ready(self, error: UpstreamTaskError) -> Plan[None]:
        """Tell that the run does not start, since a run that it depends on did not complete."""
        details = self._details()
        yield Emit(self.task_run.move_to(new_state(StateType.PENDING, "NotReady", str(error), details=details)))
        self._logger().error("Finished in state %s", self.task_run.state)

    def _state_of_interruption(self, error: BaseException) -> State:
        """Return the last state of a run that `error` ended from outside of its function's own doing."""
        return exception_to_crashed_state(error, self._details())

    def _details(self) -> StateDetails:
        return details_of("Task", self.task_run.id)

    def _logger(self) -> LoggerLike:
        from ostinato.logging import task_run_logger

        context = self._flow_context
        return task_run_logger(
            self.task_run,
            self.task,
            flow_run=context.flow_run if context else None,
            flow=context.flow if context else None,
        )

    def _prepare(self) -> Plan[bool]:
        """Wait for what the run depends on and resolve its parameters; whether it is ready to run."""
        try:
            if self._upstreams or self._wait_for:
                yield from await_upstreams(self._parameters, self._upstreams, self._wait_for or ())
        except UpstreamTaskError as error:
            yield from self._not_ready(error)
            return False
        try:
            self.task_run.name = self.task.resolve_run_name(self._parameters) or self.task_run.name
        except Exception as error:  # noqa: BLE001 - a user's function may raise anything
            self._logger().error("The name of the task run could not be made: %r", error, exc_info=error)
            yield from self._finish(exception_to_failed_state(error, "Task", self._details(), None))
            return False
        return True

    def _run_in_slots(self, produce: Produce) -> Plan[None]:
        if not self.task_run.tags:
            yield from self._run(produce)
            return
        from ostinato.engine.tag_slots import TagSlots  # here: tasks without tags need none of what it imports

        slots = TagSlots(self.task_run)
        yield from slots.take()
        try:
            yield from self._run(produce)
        except GeneratorExit:
            slots.stop_renewing()
            raise
        except BaseException:
            yield from slots.give_back()
            raise
        yield from slots.give_back()

    def _run(self, produce: Produce) -> Plan[None]:
        call = self._make_call()
        run_name: str | None = None
        while True:
            yield Emit(self.task_run.move_to(new_state(StateType.RUNNING, run_name)))
            yield from self._call_hooks(self.task.on_running_hooks)
            state = yield from self._attempt(produce, call)
            if state.type is not StateType.FAILED:
                break
            delay = yield from self._next_delay(state)
            if delay is None:
                break
            if self._transaction is not None:
                yield from self._transaction.roll_back(retried=True)
            if delay > 0:
                yield from self._await_retry(delay)
            run_name = "Retrying"
        yield from self._end(state)

    def _end(self, state: State) -> Plan[None]:
        """End the run's transaction, if it is one, then tell of the end."""
        transaction = self._transaction
        if transaction is None:
            yield from self._finish(state)
            return
        if state.type is not StateType.COMPLETED:
            state = yield from transaction.fail(state)
        else:
            state = yield from transaction.succeed(state)
        yield from self._finish(state)
        yield from transaction.told()

    def _make_call(self) -> Call:
        args, kwargs = self.task.signature.call(self._parameters)
        context = self._context = TaskRunContext(
            task=self.task,
            task_run=self.task_run,
            parameters=self._parameters,
            log_prints=self._log_prints,
            outer=TaskRunContext.get(),
            persist_result=self._persists,
            asset_metadata=self._asset_metadata,
        )
        timeout = self.task.timeout_seconds
        if timeout and not self.task.isasync and not timeouts.can_interrupt_blocking_calls():
            self._logger().warning(
                "The time limit of a task in a worker thread cannot interrupt blocking calls; "
                "it takes effect when the call returns."
            )
        return Call(self.task.bound_fn, args, kwargs, context, timeout, self._log_prints)

    def _attempt(self, produce: Produce, call: Call) -> Plan[State]:
        """Call the function once and return the state that its outcome stands for; that of a stored result at once."""
        context = self._context
        self._transaction = context.transaction = None
        try:
            persists = self._persists and produce is not stream  # nobody has all items of a stream
            if needs_transaction(self.task, persists, context.outer):
                self._transaction = self._make_transaction(context, persists=persists)
                stored = yield from self._transaction.begin()
                if stored is not None:
                    return stored
            value = yield from produce(call)
            for future in futures_in(value):
                yield Wait(future)
            return return_value_to_state(value, self._details())
        except Exception as error:  # noqa: BLE001 - a user's function may raise anything
            return exception_to_failed_state(error, "Task", self._details(), call.timeout)
        finally:
            if self._transaction is None and context.transaction is not None:  # somebody needed it meanwhile
                self._transaction = self._make_transaction(context)

    def _make_transaction(self, context: TaskRunContext, *, persists: bool = False) -> TaskTransaction:
        return TaskTransaction(context, self._details(), self._logger(), persists=persists)

    def _next_delay(self, state: State) -> Plan[float | None]:
        """Return the seconds until the run starts again, None if it does not; log which."""
        policy = self.task.retry_policy
        retry = self.task_run.run_count
        reason = _reason(state)
        if retry > policy.retries or not (yield from self._may_retry(state)):
            exhausted = " - Retries are exhausted" if policy.retries else ""
            error = state.data if isinstance(state.data, BaseException) else None
            self._logger().error("Task run failed with %s%s", reason, exhausted, exc_info=error)
            return None
        delay = policy.delay_before(retry)
        when = f"{delay:g} second(s) from now" if delay else "immediately"
        self._logger().info("Task run failed with %s - Retry %s/%s will start %s", reason, retry, policy.retries, when)
        return delay

    def _may_retry(self, state: State) -> Plan[bool]:
        condition = self.task.retry_condition_fn
        if condition is None:
            return True
        try:
            return bool((yield Call(condition, (self.task, self.task_run, state))))
        except Exception:  # noqa: BLE001 - a user's function may raise anything
            self._logger().exception("The retry condition raised an error; the task run is not retried.")
            return False

    def _await_retry(self, delay: float) -> Plan[None]:
        state = new_state(StateType.SCHEDULED, "AwaitingRetry")
        state.state_details = StateDetails(scheduled_time=state.timestamp + timedelta(seconds=delay))
        yield Emit(self.task_run.move_to(state))
        yield Sleep(delay)

    def _finish(self, state: State) -> Plan[None]:
        yield Emit(self.task_run.move_to(state))
        if concerns_assets(self.task, self._flow_context):
            yield from tell_of_assets(self.task, self.task_run, state, self._flow_context, self._asset_metadata)
        if state.type is StateType.COMPLETED:
            if self._flow_context is not None and has_value(state.data):
                self._flow_context.links.add(state.data.value, ("task_run", str(self.task_run.id)))
            self._logger().info("Finished in state %s", state)
            yield from self._call_hooks(self.task.on_completion_hooks)
            return
        self._logger().error("Finished in state %s", state)
        if state.type is StateType.FAILED:
            yield from self._call_hooks(self.task.on_failure_hooks)

    def _call_hooks(self, hooks: list[Callable[..., Any]]) -> Plan[None]:
        state = self.task_run.state
        if hooks and state is not None:
            yield from run_hooks(hooks, self.task, self.task_run, state, self._logger())


def _call(call: Call) -> Plan[Any]:
    return (yield call)


def _reason(state: State) -> str:
    return f"exception: {state.data!r}" if isinstance(state.data, BaseException) else f"state: {state}"


def find_all(
    parameters: dict[str, Any], wait_for: Iterable[Any] | None
) -> tuple[dict[str, Upstreams], dict[str, list[dict[str, str]]]]:
    """Return what each parameter depends on, if anything, and the edges of the run."""
    context = FlowRunContext.get()
    links = context.links if context is not None else None
    upstreams: dict[str, Upstreams] = {}
    edges: dict[str, list[dict[str, str]]] = {}
    for name, value in parameters.items():
        found = find_upstreams(value, links)
        if found is not None:
            upstreams[name] = found
        edges[name] = found.edges() if found is not None else []
    if wait_for is not None:
        found = find_upstreams(list(wait_for), None)
        edges["wait_for"] = found.edges() if found is not None else []
    return upstreams, edges


def new_task_run(task: Task[..., Any], edges: dict[str, list[dict[str, str]]]) -> TaskRun:
    """Return the record of a new run of `task`, called where the caller stands."""
    context, parent, tags = FlowRunContext.get(), TaskRunContext.get(), TagsContext.current()
    tags = sorted(task.tags | tags) if tags else task.sorted_tags
    related = context.related if context is not None else []
    if parent is not None:
        edges["__parents__"] = [{"input_type": "task_run", "id": str(parent.task_run.id)}]
        related = [*related, related_resource("task-run", str(parent.task_run.id), parent.task_run.name)]
    if tags:
        related = [*related, *missing_tags(tags, related)]
    key = str(uuid4())
    return TaskRun(
        id=uuid7(),
        name=f"{task.name}-{key[:3]}" if context is not None else task.name,
        task_key=task.task_key,
        dynamic_key=key if context is not None else f"{task.task_key}-{key.replace('-', '')}",
        flow_run_id=context.flow_run.id if context is not None else None,
        empirical_policy=task.wire_policy,
        tags=tags,
        task_inputs=edges,
        expected_start_time=datetime.now(UTC),
        task_version=task.version,
        flow_run_run_count=context.flow_run.run_count if context is not None else 0,
        related=related,
    )
