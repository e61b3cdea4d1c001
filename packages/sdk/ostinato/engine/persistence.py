"""Whether a run's result is stored, and in which store: what it says itself, then its parent, settings and server."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ostinato.context import FlowRunContext, TaskRunContext
from ostinato.engine.steps import Offload, Plan, Request
from ostinato.engine.task_run import changed
from ostinato.states import InMemoryResult, State
from ostinato_wire.states import StateType

if TYPE_CHECKING:
    from ostinato.engine.hooks import LoggerLike
    from ostinato.flows import Flow
    from ostinato.results import ResultRecord, ResultStore
    from ostinato.settings import Settings
    from ostinato.tasks import Task

# Any below: flows and tasks of whatever type.

DEFAULT_KNOWN_FOR = 60.0
"""Seconds in which tasks outside of flows do not ask for the server's default storage again."""

_known_defaults: dict[str | None, tuple[float, UUID | None]] = {}


def _settings() -> Settings:
    from ostinato.settings import get_current_settings

    return get_current_settings()


def settings_persist() -> bool:
    """Whether the settings switch persistence on."""
    results = _settings().results
    return results.persist_by_default or results.default_storage_block is not None


def should_persist_result() -> bool:
    """Whether the result of the run that is running here is stored; outside of runs what the settings say."""
    context = TaskRunContext.get() or FlowRunContext.get()
    return context.persist_result if context is not None else settings_persist()


def task_persists(task: Task[..., Any]) -> bool:
    """Whether the result of a run of `task` is stored, if it is called here."""
    if task.persist_result is not None:
        return task.persist_result
    default = _settings().tasks.default_persist_result
    return should_persist_result() if default is None else default


def task_store(task: Task[..., Any]) -> Plan[ResultStore]:
    """Return the store of a run of `task` that is called here."""
    from ostinato.results import ResultStore, get_result_store

    if FlowRunContext.get() is not None or _storage_is_chosen(task.result_storage):
        return get_result_store().update_for_task(task)
    block = yield from _known_default()
    return ResultStore(result_storage=block).update_for_task(task)


def flow_store(flow: Flow[..., Any]) -> Plan[tuple[ResultStore, bool]]:
    """Return the store of a run of `flow` that is called here, and whether the run's result is stored.

    The server is asked for its default storage, which switches persistence on; sub-flows have their parent's.
    """
    from ostinato.results import ResultStore, get_result_store

    if FlowRunContext.get() is not None:
        store, persist = get_result_store(), should_persist_result()
    elif _storage_is_chosen(flow.result_storage) and (flow.persist_result is not None or settings_persist()):
        store, persist = ResultStore(), settings_persist()
    else:
        block = yield from _server_default()
        store, persist = ResultStore(result_storage=block), settings_persist() or block is not None
    return store.update_for_flow(flow), persist if flow.persist_result is None else flow.persist_result


def keep_result(flow: Flow[..., Any], context: FlowRunContext, state: State, logger: LoggerLike) -> Plan[State]:
    """Store the result that `state` has, if that is wanted, and every exception; return the state to be told.

    Who waits for a failed run elsewhere gets its exception. What cannot be stored fails no run.
    """
    store, failed = context.result_store, state.type is StateType.FAILED
    if store is None or not (failed or (context.persist_result and state.type is StateType.COMPLETED)):
        return state
    value = state.data.value if isinstance(state.data, InMemoryResult) else state.data

    def write() -> ResultRecord[Any]:
        record = store.create_result_record(value)
        store.persist(record)
        return record

    try:
        record = yield Offload(write)
    except Exception as error:  # noqa: BLE001 - a storage, or the class of a value, may be a user's
        level = logging.DEBUG if failed else logging.WARNING
        logger.log(level, "The result of the flow run is not stored: %s", error)
        return state
    return changed(state, data=record if failed or flow.cache_result_in_memory else record.metadata)


def _storage_is_chosen(storage: object) -> bool:
    return storage is not None or _settings().results.default_storage_block is not None


def _server_default() -> Plan[UUID | None]:
    return (yield Request("read_server_default_result_storage", {})).default_result_storage_block_id


def _known_default() -> Plan[UUID | None]:
    """Return the server's default storage for a task that needs no server: one that is away has none."""
    url = _settings().api.url
    until, block = _known_defaults.get(url, (0.0, None))
    if until > time.monotonic():
        return block
    try:
        block = yield from _server_default()
    except Exception:  # noqa: BLE001 - whatever keeps the server from answering
        block = None
    _known_defaults[url] = (time.monotonic() + DEFAULT_KNOWN_FOR, block)
    return block
