"""`run_deployment`: make a run of a deployment and wait for it; inside a flow it is a sub-flow (sdk.md, 30.8)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from ostinato.context import FlowRunContext, TagsContext, TaskRunContext
from ostinato.engine.arguments import find_upstreams, resolve
from ostinato.engine.proposals import pending
from ostinato.engine.steps import Either, Plan, Request, Sleep, Wait
from ostinato.engine.validation import serialize
from ostinato.utilities.paired import run
from ostinato_wire.states import StateCreate, StateDetails, StateType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ostinato.client.orchestration import OstinatoClient, SyncOstinatoClient
    from ostinato_wire.deployments import Deployment
    from ostinato_wire.flow_runs import FlowRun
    from ostinato_wire.task_runs import TaskRun

# Any below: JSON values, unless said otherwise.


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be run, and how long to wait for it (seconds)."""

    name: str | UUID
    parameters: Mapping[str, Any]
    scheduled_time: datetime | None
    flow_run_name: str | None
    timeout: float | None
    poll_interval: float
    tags: Iterable[str] | None
    idempotency_key: str | None
    work_queue_name: str | None
    as_subflow: bool
    job_variables: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class _TrackingTask:
    """The task that stands for the run in the flow that asked for it."""

    name: str
    task_key: str
    version: str | None = None
    tags: frozenset[str] = frozenset()


def run_deployment(
    name: str | UUID,
    parameters: Mapping[str, Any] | None = None,
    scheduled_time: datetime | None = None,
    flow_run_name: str | None = None,
    timeout: float | None = None,
    poll_interval: float = 5,
    tags: Iterable[str] | None = None,
    idempotency_key: str | None = None,
    work_queue_name: str | None = None,
    as_subflow: bool = True,
    job_variables: Mapping[str, Any] | None = None,
    *,
    client: OstinatoClient | SyncOstinatoClient | None = None,
    _sync: bool | None = None,
) -> Any:  # Any: the FlowRun; an awaitable of it in async code, so that `await run_deployment(...)` works
    """Make a run of the deployment `flow/deployment` (or its id) and wait until it ends; return the flow run.

    `timeout` in seconds: 0 returns at once, None waits for ever; when it is over the run is returned as it is.
    Inside a flow the run is a sub-flow of it unless `as_subflow` is false. `client`, an async one in async code, asks
    the server in the place of one of its own. Raises ObjectNotFound.
    """
    order = _Order(
        name, parameters or {}, scheduled_time, flow_run_name, timeout, poll_interval, tags, idempotency_key,
        work_queue_name, as_subflow, job_variables,
    )  # fmt: skip
    plan = _run(order) if client is None else _through(client, _run(order))
    return run(plan, sync=bool(_sync))


async def arun_deployment(name: str | UUID, parameters: Mapping[str, Any] | None = None, **options: Any) -> FlowRun:
    """Do as `run_deployment`, in an event loop."""
    return await run_deployment(name, parameters, **options)  # in a coroutine, so this is an awaitable


def _through(client: OstinatoClient | SyncOstinatoClient, plan: Plan[FlowRun]) -> Plan[FlowRun]:
    """Return the same plan, whose requests are made by `client`; its errors end it, as the plan handles none."""
    step = next(plan)
    while True:
        if isinstance(step, Request):
            call = partial(getattr(client, step.method), **step.arguments)
            step = Either(call, call)
        outcome = yield step
        try:
            step = plan.send(outcome)
        except StopIteration as end:
            return end.value


def _run(order: _Order) -> Plan[FlowRun]:
    deployment = yield from _find(order.name)
    parameters, edges = yield from _resolved(order.parameters)
    parent = FlowRunContext.get() if order.as_subflow else None
    tags = sorted({*TagsContext.current(), *(order.tags or ())})
    tracking: TaskRun | None = None
    if parent is not None:
        tracking = yield _track(parent, deployment, tags, edges)
    details = StateDetails(scheduled_time=order.scheduled_time or datetime.now(UTC))
    run: FlowRun = yield Request(
        "create_flow_run_from_deployment",
        {
            "deployment_id": deployment.id,
            "parameters": serialize(parameters),
            "state": StateCreate(type=StateType.SCHEDULED, state_details=details),
            "name": order.flow_run_name,
            "tags": tags,
            "idempotency_key": order.idempotency_key,
            "parent_task_run_id": tracking.id if tracking is not None else None,
            "work_queue_name": order.work_queue_name,
            "job_variables": order.job_variables,
        },
    )
    return (yield from _wait(run, order))


def _find(name: str | UUID) -> Plan[Deployment]:
    try:
        deployment_id = name if isinstance(name, UUID) else UUID(name)
    except ValueError:
        return (yield Request("read_deployment_by_name", {"name": name}))
    return (yield Request("read_deployment", {"deployment_id": deployment_id}))


def _resolved(parameters: Mapping[str, Any]) -> Plan[tuple[dict[str, Any], dict[str, list[dict[str, str]]]]]:
    """Return the parameters with results in the place of futures, and the edges from the runs that made them."""
    parent = FlowRunContext.get()
    found = {name: find_upstreams(value, parent.links if parent else None) for name, value in parameters.items()}
    resolved, edges = dict(parameters), dict[str, list[dict[str, str]]]()
    for name, upstreams in found.items():
        if upstreams is None:
            continue
        for future in upstreams.futures:
            yield Wait(future)
        edges[name] = upstreams.edges()
        if upstreams.changes:
            resolved[name] = resolve(parameters[name])
    return resolved, edges


def _track(
    parent: FlowRunContext, deployment: Deployment, tags: list[str], edges: dict[str, list[dict[str, str]]]
) -> Request:
    key = f"ostinato.deployments.run_deployment.{deployment.name}"
    number = parent.next_child(key)
    inputs = dict(edges)
    caller = TaskRunContext.get()
    if caller is not None:
        inputs["__parents__"] = [{"input_type": "task_run", "id": str(caller.task_run.id)}]
    return Request(
        "create_task_run",
        {
            "task": _TrackingTask(deployment.name, key),
            "flow_run_id": parent.flow_run.id,
            "dynamic_key": number,
            "name": f"{deployment.name}-{number}",
            "extra_tags": tags,
            "state": pending(),
            "task_inputs": inputs,
        },
    )


def _wait(run: FlowRun, order: _Order) -> Plan[FlowRun]:
    until = None if order.timeout is None else time.monotonic() + order.timeout
    while run.state is None or not run.state.is_final():
        pause = order.poll_interval if until is None else min(order.poll_interval, until - time.monotonic())
        if pause <= 0:
            break
        yield Sleep(pause)
        run = cast("FlowRun", (yield Request("read_flow_run", {"flow_run_id": run.id})))
    return run
