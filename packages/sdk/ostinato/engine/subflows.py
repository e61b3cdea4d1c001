"""Flows called by flows: the task run that stands for the child in its parent, and children of former attempts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from ostinato.context import TaskRunContext
from ostinato.engine.identity import task_key
from ostinato.engine.proposals import pending
from ostinato.engine.steps import Offload, Plan, Request
from ostinato.engine.task_run import changed
from ostinato.exceptions import OstinatoError
from ostinato.states import InMemoryResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from ostinato.client.runs import FlowRun
    from ostinato.context import FlowRunContext
    from ostinato.flows import Flow
    from ostinato.states import State
    from ostinato_wire.task_runs import TaskRun as WireTaskRun


class _TrackingTask(NamedTuple):
    """What the server is told of the task that stands for a flow."""

    name: str
    task_key: str
    version: str | None
    tags: frozenset[str]


class ParentLink(NamedTuple):
    """Where a child flow run hangs in its parent."""

    task_run_id: UUID
    task_key: str
    dynamic_key: str

    def remember(self, parent: FlowRunContext, state: State) -> None:
        """Keep the child's state: if the parent is retried in this process, a completed child is not run again."""
        if parent.flow.retries:
            parent.child_results[self.task_key, self.dynamic_key] = state


def track(
    flow: Flow[..., Any],  # Any: of whatever type the flow returns
    parent: FlowRunContext,
    tags: list[str],
    edges: dict[str, list[dict[str, str]]],
    ask: Callable[[Request], Plan[WireTaskRun]],
) -> Plan[ParentLink]:
    """Make the task run that stands for the child, or find that of the parent's former attempt.

    `ask` makes the request.
    """
    key = task_key(flow.fn)
    number = parent.next_child(key)
    inputs = {name: edges.get(name, []) for name in flow.signature.names}
    caller = TaskRunContext.get()
    if caller is not None:
        inputs["__parents__"] = [{"input_type": "task_run", "id": str(caller.task_run.id)}]
    task_run = yield from ask(
        Request(
            "create_task_run",
            {
                "task": _TrackingTask(flow.name, key, flow.version, frozenset()),
                "flow_run_id": parent.flow_run.id,
                "dynamic_key": number,
                "name": f"{flow.name}-{number}",
                "extra_tags": tags,
                "state": pending(),
                "task_inputs": inputs,
            },
        )
    )
    return ParentLink(task_run.id, key, number)


def find_stored_child(link: ParentLink) -> Plan[State | None]:
    """Return the state of the child that completed before, in whatever process, if its result can be read."""
    from ostinato_wire.filters import NullableId
    from ostinato_wire.flow_runs import FlowRunFilter, FlowRunSort

    runs: list[FlowRun] = yield Request(
        "read_flow_runs",
        {
            "flow_run_filter": FlowRunFilter(parent_task_run_id=NullableId(any_=[link.task_run_id])),
            "sort": FlowRunSort.EXPECTED_START_TIME_DESC,
            "limit": 1,
        },
    )
    state = runs[0].state if runs else None
    if state is None or not state.is_completed() or not state.data:
        return None
    try:
        value = yield Offload(lambda: state.result(retry_result_failure=False))
    except OstinatoError:  # the child is run again
        return None
    return changed(state, data=InMemoryResult(value))


def find_earlier_child(link: ParentLink, parent: FlowRunContext) -> State | None:
    """Return the state of the child that completed in a former attempt of the parent, if its result is here."""
    state = parent.child_results.get((link.task_key, link.dynamic_key))
    return state if state is not None and state.is_completed() and state.data is not None else None
