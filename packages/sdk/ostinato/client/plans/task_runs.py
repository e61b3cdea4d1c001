"""Task runs. Those that the engine moves are told by events; these routes serve sub-flows, tools and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ostinato.client.operation import decode, encode, facts
from ostinato.client.plans.filters import Filters, body_of
from ostinato.client.plans.states import state_body
from ostinato.client.runs import TaskRun
from ostinato.client.steps import Plan, Request
from ostinato_wire.task_runs import TaskInputs, TaskRunCreate, TaskRunPolicy, TaskRunSort

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Protocol
    from uuid import UUID

    from ostinato_wire.states import StateCreate

    class TaskLike(Protocol):
        """What a run needs to know of its task."""

        @property
        def name(self) -> str:
            """The task's name."""
            ...

        @property
        def task_key(self) -> str:
            """The task's identity on the server."""
            ...

        @property
        def version(self) -> str | None:
            """The version of the task's code."""
            ...

        @property
        def tags(self) -> Iterable[str]:
            """The task's own tags."""
            ...


def create_task_run(
    task: TaskLike,
    flow_run_id: UUID | None,
    dynamic_key: str,
    id: UUID | None = None,  # the name of the reference's client
    name: str | None = None,
    extra_tags: Iterable[str] | None = None,
    state: StateCreate | None = None,
    task_inputs: TaskInputs | None = None,
    empirical_policy: TaskRunPolicy | None = None,
) -> Plan[TaskRun]:
    """Make a task run that the server moves, such as the one that stands for a sub-flow in its parent."""
    body = TaskRunCreate(
        id=id,
        name=name or f"{task.name}-{dynamic_key}",
        flow_run_id=flow_run_id,
        task_key=task.task_key,
        dynamic_key=str(dynamic_key),
        task_version=task.version,
        tags=list({*task.tags, *(extra_tags or ())}),
        state=state,
        task_inputs=task_inputs or {},
        empirical_policy=empirical_policy or TaskRunPolicy(),
    )
    return (yield from create_task_run_from_body(body))


def create_task_run_from_body(body: TaskRunCreate) -> Plan[TaskRun]:
    """Make a task run; members that are None are not sent."""
    content = body.model_dump(exclude_none=True, exclude={"state"})
    if body.state is not None:
        content["state"] = state_body(body.state)
    response = yield Request("POST", "/task_runs/", encode(content))
    return decode(response, TaskRun)


def read_task_run(task_run_id: UUID) -> Plan[TaskRun]:
    """Return a task run. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/task_runs/{task_run_id}")
    return decode(response, TaskRun)


def read_task_runs(
    *, sort: TaskRunSort | None = None, limit: int | None = None, offset: int = 0, **filters: Unpack[Filters]
) -> Plan[list[TaskRun]]:
    """Return task runs that meet all filters."""
    body = body_of(filters, sort=sort, limit=limit, offset=offset)
    response = yield Request("POST", "/task_runs/filter", encode(body))
    return decode(response, list[TaskRun])


def count_task_runs(**filters: Unpack[Filters]) -> Plan[int]:
    """Return how many task runs meet all filters."""
    response = yield Request("POST", "/task_runs/count", encode(body_of(filters)))
    return decode(response, int)


def set_task_run_name(task_run_id: UUID, name: str) -> Plan[None]:
    """Rename a task run. Raises ObjectNotFound."""
    with facts():
        yield Request("PATCH", f"/task_runs/{task_run_id}", encode({"name": name}))


def delete_task_run(task_run_id: UUID) -> Plan[None]:
    """Delete a task run. Raises ObjectNotFound."""
    with facts():
        yield Request("DELETE", f"/task_runs/{task_run_id}")
