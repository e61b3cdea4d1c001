"""Futures: what `submit` and `map` return at once, and how to wait for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from ostinato.context import check_suspension
from ostinato.engine.visiting import ATOMS, replace_all
from ostinato.states import Cancelled, Pending, State

if TYPE_CHECKING:
    from ostinato.task_workers.waiting import TaskRunWaiter

R = TypeVar("R")

NEVER_STARTED = "The flow run ended before this task run started."


class OstinatoFuture(Generic[R]):
    """A run that was started and may not have ended. Subclasses say where it runs."""

    def __init__(self, task_run_id: UUID) -> None:
        self._task_run_id = task_run_id

    @property
    def task_run_id(self) -> UUID:
        """The id of the task run."""
        return self._task_run_id

    @property
    def state(self) -> State:
        """The state of the run now; PENDING while nothing else is known."""
        raise NotImplementedError

    def watch(self) -> None:
        """Say that the end of the run will be waited for: where that is heard of elsewhere it is listened for now."""

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the run is final, or for `timeout` seconds; running out of time is not an error."""
        raise NotImplementedError

    def add_done_callback(self, function: Callable[[OstinatoFuture[R]], None]) -> None:
        """Call `function` with this future when the run is final, in whatever thread that happens."""
        raise NotImplementedError

    def result(self, timeout: float | None = None, raise_on_failure: bool = True) -> R:
        """Wait for the run and return its result.

        A failed run raises its exception, or returns it with `raise_on_failure=False`.
        Raises TimeoutError if the run is not final after `timeout` seconds.
        """
        check_suspension()
        self.wait(timeout)
        state = self.state
        if not self.done():
            raise self._unfinished(timeout)
        return state.result(raise_on_failure=raise_on_failure)

    def _unfinished(self, timeout: float | None) -> TimeoutError:
        return TimeoutError(f"Task run {self._task_run_id} is not final after {timeout} second(s).")

    def done(self) -> bool:
        """Whether nothing will change any more."""
        return self.state.is_final()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._task_run_id)!r})"


class OstinatoConcurrentFuture(OstinatoFuture[R]):
    """A run in a thread of this process."""

    def __init__(self, task_run_id: UUID, future: Future[State], running: Callable[[], State | None]) -> None:
        super().__init__(task_run_id)
        self._future = future
        self._running = running

    @property
    def state(self) -> State:
        """The state of the run now: its final one, the last one told, or PENDING."""
        if not self._future.done():
            return self._running() or Pending()
        try:
            return self._last_state()
        except CancelledError:
            return Cancelled(message=NEVER_STARTED)

    def _last_state(self) -> State:
        return self._future.result()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the run is final, or for `timeout` seconds."""
        try:
            self._future.result(timeout)
        except (FutureTimeout, CancelledError):
            return
        except BaseException:
            if not self._future.done():
                raise  # this thread was interrupted, not the run

    def done(self) -> bool:
        """Whether the thread is through with the run (a run that is NotReady is not final, and done)."""
        return self._future.done()

    def add_done_callback(self, function: Callable[[OstinatoFuture[R]], None]) -> None:
        """Call `function` with this future when the run is final."""
        self._future.add_done_callback(lambda _: function(self))


class OstinatoDistributedFuture(OstinatoFuture[R]):
    """A run that a task worker executes, in whatever process. It may be pickled, and handed to other runs."""

    def __init__(self, task_run_id: UUID) -> None:
        super().__init__(task_run_id)
        self._final: State | None = None
        self._ended = threading.Event()
        self._waiter: TaskRunWaiter | None = None
        self._token: UUID | None = None

    def __reduce__(self) -> tuple[type[OstinatoDistributedFuture[R]], tuple[UUID]]:
        return OstinatoDistributedFuture, (self._task_run_id,)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OstinatoDistributedFuture) and self._task_run_id == other.task_run_id

    def __hash__(self) -> int:
        return hash(self._task_run_id)

    @property
    def state(self) -> State:
        """The state of the run now, as the server knows it; PENDING if it knows no such run."""
        if self._final is not None:
            return self._final
        from ostinato.client import get_client
        from ostinato.client.errors import ObjectNotFound

        try:
            with get_client(sync_client=True) as client:
                found = client.read_task_run(self._task_run_id).state
        except ObjectNotFound:
            found = None
        return Pending() if found is None else self._noted(State.from_wire(found, found.data))

    def _noted(self, state: State) -> State:
        if state.is_final():
            self._final = state
        return state

    def watch(self) -> None:
        """Begin to listen for the end of the run."""
        if self._token is None and self._final is None:
            from ostinato.task_workers.waiting import TaskRunWaiter

            self._waiter = TaskRunWaiter.instance()
            self._token = self._waiter.add(self._task_run_id, self._end)

    def _end(self, state: State) -> None:
        self._noted(state)
        self._ended.set()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the run is final, or for `timeout` seconds."""
        if self._final is not None:
            return
        self.watch()
        if not self._ended.wait(timeout) and self._token is not None and self._waiter is not None:
            self._waiter.discard(self._task_run_id, self._token)
            self._token = None

    async def wait_async(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - the name is the reference's
        """As `wait`; the event loop goes on meanwhile."""
        import asyncio

        ended, loop = asyncio.Event(), asyncio.get_running_loop()

        def tell(_: object) -> None:
            with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
                loop.call_soon_threadsafe(ended.set)

        self.add_done_callback(tell)
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), timeout)

    async def result_async(self, timeout: float | None = None, raise_on_failure: bool = True) -> R:  # noqa: ASYNC109 - as above
        """As `result`; the event loop goes on meanwhile."""
        await self.wait_async(timeout)
        if self._final is None:
            raise self._unfinished(timeout)
        return await self._final.aresult(raise_on_failure=raise_on_failure)

    @property
    def is_known_final(self) -> bool:
        """Whether the end of the run has been heard of here."""
        return self._final is not None

    def done(self) -> bool:
        """Whether the run is final; asks the server unless that is known."""
        return self._final is not None or self.state.is_final()

    def add_done_callback(self, function: Callable[[OstinatoFuture[R]], None]) -> None:
        """Call `function` with this future when the run is final, in a thread that belongs to nobody."""
        if self._final is not None:
            function(self)
            return
        from ostinato.task_workers.waiting import TaskRunWaiter

        def end(state: State) -> None:
            self._noted(state)
            function(self)

        TaskRunWaiter.instance().add(self._task_run_id, end)


