"""Pickles of what leaves the process. Futures travel as the ids of their runs; their outcomes travel beside them."""

from __future__ import annotations

import io
import pickle
import sys
from contextlib import contextmanager
from functools import cache
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from ostinato.exceptions import SerializationError
from ostinato.futures import OstinatoFuture
from ostinato.states import State

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

# Any below: arguments and results of users' functions, and objects of cloudpickle, which has no types.

FUTURE = "task-run"


def dumps(value: Any, upstreams: dict[UUID, OstinatoFuture[Any]] | None = None) -> bytes:
    """Return a pickle of `value`; its futures are added to `upstreams`. Raises what pickling raises."""
    buffer = io.BytesIO()
    pickler = _pickler_class()(buffer, protocol=pickle.DEFAULT_PROTOCOL)
    pickler.upstreams = upstreams
    pickler.dump(value)
    return buffer.getvalue()


@cache
def _pickler_class() -> Any:
    """Return the class of picklers; it is made late, since few flows need what it imports."""
    import cloudpickle

    base: Any = cloudpickle.Pickler

    class Pickler(base):
        upstreams: dict[UUID, OstinatoFuture[Any]] | None

        def persistent_id(self, obj: Any) -> tuple[str, UUID] | None:
            if self.upstreams is None or not isinstance(obj, OstinatoFuture):
                return None
            future = cast("OstinatoFuture[Any]", obj)
            self.upstreams[future.task_run_id] = future
            return FUTURE, future.task_run_id

    return Pickler


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
    purpose: str, value: Any, members: Mapping[str, Any], upstreams: dict[UUID, OstinatoFuture[Any]] | None = None
) -> bytes:
    """Return a pickle of `value`. Raises SerializationError with `purpose`, naming the one of `members` at fault."""
    try:
        return dumps(value, upstreams)
    except Exception as error:  # noqa: BLE001 - classes of users decide what pickling them raises
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

    name = getattr(function, "__module__", None)
    module = sys.modules.get(name) if name else None
    if module is None or name == "__main__" or _can_be_found(str(name)):
        yield
        return
    register: Any = cloudpickle.register_pickle_by_value
    register(module)
    try:
        yield
    finally:
        unregister: Any = cloudpickle.unregister_pickle_by_value
        unregister(module)


def _can_be_found(name: str) -> bool:
    root = name.partition(".")[0]
    return root in sys.builtin_module_names or PathFinder.find_spec(root) is not None


def dump_state(state: State) -> bytes:
    """Return a pickle of a state and the result or exception in it. Raises SerializationError."""
    return dump_for("The outcome of the run", state, {"its value": state.data})


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
