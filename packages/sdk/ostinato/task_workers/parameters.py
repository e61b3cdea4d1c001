"""The parameters of background runs: kept in a result storage by who delays a run, read by who executes it.

Records are the wire's (`parameters/<id>`: `{"parameters", "context", "wait_for"}`), so either SDK reads the other's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from ostinato.context import FlowRunContext, TagsContext
from ostinato.exceptions import ParametersNotFound
from ostinato.results import ResultStore
from ostinato.results.defaults import default_storage
from ostinato.serializers import PickleSerializer
from ostinato.settings import get_current_settings

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato.results.storage import StorageReference
    from ostinato.tasks import Task

# Any below: arguments of users' functions, and tasks of whatever type.

_stores: WeakKeyDictionary[Task[..., Any], tuple[StorageReference, ResultStore]] = WeakKeyDictionary()
"""The stores of tasks, and the reference that each was made by: a block is asked of the server once."""

OWN = "ostinato"
"""The member of the context that only this SDK reads."""


@dataclass(frozen=True)
class StoredCall:
    """What a background run is called with, and where it was delayed."""

    parameters: dict[str, Any]
    wait_for: list[Any] = field(default_factory=list[Any])
    tags: frozenset[str] = frozenset()
    log_prints: bool | None = None
    related: list[dict[str, str]] = field(default_factory=list[dict[str, str]])


def new_call(task: Task[..., Any], parameters: dict[str, Any], wait_for: list[Any]) -> StoredCall:
    """Return the call, as it is to be executed for who stands here."""
    flow = FlowRunContext.get()
    return StoredCall(
        parameters, wait_for, TagsContext.current(), task.prints(), list(flow.related) if flow is not None else []
    )


def write_call(task: Task[..., Any], parameters_id: UUID, call: StoredCall) -> None:
    """Keep a call under an id. Raises SerializationError for arguments that cannot be, and what the storage raises."""
    store = _store(task)
    content: dict[str, Any] = {"parameters": call.parameters, "context": _context(call)}
    if call.wait_for:
        content["wait_for"] = call.wait_for
    store.persist(store.create_result_record(content, _key(parameters_id)))


def _context(call: StoredCall) -> dict[str, Any]:
    """Return the context in the members that the wire names; those of another SDK's classes are empty."""
    empty: dict[str, Any] = {}
    return {
        "flow_run_context": empty,
        "task_run_context": empty,
        "tags_context": {"current_tags": set(call.tags)} if call.tags else empty,
        "settings_context": empty,
        "asset_context": empty,
        "deployment_id": None,
        "deployment_parameters": None,
        OWN: {"log_prints": call.log_prints, "related": call.related},
    }


def read_call(task: Task[..., Any], parameters_id: UUID) -> StoredCall:
    """Return the call that was kept under an id. Raises ParametersNotFound, SerializationError."""
    store, key = _store(task), _key(parameters_id)
    record = store.load(key)
    if record is None:
        raise ParametersNotFound(
            f"The parameters {key!r} are not in {store.storage()!r}. The task worker must reach the storage that the "
            "run was delayed with: choose one that both reach by OSTINATO_TASKS_SCHEDULING_DEFAULT_STORAGE_BLOCK, or "
            "by `result_storage` of the task."
        )
    content: dict[str, Any] = record.result
    context = cast("dict[str, Any]", content.get("context") or {})
    own: dict[str, Any] = context.get(OWN) or {}
    tags_context: dict[str, Any] = context.get("tags_context") or {}
    return StoredCall(
        content["parameters"],
        list(content.get("wait_for") or ()),
        frozenset(tags_context.get("current_tags") or ()),
        own.get("log_prints"),
        list(own.get("related") or ()),
    )


def _key(parameters_id: UUID) -> str:
    return f"parameters/{parameters_id}"


def _store(task: Task[..., Any]) -> ResultStore:
    """Return the store of a task's parameters. They are pickled, whatever serializer its results have."""
    chosen = get_current_settings().tasks.scheduling.default_storage_block
    storage = task.result_storage or chosen or default_storage()
    known = _stores.get(task)
    if known is None or known[0] != storage:
        serializer = PickleSerializer[Any]()
        made = ResultStore(result_storage=storage, serializer=serializer, cache_result_in_memory=False)
        known = _stores[task] = (storage, made)
    return known[1]
