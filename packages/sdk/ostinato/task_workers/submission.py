"""Handing a run to task workers: its parameters are stored, then the server is told that it waits (sdk.md, 30.12)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from uuid_utils.compat import uuid4

from ostinato.engine.arguments import Upstreams, check_completed, find_upstreams, resolve
from ostinato.engine.steps import Emit, Offload, Plan, Request, Wait
from ostinato.engine.task_plan import find_all, new_task_run
from ostinato.futures import OstinatoDistributedFuture
from ostinato.states import Scheduled, State
from ostinato.task_workers.parameters import new_call, write_call
from ostinato_wire.states import StateDetails
from ostinato_wire.task_runs import TaskRunCreate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from ostinato.client.runs import TaskRun as ServersTaskRun
    from ostinato.engine.arguments import Edge
    from ostinato.engine.task_run import TaskRun
    from ostinato.tasks import Task

# Any below: arguments and results of users' functions, and tasks of whatever type.

logger = logging.getLogger("ostinato.tasks")


def delay_plan(
    task: Task[..., Any],
    parameters: dict[str, Any],
    wait_for: Iterable[Any] | None = None,
    dependencies: Mapping[str, Iterable[Edge]] | None = None,
) -> Plan[OstinatoDistributedFuture[Any]]:
    """Hand a run to task workers and return its future.

    Runs of task workers that it depends on are waited for by the worker; those of this process here, since no other
    process knows their results. Raises UpstreamTaskError if one of these did not complete, SerializationError for
    arguments that cannot be stored. `dependencies` are further edges of the graph, by parameter.
    """
    waited = list(wait_for or ())
    upstreams, edges = find_all(parameters, wait_for)
    for name, more in (dependencies or {}).items():
        edges[name] = [*edges.get(name, []), *more]
    parameters = dict(parameters)
    for name, found in upstreams.items():
        parameters[name] = yield from _settled(parameters[name], found)
    waited = yield from _still_to_wait_for(waited)
    run, parameters_id = new_task_run(task, edges), uuid4()
    call = new_call(task, parameters, waited)
    yield Offload(lambda: write_call(task, parameters_id, call))
    created: ServersTaskRun = yield Request("create_task_run_from_body", {"body": _body(run, parameters_id)})
    run.id = created.id
    if created.state is not None:
        yield Emit(run.move_to(State.from_wire(created.state)))
    logger.info("Task run %r waits for a task worker: %s", run.name, run.id)
    return OstinatoDistributedFuture(run.id)


def _settled(value: Any, upstreams: Upstreams) -> Plan[Any]:
    """Return an argument as the worker can take it; it waits for the runs of other processes itself."""
    futures = upstreams.futures
    if not upstreams.changes or (futures and all(isinstance(each, OstinatoDistributedFuture) for each in futures)):
        return value
    for future in futures:
        yield Wait(future)
    return resolve(value)


def _still_to_wait_for(wait_for: list[Any]) -> Plan[list[Any]]:
    """Wait for the runs of this process; return the others."""
    left: list[Any] = []
    for item in wait_for:
        if isinstance(item, OstinatoDistributedFuture):
            left.append(item)
            continue
        found = find_upstreams(item, None)
        for future in found.futures if found is not None else ():
            yield Wait(future)
        check_completed([item])
    return left


def _body(run: TaskRun, parameters_id: UUID) -> TaskRunCreate:
    details = StateDetails(deferred=True, task_parameters_id=parameters_id)
    return TaskRunCreate.model_validate(
        {
            "id": run.id,
            "name": run.name,
            "flow_run_id": run.flow_run_id,
            "task_key": run.task_key,
            "dynamic_key": run.dynamic_key,
            "task_version": run.task_version,
            "tags": run.tags,
            "task_inputs": run.task_inputs,
            "empirical_policy": run.empirical_policy,
            "state": Scheduled(run.expected_start_time, state_details=details).model_dump(),
        }
    )
