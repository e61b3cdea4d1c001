"""What another process needs to execute a task run: the task, the record of the run, its arguments, its context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ostinato.carrying import serialize_context
from ostinato.engine.task_plan import find_all, new_task_run
from ostinato.shipment.pickling import by_value_if_only_here, dump_for, dumps, reason_against

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from ostinato.engine.task_run import TaskRun
    from ostinato.flows import Flow
    from ostinato.futures import OstinatoFuture
    from ostinato.task_runners import TaskRunner
    from ostinato.tasks import Task

# Any below: tasks of whatever type, arguments of users' functions, and members of contexts.


@dataclass(frozen=True)
class Parcel:
    """One task run to be executed elsewhere. The members that hold users' objects are pickles."""

    run: TaskRun
    task: bytes
    call: bytes
    context: bytes
    log_prints: bool


@dataclass(frozen=True)
class Packed:
    """A parcel, and the runs whose outcomes are to travel with it."""

    parcel: Parcel
    upstreams: dict[UUID, OstinatoFuture[Any]]


def pack(
    task: Task[..., Any],
    parameters: dict[str, Any],
    wait_for: Iterable[Any] | None,
    nested: TaskRunner,
    *,
    by_name: bool,
) -> Packed:
    """Make a new run of `task`, called where the caller stands, and pack it; `nested` runs what it submits.

    With `by_name` the modules of flow and task are imported where it is executed, if they can be.
    Raises SerializationError that names what has no pickle.
    """
    waited = list(wait_for or ())
    _, edges = find_all(parameters, waited if wait_for is not None else None)
    run = new_task_run(task, edges)
    upstreams: dict[UUID, OstinatoFuture[Any]] = {}
    with by_value_if_only_here(task.fn):
        named = {f"parameter {name!r}": value for name, value in parameters.items()} | {"`wait_for`": waited}
        parcel = Parcel(
            run=run,
            task=dump_for(f"Task {task.name!r}", task, {}, by_name=by_name),
            call=dump_for(f"The run of task {task.name!r}", (parameters, waited), named, upstreams, by_name=by_name),
            context=_context(nested, by_name),
            log_prints=task.prints(),
        )
    return Packed(parcel, upstreams)


def _context(nested: TaskRunner, by_name: bool) -> bytes:
    """Return the context of this call. Arguments of the flow that have no pickle stay here: few tasks look at them."""
    from ostinato.client.lookup import api_url

    context = serialize_context()
    context["settings_context"]["OSTINATO_API_URL"] = api_url()  # also that of a temporary server
    for member in ("flow_run_context", "task_run_context"):
        if (of_run := context[member]) is not None:
            context[member] = {**of_run, "parameters": _portable(of_run["parameters"])}
    of_flow = context["flow_run_context"]
    if of_flow is not None:
        of_flow["flow"] = _without_function(of_flow["flow"])
    purpose = f"The context of flow {of_flow['flow'].name!r}" if of_flow is not None else "The context of the call"
    return dump_for(purpose, (context, nested), of_flow or {}, by_name=by_name)


def _portable(parameters: dict[str, Any]) -> dict[str, Any]:
    try:
        dumps(parameters)
    except Exception:  # noqa: BLE001 - as above
        return {name: value for name, value in parameters.items() if reason_against(value) is None}
    return parameters


def _without_function(flow: Flow[..., Any]) -> Flow[..., Any]:
    """Return what the tasks of a flow need of it: what its body refers to may have no pickle."""
    from ostinato.flows import Flow

    return Flow(
        _stays_where_it_is,
        name=flow.name,
        version=flow.version,
        persist_result=flow.persist_result,
        result_storage=flow.result_storage,
        result_serializer=flow.result_serializer,
        cache_result_in_memory=flow.cache_result_in_memory,
        log_prints=flow.log_prints,
    )


def _stays_where_it_is() -> None:
    raise RuntimeError("The flow around a task that was sent to another process cannot be called there.")
