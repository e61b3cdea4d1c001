"""Pickles of what leaves the process. Futures travel as the ids of their runs; their outcomes travel beside them."""

from __future__ import annotations

import io
import pickle
import sys
from contextlib import contextmanager
from functools import cache
from importlib.machinery import PathFinder
from types import FunctionType
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from ostinato.exceptions import SerializationError
from ostinato.futures import OstinatoFuture
from ostinato.serializers import import_object
from ostinato.states import InMemoryResult, State

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

# Any below: arguments and results of users' functions, and objects of cloudpickle, which has no types.

FUTURE = "task-run"


def dumps(value: Any, upstreams: dict[UUID, OstinatoFuture[Any]] | None = None, *, by_name: bool = False) -> bytes:
    """Return a pickle of `value`; its futures are added to `upstreams`. Raises what pickling raises.

    With `by_name` flows and tasks of modules are imported by who reads it; else their functions travel, too.
    """
    buffer = io.BytesIO()
    pickler = _pickler_class()(buffer, protocol=pickle.DEFAULT_PROTOCOL)
    pickler.upstreams = upstreams
    pickler.by_name = by_name
    pickler.dump(value)
    return buffer.getvalue()


@cache
def _pickler_class() -> Any:
    """Return the class of picklers; it is made late, since few flows need what it imports."""
    import cloudpickle

    base: Any = cloudpickle.Pickler

    class Pickler(base):
        upstreams: dict[UUID, OstinatoFuture[Any]] | None
        by_name: bool

        def reducer_override(self, obj: Any) -> Any:
            named = _named(obj) if self.by_name else None
            return base.reducer_override(self, obj) if named is None else named

        def persistent_id(self, obj: Any) -> tuple[str, UUID] | None:
            if self.upstreams is None or not isinstance(obj, OstinatoFuture):
                return None
            future = cast("OstinatoFuture[Any]", obj)
            self.upstreams[future.task_run_id] = future
            return FUTURE, future.task_run_id

    return Pickler


def _named(obj: Any) -> tuple[Callable[[str], Any], tuple[str]] | None:
    """Return how a flow, a task, or the function of either, is imported elsewhere; None for anything else."""
    from ostinato.flows import Flow
    from ostinato.tasks import Task

    is_run_as = isinstance(obj, (Flow, Task))
    function: Any = obj.fn if is_run_as else obj  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - of whatever types
    if not isinstance(function, FunctionType) or not _is_importable(function.__module__):
        return None
    name = f"{function.__module__}.{function.__qualname__}"
    try:
        found = import_object(name)
    except (ImportError, AttributeError):
        return None
    if is_run_as:
        return (import_object, (name,)) if found is obj else None
    return (_function_of, (name,)) if isinstance(found, (Flow, Task)) and found.fn is obj else None  # pyright: ignore[reportUnknownMemberType] - as above


def _function_of(name: str) -> Any:
    return import_object(name).fn


class _Unpickler(pickle.Unpickler):
    def __init__(self, content: bytes, outcomes: Mapping[UUID, bytes]) -> None:
        super().__init__(io.BytesIO(content))
        self._outcomes = outcomes

    def persistent_load(self, pid: Any) -> OstinatoFuture[Any]:
        _, run_id = cast("tuple[str, UUID]", pid)
        return OstinatoEndedFuture(run_id, self._outcomes[run_id])


def loads(content: bytes, outcomes: Mapping[UUID, bytes] | None = None) -> Any:
    """Return the value of a pickle; `outcomes` are those of its futures. Raises what unpickling raises."""
    return _Unpickler(content, outcomes or {}).load()


def dump_for(
    purpose: str,
    value: Any,
    members: Mapping[str, Any],
    upstreams: dict[UUID, OstinatoFuture[Any]] | None = None,
    *,
    by_name: bool = False,
) -> bytes:
    """Return a pickle of `value`. Raises SerializationError with `purpose`, naming the one of `members` at fault."""
    try:
        return dumps(value, upstreams, by_name=by_name)
    except Exception as error:
        found = ((name, reason_against(member)) for name, member in members.items())
        fault = next((f"{name} {reason}" for name, reason in found if reason is not None), str(error))
        raise SerializationError(f"{purpose} cannot be sent to another process: {fault}.") from error


def reason_against(value: Any) -> str | None:
    """Return why `value` cannot be pickled, with its type; None if it can."""
    try:
        dumps(value, {})
    except Exception as error:  # noqa: BLE001 - as above
        return f"of type {type(value).__name__!r} has no pickle ({error})"
    return None


@contextmanager
def by_value_if_only_here(function: Callable[..., Any]) -> Generator[None]:
    """Pickle what the module of `function` defines by value for the block, if no other process can import it.

    Such are modules that were loaded from a file by its path, as those of deployments.
    """
    import cloudpickle

    module = sys.modules.get(function.__module__)
    if module is None or module.__name__ == "__main__" or _is_importable(module.__name__):
        yield
        return
    registry: Any = cloudpickle
    registry.register_pickle_by_value(module)
    try:
        yield
    finally:
        registry.unregister_pickle_by_value(module)


def _is_importable(name: str) -> bool:
    """Whether another process with the same search path gets the module by its name."""
    module, (root, _, rest) = sys.modules.get(name), name.partition(".")
    if module is None or root == "__main__":
        return False
    spec = PathFinder.find_spec(root)
    return spec is not None and (bool(rest) or spec.origin == getattr(module, "__file__", None))


def dump_state(state: State) -> bytes:
    """Return a pickle of a state and the result or exception in it. Raises SerializationError."""
    value = state.data.value if type(state.data) is InMemoryResult else state.data
    return dump_for("The outcome of the run", state, {"its value": value})


class OstinatoEndedFuture(OstinatoFuture[Any]):
    """The future of a run that ended elsewhere; its state is unpickled when somebody asks for it."""

    def __init__(self, task_run_id: UUID, outcome: bytes) -> None:
        super().__init__(task_run_id)
        self._outcome = outcome
        self._state: State | None = None

    def __reduce__(self) -> tuple[type[OstinatoEndedFuture], tuple[UUID, bytes]]:
        return OstinatoEndedFuture, (self.task_run_id, self._outcome)

    @property
    def state(self) -> State:
        """The last state of the run."""
        if self._state is None:
            self._state = cast("State", loads(self._outcome))
        return self._state

    def wait(self, timeout: float | None = None) -> None:
        """Return at once: the run has ended."""

    def done(self) -> bool:
        """Say that nothing will change any more."""
        return True

    def add_done_callback(self, function: Callable[[OstinatoFuture[Any]], None]) -> None:
        """Call `function` at once."""
        function(self)
