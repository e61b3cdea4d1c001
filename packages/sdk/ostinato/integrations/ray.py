"""`RayTaskRunner`: submitted tasks on a Ray cluster, local or not. Needs `pip install 'ostinato[ray]'`."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for_all
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from ostinato.exceptions import MissingResult
from ostinato.integrations.libraries import library
from ostinato.shipment.execution import execute_and_deliver
from ostinato.shipment.runner import Arrival, ShippedRun, ShippingTaskRunner

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from ostinato.shipment.parcels import Parcel
    from ostinato.task_runners import TaskRunner

# Any below: objects of Ray, and keywords of its functions.

ray = library("ray", "ray")

FLOW_ENDED = "The flow run ended before this task run did."

_options: ContextVar[Mapping[str, Any]] = ContextVar("ostinato_ray_options", default=MappingProxyType({}))


@contextmanager
def remote_options(**options: Any) -> Generator[None]:
    """Give what is submitted in the block options of Ray: `with remote_options(num_cpus=4, num_gpus=1): ...`.

    They are those of `ray.remote`. Nested blocks unite; the inner one counts.
    """
    token = _options.set({**_options.get(), **options})
    try:
        yield
    finally:
        _options.reset(token)


class RayTaskRunner(ShippingTaskRunner):
    """Runs each submitted task on a Ray cluster.

    Without arguments it is the one that this process is connected to, else a local one that lives as long as the flow
    run. `address` is that of another (`ray://host:10001`, `auto`); `init_kwargs` are for `ray.init`.

    The machines need the packages that the tasks use, Ostinato among them, and a way to the server: states, events and
    log lines are sent from there. `remote_options` say what a run needs. Results stay in Ray's store until somebody
    here asks for them. What a task submits itself goes to the same cluster. A task whose process dies is executed
    again by Ray, up to its `max_retries` (3 unless told otherwise); then the run is CRASHED.
    """

    def __init__(self, address: str | None = None, init_kwargs: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self._address = address
        self._init_kwargs = dict(init_kwargs or {})
        self._is_own_connection = False
        self._execute: Any = None
        self._ends: ThreadPoolExecutor | None = None
        self._references: dict[UUID, Any] = {}

    def __reduce__(self) -> tuple[Callable[[], Self], tuple[()]]:
        return partial(type(self), self._address, self._init_kwargs), ()

    def duplicate(self) -> Self:
        """Return a runner for the same cluster."""
        return type(self)(self._address, self._init_kwargs)

    def __enter__(self) -> Self:
        super().__enter__()
        if not ray.is_initialized():
            options = self._init_kwargs if self._address is None else {"address": self._address, **self._init_kwargs}
            ray.init(**options)
            self._is_own_connection = True
        self._execute = ray.remote(_execute)
        self._ends = ThreadPoolExecutor(1, "ostinato-ray")  # Ray's own thread must not be kept
        return self

    def _nested(self) -> TaskRunner:
        return type(self)()

    def _start(self, shipped: ShippedRun, outcomes: dict[UUID, Any]) -> None:
        options = {"name": shipped.run.name, **_options.get(), "num_returns": 2}
        ended, outcome = self._execute.options(**options).remote(shipped.parcel, list(outcomes), *outcomes.values())
        shipped.future.set_running_or_notify_cancel()
        self._references[shipped.run.id] = outcome
        ended.future().add_done_callback(partial(self._hear, shipped, outcome))

    def _hear(self, shipped: ShippedRun, outcome: Any, ended: Future[Any]) -> None:
        if self._ends is not None:
            self._ends.submit(self._ended, shipped, outcome, ended)

    def _ended(self, shipped: ShippedRun, outcome: Any, ended: Future[Any]) -> None:
        self._references.pop(shipped.run.id, None)
        error = ended.exception()
        if error is None:
            shipped.arrive(Arrival(outcome, partial(_fetch, outcome), self))
        else:
            shipped.crash(f"Ray could not execute the run: {type(error).__name__}: {error}")

    def close(self, wait: bool = True) -> None:
        """Drop the runs that were not sent yet; wait for the others, or with `wait=False` end them as crashed."""
        super().close()
        if not wait:
            for reference in list(self._references.values()):
                ray.cancel(reference, force=True)
        for shipped in self._runs():
            shipped.cancel()
            if not wait:
                shipped.crash(FLOW_ENDED)
        wait_for_all([shipped.future for shipped in self._runs()])
        ends, self._ends = self._ends, None
        if ends is not None:
            ends.shutdown()
        if self._is_own_connection:
            self._is_own_connection = False
            ray.shutdown()


def _execute(parcel: Parcel, ids: list[UUID], *outcomes: bytes) -> tuple[None, bytes]:
    """Execute a run; the first result says that it has ended, and the second one stays where it is until it is read."""
    return None, execute_and_deliver(parcel, ids, list(outcomes))


def _fetch(reference: Any) -> bytes:
    try:
        return ray.get(reference)
    except (ray.exceptions.RayError, RuntimeError) as error:
        raise MissingResult(f"The result was left on the Ray cluster: {error}") from error
