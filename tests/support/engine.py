"""A server in memory for tests of the engine: it accepts states as the real one does, and keeps every event."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Condition
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from ostinato.client.runs import FlowRun as ClientFlowRun
from ostinato_wire.admin import DefaultResultStorage
from ostinato_wire.concurrency import ConcurrencyLimitWithLeaseResponse, MinimalConcurrencyLimitResponse
from ostinato_wire.flow_runs import FlowRun, FlowRunFilter, FlowRunPolicy
from ostinato_wire.states import (
    OrchestrationResult,
    SetStateStatus,
    State,
    StateAcceptDetails,
    StateCreate,
    StateRejectDetails,
    StateType,
    StateWaitDetails,
)
from ostinato_wire.task_runs import TaskRun

Answer = Callable[[FlowRun, StateCreate], OrchestrationResult | None]
"""Decides on a proposed state; None leaves the decision to the next rule."""


class FakeServer:
    """Flow runs, their states, and the events of task runs."""

    def __init__(self) -> None:
        self.flow_runs: dict[UUID, FlowRun] = {}
        self.states: dict[UUID, list[State]] = {}
        self.forced: list[str] = []
        self.tracking_runs: list[TaskRun] = []
        self.inputs: list[Mapping[str, Any]] = []  # Any: JSON
        self.requests: list[str] = []
        self.events: list[Mapping[str, Any]] = []  # Any: JSON
        self.rules: list[Answer] = []
        self.default_storage: UUID | None = None
        self.limits: list[MinimalConcurrencyLimitResponse] = []
        self.asked_slots: list[Mapping[str, Any]] = []  # Any: keywords of the client's method
        self.released: list[UUID] = []
        self._changed = Condition()

    @property
    def only_flow_run(self) -> FlowRun:
        """The one flow run that there is."""
        (run,) = self.flow_runs.values()
        return run

    def state_names(self, run: FlowRun | None = None) -> list[str | None]:
        """The names of the states that the run went through."""
        return [state.name for state in self.states[(run or self.only_flow_run).id]]

    def last_state(self, run: FlowRun | None = None) -> State:
        """The state that the run is in."""
        return self.states[(run or self.only_flow_run).id][-1]

    def send(self, event: Mapping[str, Any]) -> None:  # Any: JSON
        """Take an event, as the events worker does."""
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait_for_event(self, name: str) -> None:
        """Wait until an event of that name has been sent."""
        with self._changed:
            assert self._changed.wait_for(lambda: any(event["event"] == name for event in self.events), 10)

    @property
    def task_events(self) -> list[Mapping[str, Any]]:  # Any: JSON
        """The events of task runs, in order."""
        return [event for event in self.events if event["event"].startswith("prefect.task-run.")]

    def task_states(self) -> dict[str, list[str]]:
        """The names of the states of each task run, by the run's key."""
        found: dict[str, list[str]] = {}
        for event in self.task_events:
            found.setdefault(event["resource"]["prefect.resource.id"], []).append(event["event"].split(".")[-1])
        return found

    def only_task_states(self) -> list[str]:
        """The names of the states of the one task run that there is."""
        (states,) = self.task_states().values()
        return states

    # What the engine asks of a client.

    def create_flow_run(
        self,
        flow: Any,  # Any: whatever has a name
        parameters: dict[str, Any],  # Any: JSON
        tags: list[str],
        parent_task_run_id: UUID | None,
        state: StateCreate,
        empirical_policy: FlowRunPolicy,
        idempotency_key: str | None = None,
    ) -> FlowRun:
        """Make a run named after its flow."""
        run = FlowRun(
            id=uuid7(),
            created=None,
            updated=None,
            name=f"{flow.name}-run-{len(self.flow_runs)}",
            flow_id=uuid7(),
            parameters=parameters,
            tags=tags,
            parent_task_run_id=parent_task_run_id,
            empirical_policy=empirical_policy,
        )
        self.flow_runs[run.id] = run
        self.states[run.id] = []
        self._write(run, state)
        return run.model_copy()

    def create_task_run(self, task: Any, name: str, flow_run_id: UUID, dynamic_key: str, **rest: Any) -> TaskRun:
        """Make the task run of a sub-flow, or find it."""  # Any: as the client takes it
        self.inputs.append(rest["task_inputs"])
        for run in self.tracking_runs:
            if (run.flow_run_id, run.task_key, run.dynamic_key) == (flow_run_id, task.task_key, dynamic_key):
                return run
        run = TaskRun(
            id=uuid7(),
            created=None,
            updated=None,
            name=name,
            flow_run_id=flow_run_id,
            task_key=task.task_key,
            dynamic_key=dynamic_key,
        )
        self.tracking_runs.append(run)
        return run

    def increment_concurrency_slots_with_lease(
        self, names: list[str], slots: int, **rest: Any
    ) -> ConcurrencyLimitWithLeaseResponse:
        """Grant slots of the limits that the test made, under a new lease."""  # Any: as the client takes it
        self.asked_slots.append({"names": names, "slots": slots, **rest})
        limits = [limit for limit in self.limits if limit.name in names]
        return ConcurrencyLimitWithLeaseResponse(lease_id=uuid7(), limits=limits)

    def release_concurrency_slots_with_lease(self, lease_id: UUID) -> None:
        """Take slots back."""
        self.released.append(lease_id)

    def read_flow_run(self, flow_run_id: UUID) -> FlowRun:
        """Return a run."""
        return self.flow_runs[flow_run_id].model_copy()

    def update_flow_run(self, flow_run_id: UUID, flow_version: str | None, empirical_policy: FlowRunPolicy) -> None:
        """Change what the process that runs it knows better."""
        self.flow_runs[flow_run_id].flow_version = flow_version
        self.flow_runs[flow_run_id].empirical_policy = empirical_policy

    def read_flow_runs(self, flow_run_filter: FlowRunFilter, **_: Any) -> list[FlowRun]:
        """Return the newest run whose parent is one of those asked for."""  # Any: order and limit
        wanted = flow_run_filter.parent_task_run_id
        parents = wanted.any_ or [] if wanted is not None else []
        found = [run for run in self.flow_runs.values() if run.parent_task_run_id in parents]
        return [
            ClientFlowRun.model_validate(run.model_dump() | {"state": self.last_state(run).model_dump()})
            for run in found[-1:]
        ]

    def read_server_default_result_storage(self) -> DefaultResultStorage:
        """Return the block that results are kept in by default."""
        return DefaultResultStorage(default_result_storage_block_id=self.default_storage)

    def set_flow_run_name(self, flow_run_id: UUID, name: str) -> None:
        """Rename a run."""
        self.flow_runs[flow_run_id].name = name

    def set_flow_run_state(
        self,
        flow_run_id: UUID,
        state: StateCreate,
        force: bool,
        heartbeat: float | None = None,
        transition_id: UUID | None = None,
    ) -> OrchestrationResult:
        """Decide on a state: by the test's rules, then as the real server does about retries."""
        run = self.flow_runs[flow_run_id]
        assert state.data is None or "storage_key" in state.data, "results must not leave the process"
        if force:
            self.forced.append(state.name or "")
        else:
            for rule in [*self.rules, self._retry]:
                answer = rule(run, state)
                if answer is not None:
                    return answer
        return self.accept(run, state)

    def accept(self, run: FlowRun, state: StateCreate) -> OrchestrationResult:
        """Write the state."""
        written = self._write(run, state)
        return OrchestrationResult(state=written, status=SetStateStatus.ACCEPT, details=StateAcceptDetails())

    def reject(self, run: FlowRun, state: StateCreate | None, reason: str = "") -> OrchestrationResult:
        """Write `state` in place of the proposed one; None leaves the run as it is."""
        current = self._write(run, state) if state is not None else self.last_state(run)
        return OrchestrationResult(
            state=current, status=SetStateStatus.REJECT, details=StateRejectDetails(reason=reason)
        )

    def hold(self, run: FlowRun, seconds: int) -> OrchestrationResult:
        """Ask the client to wait."""
        return OrchestrationResult(
            state=self.last_state(run), status=SetStateStatus.WAIT, details=StateWaitDetails(delay_seconds=seconds)
        )

    def _retry(self, run: FlowRun, state: StateCreate) -> OrchestrationResult | None:
        retries = run.empirical_policy.retries or 0
        if state.type is StateType.FAILED and run.run_count <= retries and self.last_state(run).type == "RUNNING":
            scheduled = StateCreate(type=StateType.SCHEDULED, name="AwaitingRetry", message=state.message)
            return self.reject(run, scheduled, "Retrying")
        return None

    def _write(self, run: FlowRun, state: StateCreate) -> State:
        states = self.states[run.id]
        timestamp = datetime.now(UTC)
        if states and timestamp <= states[-1].timestamp:
            timestamp = states[-1].timestamp + timedelta(microseconds=1)
        written = State(**state.model_dump(exclude={"id", "timestamp"}), id=uuid7(), timestamp=timestamp)
        states.append(written)
        if state.type is StateType.RUNNING:
            run.run_count += 1
        run.state_type, run.state_name = written.type, written.name
        return written


class FakeClient:
    """Both clients of a FakeServer: it can be entered and asked with and without `await`."""

    def __init__(self, server: FakeServer, is_async: bool) -> None:
        self._server = server
        self._is_async = is_async

    def __getattr__(self, name: str) -> Callable[..., Any]:  # Any: as the server's methods return
        if name == "check_server_version":
            return _nothing_later if self._is_async else _nothing
        method = getattr(self._server, name)
        assert inspect.ismethod(method)

        def ask(**arguments: Any) -> Any:
            self._server.requests.append(name)
            return method(**arguments)

        async def ask_later(**arguments: Any) -> Any:
            return ask(**arguments)

        return ask_later if self._is_async else ask

    def __enter__(self) -> FakeClient:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    async def __aenter__(self) -> FakeClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


def _nothing() -> None:
    return None


async def _nothing_later() -> None:
    return None