class OstinatoFutureList(list[OstinatoFuture[R]], Generic[R]):
    """The futures of a `map`, in the order of its items."""

    def wait(self, timeout: float | None = None) -> None:
        """Wait until all are final, or for `timeout` seconds together."""
        wait(self, timeout)

    def result(self, timeout: float | None = None, raise_on_failure: bool = True) -> list[R]:
        """Return all results in order; the first failed one raises. `timeout` seconds are for all together."""
        deadline = None if timeout is None else time.monotonic() + timeout
        for future in self:
            future.watch()
        return [future.result(_left(deadline), raise_on_failure) for future in self]


class DoneAndNotDone(NamedTuple):
    """What `wait` found."""

    done: set[OstinatoFuture[Any]]  # Any: futures of all kinds
    not_done: set[OstinatoFuture[Any]]  # Any: as above


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def wait(futures: Iterable[OstinatoFuture[Any]], timeout: float | None = None) -> DoneAndNotDone:
    """Wait until all `futures` are final, or for `timeout` seconds; return which are and which are not."""
    every = list(futures)
    deadline = None if timeout is None else time.monotonic() + timeout
    for future in every:
        future.watch()
    for future in every:
        future.wait(_left(deadline))
    done = {future for future in every if future.done()}
    return DoneAndNotDone(done, set(every) - done)


def as_completed(
    futures: Iterable[OstinatoFuture[R]], timeout: float | None = None
) -> Generator[OstinatoFuture[R], None, None]:
    """Yield each of `futures` as it becomes final. Raises TimeoutError if some are not after `timeout` seconds."""
    every = list(dict.fromkeys(futures))
    deadline = None if timeout is None else time.monotonic() + timeout
    changed = threading.Condition()
    finished: list[OstinatoFuture[R]] = []

    def finish(future: OstinatoFuture[R]) -> None:
        with changed:
            finished.append(future)
            changed.notify()

    for future in every:
        future.add_done_callback(finish)
    for number in range(len(every)):
        with changed:
            if not changed.wait_for(lambda: bool(finished), _left(deadline)):
                raise TimeoutError(f"{len(every) - number} of {len(every)} futures are not final after {timeout} s.")
            future = finished.pop(0)
        yield future


def _to_state(future: OstinatoFuture[Any]) -> State:
    future.wait()
    return future.state


def resolve_futures_to_states(value: Any) -> Any:  # Any: any structure, returned with its shape
    """Wait for every future in `value`, at any depth, and return `value` with states in their place."""
    return replace_all(value, OstinatoFuture, _to_state)


def resolve_futures_to_results(value: Any) -> Any:  # Any: as above
    """Wait for every future in `value`, at any depth, and return `value` with results in their place."""
    return replace_all(value, OstinatoFuture, OstinatoFuture[Any].result)


def futures_in(value: Any) -> list[OstinatoFuture[Any]]:  # Any: any structure
    """Return every future in `value`, at any depth."""
    if type(value) in ATOMS:
        return []
    found: list[OstinatoFuture[Any]] = []

    def keep(future: OstinatoFuture[Any]) -> OstinatoFuture[Any]:
        found.append(future)
        return future

    replace_all(value, OstinatoFuture, keep)
    return found


# The names that flows have for these which come from the reference.
PrefectFuture = OstinatoFuture
PrefectTaskRunFuture = OstinatoFuture
PrefectConcurrentFuture = OstinatoConcurrentFuture
PrefectDistributedFuture = OstinatoDistributedFuture
PrefectFutureList = OstinatoFutureList
