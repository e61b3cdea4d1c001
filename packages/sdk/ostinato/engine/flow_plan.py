"""What happens when a flow runs, step by step (sdk.md, 6.2). The server accepts or refuses each of its states."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from uuid_utils.compat import uuid7

from ostinato.context import FlowRunContext, TagsContext
from ostinato.engine import termination
from ostinato.engine.arguments import Upstreams, await_upstreams, find_upstreams
from ostinato.engine.block_parameters import load_blocks
from ostinato.engine.deployment_slot import holding_slot, lease_of
from ostinato.engine.endings import patiently, propose_end
from ostinato.engine.events import related_to_flow_run
from ostinato.engine.flow_logs import log_begin, log_end, log_stop
from ostinato.engine.heartbeat import Heartbeats
from ostinato.engine.hooks import Hook, LoggerLike, run_hooks
from ostinato.engine.links import ResultLinks
from ostinato.engine.outcomes import (
    details_of,
    exception_to_crashed_state,
    exception_to_failed_state,
    return_value_to_state,
)
from ostinato.engine.persistence import flow_store, keep_result
from ostinato.engine.proposals import pending, propose
from ostinato.engine.steps import Call, ConsumerGone, Offload, Plan, Request, Sleep, Wait
from ostinato.engine.streams import collect, stream
from ostinato.engine.subflows import ParentLink, find_earlier_child, find_stored_child, track
from ostinato.engine.task_run import new_state
from ostinato.engine.validation import serialize
from ostinato.exceptions import (
    Abort,
    ParameterBindError,
    ParameterTypeError,
    Pause,
    SignatureMismatchError,
    UpstreamTaskError,
)
from ostinato.futures import futures_in
from ostinato.states import InMemoryResult, State, has_value
from ostinato_wire.states import StateType

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato.flows import Flow
    from ostinato.results import ResultStore
    from ostinato_wire.flow_runs import FlowRun

# Any below: arguments and results of users' functions.

Produce: TypeAlias = Callable[[Call], Plan[Any]]

PENDING_PAUSE = 0.2
"""Seconds until a start that the server holds back is proposed again."""


class FlowRunEngine:
    """One flow run: its plan, and what the plan knows so far. Made where the caller stands."""

    def __init__(
        self,
        flow: Flow[..., Any],
        parameters: dict[str, Any],
        wait_for: Iterable[Any] | None,
        log_prints: bool,
        existing: FlowRun | None = None,
        stored: Callable[[], dict[str, Any]] | None = None,
    ) -> None:
        """`existing`: a run that the server has already; `stored` binds its parameters, or raises."""
        self.flow = flow
        self.state: State | None = None
        self._parameters = parameters
        self._stored = stored
        self._wait_for = list(wait_for or ())
        self._log_prints = log_prints
        self._parent = FlowRunContext.get()
        self._parent_link: ParentLink | None = None
        self._tags = sorted(TagsContext.current())
        self._upstreams = self._find_upstreams()
        self._run = existing
        self._lease: UUID | None = lease_of(existing) if existing is not None else None
        self._child_results: dict[tuple[str, str], State] = {}
        self._store: ResultStore | None = None
        self._persists = False
        self._end_is_kept = False

    def plan(self) -> Plan[State]:
        """Run the flow and return its last state; a generator's items become a list."""
        return self._plan(collect if self.flow.isgenerator else _call)

    def item_plan(self) -> Plan[State]:
        """Run a generator flow, delivering each item as it comes."""
        return self._plan(stream)

    @property
    def flow_run(self) -> FlowRun:
        """The run as the server knows it."""
        if self._run is None:
            raise RuntimeError("The flow run has not been created yet.")
        return self._run

    def _find_upstreams(self) -> dict[str, Upstreams]:
        links = self._parent.links if self._parent is not None else None
        found = {name: find_upstreams(value, links) for name, value in self._parameters.items()}
        return {name: upstreams for name, upstreams in found.items() if upstreams is not None}

    def _plan(self, produce: Produce) -> Plan[State]:
        try:
            earlier = yield from self._create()
            if earlier is not None:
                self.state = earlier
            elif (yield from self._prepare()) and (yield from self._begin()):
                yield from self._attempts(produce)
            if self._parent is not None and self._parent_link is not None and self.state is not None:
                self._parent_link.remember(self._parent, self.state)
        except GeneratorExit:
            raise
        except (Abort, Pause) as signal:
            if self._run is not None:
                log_stop(self._logger(), signal, is_own=self._is_own(signal))
            raise
        except BaseException as error:
            if termination.intent() is None:
                yield from self._crash(error)
            else:
                yield from self._leave(termination.intent())
            raise
        finally:
            if self._run is not None:
                Heartbeats.instance().stop(self._run.id)
                self._forget_begun(self._run.id)
        if self.state is None:
            raise RuntimeError("The flow run has no state.")
        return self.state

    @staticmethod
    def _forget_begun(run_id: UUID) -> None:
        from ostinato.journal.notes import forget_begun

        forget_begun(run_id)

    def _logger(self) -> LoggerLike:
        from ostinato.logging import flow_run_logger

        return flow_run_logger(self.flow_run, self.flow)

    def _create(self) -> Plan[State | None]:
        """Make the run on the server; for a sub-flow that ended before, return its state instead."""
        if self._run is not None:
            policy = self._run.empirical_policy.model_copy(
                update={"retries": self.flow.retries, "retry_delay": int(self.flow.retry_delay_seconds)}
            )
            changes = {"flow_version": self.flow.version, "empirical_policy": policy}
            yield Request("update_flow_run", {"flow_run_id": self._run.id, **changes})
            return None
        if self._parent is not None:
            edges = {name: upstreams.edges() for name, upstreams in self._upstreams.items()}
            self._parent_link = yield from track(self.flow, self._parent, self._tags, edges, self._patiently)
            earlier = find_earlier_child(self._parent_link, self._parent)
            if earlier is None and self._parent.flow_run.run_count > 1:
                earlier = yield from find_stored_child(self._parent_link)
            if earlier is not None:
                return earlier
        creation = Request(
            "create_flow_run",
            {
                "flow": self.flow,
                "parameters": serialize(self.flow.signature.flatten(self._parameters)),
                "tags": self._tags,
                "parent_task_run_id": self._parent_link.task_run_id if self._parent_link else None,
                "state": pending(),
                "empirical_policy": self.flow.wire_policy,
                "idempotency_key": uuid7().hex,  # a creation whose answer is lost is repeated
            },
        )
        self._run = (yield creation) if self._parent is None else (yield from self._patiently(creation))
        return None

    def _patiently(self, request: Request) -> Plan[Any]:
        """Make a request that a run needs to go on; it waits for a server that is away."""
        return patiently(lambda: _request(request), self._any_logger())

    def _any_logger(self) -> LoggerLike:
        """Return the run's logger; before the run is made, that of the flow that calls it."""
        if self._run is None and self._parent is not None:
            from ostinato.logging import flow_run_logger

            return flow_run_logger(self._parent.flow_run, self._parent.flow)
        return self._logger()

    def _prepare(self) -> Plan[bool]:
        """Resolve and validate the parameters and name the run; whether it may start."""
        try:
            yield from await_upstreams(self._parameters, self._upstreams, self._wait_for)
        except UpstreamTaskError as error:
            yield from self._set(new_state(StateType.PENDING, "NotReady", str(error)), force=True)
            self._log_end()
            return False
        try:
            if self._stored is not None:
                self._parameters = self._stored()
            self._parameters = yield from load_blocks(self._parameters)
            if self.flow.should_validate_parameters:
                self._parameters = self.flow.validate_parameters(self._parameters)
        except (ParameterTypeError, ParameterBindError, SignatureMismatchError) as error:
            message = f"Validation of flow parameters failed with error: {type(error).__name__}: {error}"
            self._logger().error(message)
            yield from self._set(new_state(StateType.FAILED, message=message, data=error))
            yield from self._end()
            return False
        try:
            name = self.flow.resolve_run_name(self._parameters)
        except Exception as error:  # noqa: BLE001 - a user's function may raise anything
            self._logger().error("The name of the flow run could not be made: %r", error, exc_info=error)
            yield from self._set(exception_to_failed_state(error, "Flow", details_of("Flow", self.flow_run.id), None))
            yield from self._end()
            return False
        if name is not None:
            yield Request("set_flow_run_name", {"flow_run_id": self.flow_run.id, "name": name})
            self.flow_run.name = name
        return True

    def _set(self, state: State, *, force: bool = False, heartbeat: float | None = None) -> Plan[State]:
        run_id = self.flow_run.id
        if state.is_final():
            from ostinato.journal.notes import current_journal

            journal = current_journal()
            self._end_is_kept = journal is not None
            self.state = yield from propose_end(run_id, state, force, self._logger(), journal)
            self._end_is_kept = False
        else:
            self.state = yield from patiently(
                lambda: propose(run_id, state, force=force, heartbeat=heartbeat), self._logger()
            )
        return self.state

    def _begin(self) -> Plan[bool]:
        """Propose RUNNING until the server decides; whether the run is running."""
        heartbeat = self.flow.heartbeat_frequency
        state = yield from self._set(new_state(StateType.RUNNING), heartbeat=heartbeat)
        while state.type is StateType.PENDING:
            yield Sleep(PENDING_PAUSE)
            state = yield from self._set(new_state(StateType.RUNNING), heartbeat=heartbeat)
        if state.type is not StateType.RUNNING:
            yield from self._end()
            return False
        self._run = yield from self._patiently(Request("read_flow_run", {"flow_run_id": self.flow_run.id}))
        self._lease = lease_of(self.flow_run) or self._lease
        self._store, self._persists = yield from flow_store(self.flow)
        yield from self._call_hooks(self.flow.on_running_hooks)
        return True

    def _attempts(self, produce: Produce) -> Plan[None]:
        """Call the function until the server accepts an end; it asks for a retry by answering SCHEDULED."""
        log_begin(self.flow, self.flow_run, self._parent)
        while True:
            yield from self._attempt(produce)
            if self.state is None or self.state.type is not StateType.SCHEDULED:
                break
            self._logger().info("The run did not end: the server answered %s. It will run again.", self.state)
            if not (yield from self._begin()):
                return
        yield from self._end()

    def _attempt(self, produce: Produce) -> Plan[None]:
        from ostinato.engine.suspension import watch_for_suspension
        from ostinato.journal.notes import note_begun

        run = self.flow_run
        related = related_to_flow_run(run, self.flow.name)
        Heartbeats.instance().start(run.id, run.name, related, self.flow.heartbeat_frequency)
        note_begun(run, related)
        with (
            holding_slot(self._lease),
            watch_for_suspension(run, is_subflow=self._parent is not None) as suspension,
            self.flow.task_runner.duplicate() as runner,
        ):
            context = FlowRunContext(
                flow=self.flow,
                flow_run=run,
                parameters=self._parameters,
                task_runner=runner,
                log_prints=self._log_prints,
                links=ResultLinks(),
                related=related,
                child_results=self._child_results,
                result_store=self._store,
                persist_result=self._persists,
                suspension=suspension,
            )
            outcome = yield from self._outcome(produce, context)
            yield from self._set((yield from keep_result(self.flow, context, outcome, self._logger())))
            if runner.unfinished():
                self._logger().warning(
                    "%s submitted task run(s) had not ended when the flow run did. To have the flow wait for them, "
                    "call `.wait()` or `.result()` on their futures, or return them.",
                    runner.unfinished(),
                )
            yield Offload(runner.close)

    def _outcome(self, produce: Produce, context: FlowRunContext) -> Plan[State]:
        """Call the function once and return the state that its outcome stands for."""
        details = details_of("Flow", self.flow_run.id)
        timeout = self.flow.timeout_seconds
        try:
            args, kwargs = self.flow.signature.call(self._parameters)
            value = yield from produce(Call(self.flow.bound_fn, args, kwargs, context, timeout, self._log_prints))
            for future in futures_in(value):
                yield Wait(future)
            if context.suspension is not None:
                context.suspension.check()
            return return_value_to_state(value, details)
        except (Abort, Pause) as signal:
            if self._is_own(signal):
                raise
            return exception_to_crashed_state(signal, details)  # that of a flow that it called
        except ConsumerGone:
            return new_state(StateType.COMPLETED, data=InMemoryResult(None), details=details)
        except Exception as error:  # noqa: BLE001 - a user's function may raise anything
            state = exception_to_failed_state(error, "Flow", details, timeout)
            self._logger().error("Encountered exception during execution: %r", error, exc_info=error)
            return state

    def _is_own(self, signal: BaseException) -> bool:
        """Whether it is this run that was suspended, by its own function."""
        state = signal.state if isinstance(signal, Pause) else None
        return isinstance(state, State) and state.state_details.flow_run_id == self.flow_run.id

    def _end(self) -> Plan[None]:
        """Tell of the end: in the log, and to the hooks of the state that it is."""
        state = self.state
        if state is None:
            return
        if state.type is StateType.CANCELLING:
            yield from self._call_hooks(self.flow.on_cancellation_hooks)
            how = "successfully" if self.flow_run.run_count else "before execution started"
            message = f"Flow run was cancelled {how}."
            yield from self._set(new_state(StateType.CANCELLED, message=message), force=True)
        self._log_end()
        if state.type is StateType.COMPLETED:
            if self._parent is not None and has_value(state.data):
                self._parent.links.add(state.data.value, ("flow_run", str(self.flow_run.id)))
            yield from self._call_hooks(self.flow.on_completion_hooks)
        elif state.type is StateType.FAILED:
            yield from self._call_hooks(self.flow.on_failure_hooks)
        elif state.type is StateType.CRASHED:
            yield from self._call_hooks(self.flow.on_crashed_hooks)

    def _crash(self, error: BaseException) -> Plan[None]:
        """Tell the server that the run ended from outside; what fails now must not hide `error`."""
        if self._run is None or self._end_is_kept or (self.state is not None and self.state.is_final()):
            return
        details = details_of("Flow", self.flow_run.id)
        try:
            yield from self._set(exception_to_crashed_state(error, details), force=True)
            yield from self._end()
        except Exception:  # noqa: BLE001 - the API may be what is broken
            self._logger().exception("The crash of the flow run could not be reported.")

    def _leave(self, intent: str | None) -> Plan[None]:
        """End as the supervisor of this process wants: it tells the state of its run, but not those of sub-flows."""
        if self._run is None or self._end_is_kept or (self.state is not None and self.state.is_final()):
            return
        if intent != termination.CANCEL:
            self._logger().info("The run was told to stop; its supervisor decides how it goes on.")
            return
        self._logger().info("Flow run was cancelled.")
        cancelling = new_state(StateType.CANCELLING, details=details_of("Flow", self._run.id))
        self.state = cancelling
        try:
            yield from self._call_hooks(self.flow.on_cancellation_hooks)
            if self._parent is not None:
                message = "Flow run was cancelled with the flow run that called it."
                yield from self._set(new_state(StateType.CANCELLED, message=message), force=True)
        except Exception:  # noqa: BLE001 - the API may be what is broken
            self._logger().exception("The cancellation of the flow run could not be reported.")

    def _log_end(self) -> None:
        if self.state is not None:
            log_end(self._logger(), self.state)

    def _call_hooks(self, hooks: list[Hook]) -> Plan[None]:
        if hooks and self.state is not None:
            yield from run_hooks(hooks, self.flow, self.flow_run, self.state, self._logger())


def _call(call: Call) -> Plan[Any]:
    return (yield call)


def _request(request: Request) -> Plan[Any]:
    return (yield request)
