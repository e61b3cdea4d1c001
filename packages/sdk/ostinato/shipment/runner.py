"""What task runners that send runs elsewhere have in common: the run as this process knows it, and its future."""

from __future__ import annotations

import threading
from concurrent.futures import Future, InvalidStateError
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from ostinato.context import FlowRunContext
from ostinato.engine.drivers import drive
from ostinato.engine.outcomes import details_of
from ostinato.engine.steps import Emit, Plan
from ostinato.engine.task_run import new_state
from ostinato.exceptions import SerializationError
from ostinato.futures import NEVER_STARTED, OstinatoConcurrentFuture, OstinatoFuture
from ostinato.shipment.execution import crashed_state, end_plan
from ostinato.shipment.parcels import pack
from ostinato.shipment.pickling import dump_state, loads
from ostinato.states import has_value
from ostinato.task_runners import TaskRunner
from ostinato_wire.states import StateType

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from uuid import UUID

    from ostinato.engine.links import ResultLinks
    from ostinato.shipment.parcels import Parcel
    from ostinato.states import State
    from ostinato.tasks import Task

T = TypeVar("T")

# Any below: tasks of whatever type, arguments of users' functions, and what an engine knows an outcome by.


@dataclass(frozen=True)
class Arrival:
    """Where the outcome of a run is: `carried` hands it to another run of the same runner, `fetch` brings it here."""

    carried: Any
    fetch: Callable[[], bytes]
    runner: TaskRunner | None = None


class ShippedRun:
    """A run that is executed elsewhere; made where it is submitted, and still there when its flow's function is."""

    def __init__(self, parcel: Parcel) -> None:
        self.parcel = parcel
        self.run = parcel.run
        self.future: Future[Arrival] = Future()
        self.links = flow.links if (flow := FlowRunContext.get()) is not None else None
        self._context = copy_context()

    def within(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function where the run was submitted, as far as context variables go."""
        return self._context.copy().run(function, *arguments)

    def begin(self) -> None:
        """Tell that the run is pending."""
        drive(self._pending())

    def _pending(self) -> Plan[None]:
        yield Emit(self.run.move_to(new_state(StateType.PENDING)))

    def arrive(self, arrival: Arrival) -> None:
        """Take the outcome; a run that has one keeps it."""
        try:
            self.future.set_result(arrival)
        except InvalidStateError:
            return

    def crash(self, reason: str) -> None:
        """End the run for those who executed it: they are gone."""
        if self.future.done():
            return
        outcome = self.within(self._told, crashed_state(self.run, reason))
        self.arrive(Arrival(outcome, lambda: outcome))

    def cancel(self) -> None:
        """Drop the run if it has not begun, and tell so."""
        if self.future.cancel():
            state = new_state(StateType.CANCELLED, message=NEVER_STARTED, details=details_of("Task", self.run.id))
            self.within(self._told, state)

    def _told(self, state: State) -> bytes:
        return drive(end_plan(self.run, state))


class OstinatoShippedFuture(OstinatoConcurrentFuture[Any]):
    """A run in another process, perhaps of another machine. Its outcome is fetched when it is asked for."""

    def __init__(self, shipped: ShippedRun) -> None:
        super().__init__(shipped.run.id, cast("Future[State]", shipped.future), lambda: shipped.run.state)
        self._shipped = shipped
        self._fetching = threading.Lock()
        self._state: State | None = None

    def _last_state(self) -> State:
        with self._fetching:
            if self._state is None:
                self._state = self._fetch()
            return self._state

    def _fetch(self) -> State:
        state: State = loads(self._shipped.future.result().fetch())
        if state.is_completed() and self._shipped.links is not None:
            self._link(state, self._shipped.links)
        return state

    def _link(self, state: State, links: ResultLinks) -> None:
        """Let the result draw an edge to the run where it is passed on; one that is stored has no identity yet."""
        if has_value(state.data):
            links.add(state.data.value, ("task_run", str(self.task_run_id)))

    def carried_by(self, runner: TaskRunner) -> Any:
        """Return what hands the outcome to another run of `runner`. Raises SerializationError."""
        if self._shipped.future.cancelled():
            return dump_state(self.state)
        arrival = self._shipped.future.result()
        return arrival.carried if arrival.runner in (None, runner) else arrival.fetch()


class ShippingTaskRunner(TaskRunner["OstinatoShippedFuture"]):
    """The base of task runners that send runs elsewhere: a subclass says how (`_start`), and who runs nested ones."""

    imports_by_name: ClassVar[bool] = False
    """Whether tasks of modules are imported where they are executed; else their functions are sent."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._unfinished: dict[UUID, ShippedRun] = {}

    def submit(
        self, task: Task[..., Any], parameters: dict[str, Any], wait_for: Iterable[Any] | None = None
    ) -> OstinatoShippedFuture:
        """Send a run of `task` to where it is executed as soon as what it depends on has ended.

        Raises SerializationError for arguments that have no pickle.
        """
        self._require_started()
        packed = pack(task, parameters, wait_for, self._nested(), by_name=self.imports_by_name)
        shipped = ShippedRun(packed.parcel)
        with self._lock:
            self._unfinished[shipped.run.id] = shipped
        shipped.future.add_done_callback(lambda _: self._forget(shipped))
        shipped.begin()
        upstreams = packed.upstreams
        when_ended(upstreams.values(), lambda: shipped.within(self._launch, shipped, upstreams))
        return OstinatoShippedFuture(shipped)

    def unfinished(self) -> int:
        """Return how many submitted runs have not ended."""
        return len(self._unfinished)

    def _forget(self, shipped: ShippedRun) -> None:
        with self._lock:
            self._unfinished.pop(shipped.run.id, None)

    def _runs(self) -> list[ShippedRun]:
        with self._lock:
            return list(self._unfinished.values())

    def _launch(self, shipped: ShippedRun, upstreams: dict[UUID, OstinatoFuture[Any]]) -> None:
        if not self._started:
            shipped.cancel()
            return
        try:
            outcomes = {run_id: self._carried(future) for run_id, future in upstreams.items()}
        except SerializationError as error:
            shipped.crash(f"A result that the run depends on cannot be sent to it. {error}")
            return
        self._start(shipped, outcomes)

    def _carried(self, future: OstinatoFuture[Any]) -> Any:
        return future.carried_by(self) if isinstance(future, OstinatoShippedFuture) else dump_state(future.state)

    def _start(self, shipped: ShippedRun, outcomes: dict[UUID, Any]) -> None:
        """Have the run executed (`execute`), with `outcomes` as bytes; then `arrive`, or `crash`. Called once a run."""
        raise NotImplementedError

    def _nested(self) -> TaskRunner:
        """Return the runner for what the run itself submits; it is pickled."""
        raise NotImplementedError


def when_ended(futures: Collection[OstinatoFuture[Any]], function: Callable[[], None]) -> None:
    """Call `function` once all `futures` have ended: at once, or in whatever thread the last one does."""
    lock = threading.Lock()
    left = len(futures) + 1

    def count_down(_: object = None) -> None:
        nonlocal left
        with lock:
            left -= 1
            is_last = left == 0
        if is_last:
            function()

    for future in futures:
        future.add_done_callback(count_down)
    count_down()
