"""The arguments of a run: which runs they come from, and the values that take the place of futures and states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ostinato.engine.mapping import Element
from ostinato.engine.steps import Plan, Wait
from ostinato.engine.visiting import ATOMS, members, rebuild
from ostinato.exceptions import UpstreamTaskError
from ostinato.futures import OstinatoFuture, futures_in
from ostinato.states import State, get_state_exception
from ostinato.utilities.annotations import Annotation, allow_failure, opaque, quote
from ostinato_wire.states import StateType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ostinato.engine.links import ResultLinks, RunReference

# Any below: arguments of users' functions.

Edge = dict[str, str]


class Upstreams:
    """What one argument, or `wait_for`, depends on."""

    __slots__ = ("changes", "futures", "runs")

    def __init__(self) -> None:
        self.futures: list[OstinatoFuture[Any]] = []
        self.runs: dict[RunReference, None] = {}
        self.changes = False
        """Whether the argument holds anything that is to be replaced."""

    def edges(self) -> list[Edge]:
        """The runs as `task_inputs` tells them."""
        return [{"input_type": kind, "id": run_id} for kind, run_id in self.runs]


def find_upstreams(value: Any, links: ResultLinks | None) -> Upstreams | None:
    """Return what `value` depends on, or None if it depends on nothing.

    Raises TypeError if `value` holds a flow run or task run object outside of `opaque`.
    """
    if type(value) in ATOMS and (links is None or links.find(value) is None):
        return None
    found = Upstreams()
    _search(value, links, found, set())
    return found if found.changes or found.runs else None


def _search(value: Any, links: ResultLinks | None, found: Upstreams, seen: set[int]) -> None:
    link = links.find(value) if links is not None else None
    if link is not None:
        found.runs[link] = None
    if type(value) in ATOMS:
        return
    if isinstance(value, OstinatoFuture):
        future = cast("OstinatoFuture[Any]", value)
        found.futures.append(future)
        found.runs["task_run", str(future.task_run_id)] = None
        found.changes = True
    elif isinstance(value, State):
        _add_state(value, found)
    elif isinstance(value, Element):
        found.changes = True
        _search(value.upstream, None, found, seen)
        _search(value.value, links, found, seen)
    elif isinstance(value, Annotation):
        found.changes = True
        inner = cast("Annotation[Any]", value).value
        if isinstance(value, opaque) and not isinstance(inner, (OstinatoFuture, State)):
            return
        if not isinstance(value, quote):
            _search(inner, links, found, seen)
    elif _is_run(value):
        raise TypeError(f"A {type(value).__name__} object cannot be an argument of a run; pass its id, or opaque(...).")
    elif id(value) not in seen:
        seen.add(id(value))
        for member in members(value) or ():
            _search(member, links, found, seen)


def _is_run(value: object) -> bool:
    """Whether `value` is a run of whatever class; by name, since the wire's classes take long to import."""
    kind = type(value)
    return kind.__name__ in {"FlowRun", "TaskRun"} and kind.__module__.startswith(("ostinato.", "ostinato_wire."))


def _add_state(state: State, found: Upstreams) -> None:
    found.changes = True
    details = state.state_details
    if details.task_run_id:
        found.runs["task_run", str(details.task_run_id)] = None
    elif details.flow_run_id:
        found.runs["flow_run", str(details.flow_run_id)] = None


def resolve(value: Any, failures_allowed: bool = False) -> Any:
    """Return `value` with futures and states replaced by their results, and without annotations.

    The futures must be final. Raises UpstreamTaskError for one that did not complete, unless `allow_failure` covers it.
    """
    if type(value) in ATOMS:
        return value
    if isinstance(value, OstinatoFuture):
        future = cast("OstinatoFuture[Any]", value)
        return _result(future.state, f"task run '{future.task_run_id}'", failures_allowed)
    if isinstance(value, State):
        run_id = value.state_details.task_run_id or value.state_details.flow_run_id
        return _result(value, f"run '{run_id}'", failures_allowed)
    if isinstance(value, Annotation):
        inner = cast("Annotation[Any]", value).value
        if isinstance(value, quote) or (isinstance(value, opaque) and not isinstance(inner, (OstinatoFuture, State))):
            return inner
        return resolve(inner, failures_allowed or isinstance(value, allow_failure))
    return rebuild(value, lambda member: resolve(member, failures_allowed))


def _result(state: State, name: str, failures_allowed: bool) -> Any:
    if state.type is StateType.COMPLETED:
        return state.result()
    unready = UpstreamTaskError(f"Upstream {name} did not reach a 'COMPLETED' state.")
    if not failures_allowed:
        raise unready
    return get_state_exception(state) if state.is_final() else unready


def task_inputs(found: Mapping[str, Upstreams | None]) -> dict[str, list[Edge]]:
    """Return the edges of a run by parameter name."""
    return {name: upstreams.edges() if upstreams else [] for name, upstreams in found.items()}


def check_completed(waited_for: Iterable[Any]) -> None:
    """Raise UpstreamTaskError unless everything that the run waits for completed."""
    for item in waited_for:
        resolve(item)


def await_upstreams(
    parameters: dict[str, Any], upstreams: Mapping[str, Upstreams | None], waited_for: Iterable[Any]
) -> Plan[None]:
    """Wait for the runs that arguments come from, and put what they gave in its place; then for `waited_for`.

    Raises UpstreamTaskError if one of them has not completed.
    """
    for upstream in upstreams.values():
        for future in upstream.futures if upstream is not None else ():
            yield Wait(future)
    for name, upstream in upstreams.items():
        if upstream is not None and upstream.changes:
            parameters[name] = resolve(parameters[name])
    for future in futures_in(waited_for):
        yield Wait(future)
    check_completed(waited_for)
