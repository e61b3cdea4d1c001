"""The states that results and exceptions of runs stand for, for code that drives runs by itself (see `states`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ostinato.context import FlowRunContext, TaskRunContext
from ostinato.engine import outcomes
from ostinato.engine.proposals import without_result
from ostinato.states import InMemoryResult, State
from ostinato_wire.states import StateDetails

if TYPE_CHECKING:
    from datetime import datetime

    from ostinato.results import ResultStore
    from ostinato_wire.states import StateCreate

# Any below: results of users' functions.


def to_state_create(state: State) -> StateCreate:
    """Return `state` as it is proposed to a server: without its result, with where that is stored."""
    return without_result(state)


async def return_value_to_state(
    retval: Any,
    result_store: ResultStore | None = None,
    key: str | None = None,
    expiration: datetime | None = None,
    write_result: bool = False,
) -> State:
    """Return the final state that a return value stands for; `write_result` stores it in `result_store`."""
    state = outcomes.return_value_to_state(retval, _details())
    if not write_result or result_store is None or not state.is_completed():
        return state
    return await _stored(state, result_store, key, expiration)


async def exception_to_failed_state(
    exc: Exception, result_store: ResultStore | None = None, write_result: bool = False
) -> State:
    """Return the FAILED state of a run whose function raised `exc`; `write_result` stores it in `result_store`."""
    kind: outcomes.Kind = "Flow" if TaskRunContext.get() is None and FlowRunContext.get() is not None else "Task"
    state = outcomes.exception_to_failed_state(exc, kind, _details(), None)
    return await _stored(state, result_store, None, None) if write_result and result_store is not None else state


async def exception_to_crashed_state(exc: BaseException, result_store: ResultStore | None = None) -> State:
    """Return the CRASHED state of a run that `exc` ended from outside; a `result_store` gets the exception."""
    state = outcomes.exception_to_crashed_state(exc, _details())
    return state if result_store is None else await _stored(state, result_store, None, None)


def _details() -> StateDetails:
    task, flow = TaskRunContext.get(), FlowRunContext.get()
    if task is not None:
        return outcomes.details_of("Task", task.task_run.id)
    return outcomes.details_of("Flow", flow.flow_run.id) if flow is not None else StateDetails()


async def _stored(state: State, store: ResultStore, key: str | None, expiration: datetime | None) -> State:
    value = state.data.value if isinstance(state.data, InMemoryResult) else state.data
    record = store.create_result_record(value, key, expiration)
    await store.apersist_result_record(record)
    return state.model_copy(update={"data": record})
