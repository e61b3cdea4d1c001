"""Flow runs, but for their states and inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Unpack

from ostinato.client.operation import decode, encode, facts, present
from ostinato.client.plans.filters import Filters, body_of
from ostinato.client.plans.flows import create_flow_from_name
from ostinato.client.plans.states import state_body
from ostinato.client.runs import FlowRun
from ostinato.client.steps import Plan, Request
from ostinato_wire.explanations import Explanation
from ostinato_wire.flow_runs import FlowRunCreate, FlowRunPolicy, FlowRunSort
from ostinato_wire.states import OrchestrationResult, StateCreate, StateType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from ostinato_wire.base import KeyValueLabels


class FlowLike(Protocol):
    """What a run needs to know of its flow."""

    @property
    def name(self) -> str:
        """The flow's name."""
        ...

    @property
    def version(self) -> str | None:
        """The version of the flow's code."""
        ...


def create_flow_run(
    flow: FlowLike,
    name: str | None = None,
    parameters: Mapping[str, Any] | None = None,  # Any: JSON values
    context: Mapping[str, Any] | None = None,  # Any: JSON values
    tags: Iterable[str] | None = None,
    parent_task_run_id: UUID | None = None,
    state: StateCreate | None = None,
    work_pool_name: str | None = None,
    work_queue_name: str | None = None,
    job_variables: Mapping[str, Any] | None = None,  # Any: JSON values
    empirical_policy: FlowRunPolicy | None = None,
    labels: KeyValueLabels | None = None,
    idempotency_key: str | None = None,
) -> Plan[FlowRun]:
    """Make the flow if need be and a run of it; `state` is PENDING unless given. Parameters must be JSON values."""
    flow_id = yield from create_flow_from_name(flow.name)
    body = FlowRunCreate(
        flow_id=flow_id,
        flow_version=flow.version,
        name=name,
        parameters=dict(parameters or {}),
        context=dict(context or {}),
        tags=list(tags or ()),
        parent_task_run_id=parent_task_run_id,
        state=state or StateCreate(type=StateType.PENDING),
        work_pool_name=work_pool_name,
        work_queue_name=work_queue_name,
        job_variables=None if job_variables is None else dict(job_variables),
        empirical_policy=empirical_policy or FlowRunPolicy(),
        labels=labels,
        idempotency_key=idempotency_key,
    )
    return (yield from create_flow_run_from_body(body))


def create_flow_run_from_body(body: FlowRunCreate) -> Plan[FlowRun]:
    """Make a flow run; members that are None are not sent."""
    content = body.model_dump(exclude_none=True, exclude={"state"})
    if body.state is not None:
        content["state"] = state_body(body.state)
    response = yield Request("POST", "/flow_runs/", encode(content))
    return decode(response, FlowRun)


def read_flow_run(flow_run_id: UUID) -> Plan[FlowRun]:
    """Return a flow run. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/flow_runs/{flow_run_id}")
    return decode(response, FlowRun)


def explain_flow_run(flow_run_id: UUID) -> Plan[Explanation]:
    """Return why a flow run does not run. Raises ObjectNotFound, also where the server explains nothing."""
    with facts():
        response = yield Request("GET", f"/flow_runs/{flow_run_id}/explain")
    return decode(response, Explanation)


def read_flow_runs(
    *, sort: FlowRunSort | None = None, limit: int | None = None, offset: int = 0, **filters: Unpack[Filters]
) -> Plan[list[FlowRun]]:
    """Return flow runs that meet all filters."""
    body = body_of(filters, sort=sort, limit=limit, offset=offset)
    response = yield Request("POST", "/flow_runs/filter", encode(body))
    return decode(response, list[FlowRun])


def count_flow_runs(**filters: Unpack[Filters]) -> Plan[int]:
    """Return how many flow runs meet all filters."""
    response = yield Request("POST", "/flow_runs/count", encode(body_of(filters)))
    return decode(response, int)


def update_flow_run(
    flow_run_id: UUID,
    flow_version: str | None = None,
    parameters: Mapping[str, Any] | None = None,  # Any: JSON values
    name: str | None = None,
    tags: Iterable[str] | None = None,
    empirical_policy: FlowRunPolicy | None = None,
    infrastructure_pid: str | None = None,
    job_variables: Mapping[str, Any] | None = None,  # Any: JSON values
) -> Plan[None]:
    """Change the given members of a flow run. Raises ObjectNotFound."""
    body = present(
        flow_version=flow_version,
        parameters=parameters,
        name=name,
        tags=None if tags is None else list(tags),
        empirical_policy=empirical_policy,
        infrastructure_pid=infrastructure_pid,
        job_variables=job_variables,
    )
    with facts():
        yield Request("PATCH", f"/flow_runs/{flow_run_id}", encode(body))


def set_flow_run_name(flow_run_id: UUID, name: str) -> Plan[None]:
    """Rename a flow run. Raises ObjectNotFound."""
    return update_flow_run(flow_run_id, name=name)


def update_flow_run_labels(flow_run_id: UUID, labels: KeyValueLabels) -> Plan[None]:
    """Add or replace labels of a flow run. Raises ObjectNotFound."""
    with facts():
        yield Request("PATCH", f"/flow_runs/{flow_run_id}/labels", encode(labels))


def resume_flow_run(flow_run_id: UUID, run_input: Mapping[str, Any] | None = None) -> Plan[OrchestrationResult]:
    """Resume a paused flow run. Raises ObjectNotFound."""  # Any: JSON values
    with facts():
        response = yield Request("POST", f"/flow_runs/{flow_run_id}/resume", encode({"run_input": run_input}))
    return decode(response, OrchestrationResult)


def delete_flow_run(flow_run_id: UUID) -> Plan[None]:
    """Delete a flow run and its task runs. Raises ObjectNotFound."""
    with facts():
        yield Request("DELETE", f"/flow_runs/{flow_run_id}")
