"""`DaskTaskRunner`: submitted tasks on a Dask cluster, local or not. Needs `pip install 'ostinato[dask]'`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Mapping
from concurrent.futures import wait as wait_for_all
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from ostinato.context import FlowRunContext
from ostinato.exceptions import MissingResult
from ostinato.integrations.libraries import library
from ostinato.serializers import import_object
from ostinato.shipment.execution import execute_and_deliver
from ostinato.shipment.runner import Arrival, ShippedRun, ShippingTaskRunner

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from ostinato.task_runners import TaskRunner

# Any below: objects of Dask, and keywords of its classes.

dask = library("dask", "dask")
distributed = library("distributed", "dask")

ANNOTATIONS = ("priority", "resources", "retries", "workers", "allow_other_workers")
"""What `dask.annotate` may say of a submitted run."""
FLOW_ENDED = "The flow run ended before this task run did."


class DaskTaskRunner(ShippingTaskRunner):
    """Runs each submitted task on a Dask cluster.

    Without arguments the cluster is a local one that lives as long as the flow run. `cluster_class` (a class, a
    function or its dotted name) with `cluster_kwargs` makes another one, `adapt_kwargs` lets it grow and shrink
    (`{"minimum": 1, "maximum": 10}`); `cluster` is one that there is, and `address` that of its scheduler: these are
    left running. `client_kwargs` are for `distributed.Client`. `performance_report_path` is the file for Dask's report.

    Workers need the packages that the tasks use, Ostinato among them, and a way to the server: states, events and log
    lines are sent from there. `with dask.annotate(priority=10, resources={"GPU": 1})` around a `submit` or `map` is
    heeded. Results stay on the cluster until somebody here asks for them. What a task submits itself goes to the same
    cluster. A task whose worker dies is executed again by Dask, as often as its settings say
    (`distributed.scheduler.allowed-failures`); then the run is CRASHED.
    """

    def __init__(
        self,
        cluster: Any = None,
        address: str | None = None,
        cluster_class: str | Callable[..., Any] | None = None,
        cluster_kwargs: Mapping[str, Any] | None = None,
        adapt_kwargs: Mapping[str, Any] | None = None,
        client_kwargs: Mapping[str, Any] | None = None,
        performance_report_path: str | None = None,
    ) -> None:
        super().__init__()
        made = {"cluster_class": cluster_class, "cluster_kwargs": cluster_kwargs, "adapt_kwargs": adapt_kwargs}
        _check_one_cluster({"address": address, "cluster": cluster}, made)
        self._given: dict[str, Any] = {
            "cluster": cluster,
            "address": address,
            **made,
            "client_kwargs": client_kwargs,
            "performance_report_path": performance_report_path,
        }
        self._client: Any = None
        self._is_nested = False
        self._has_seceded = False
        self._resources = ExitStack()
        self._futures: dict[UUID, Any] = {}

    def __reduce__(self) -> tuple[Callable[[], Self], tuple[()]]:
        # A cluster object stays in its process; runs find the cluster that they are on.
        return partial(type(self), **{**self._given, "cluster": None}), ()

    def duplicate(self) -> Self:
        """Return a runner for the same cluster, or for one that is made in the same way."""
        return type(self)(**self._given)

    @property
    def client(self) -> Any:
        """The `distributed.Client` of the cluster. Raises RuntimeError if the runner is not started."""
        if self._client is None:
            raise RuntimeError("The task runner is not started; use it in a `with` block.")
        return self._client

    def __enter__(self) -> Self:
        super().__enter__()
        with ExitStack() as resources:
            self._client = _worker_s_client()
            self._is_nested = self._client is not None
            if self._client is None:
                self._client = resources.enter_context(self._open_client(resources))
                self._begin_report(resources)
            self._resources = resources.pop_all()
        return self

    def _open_client(self, resources: ExitStack) -> Any:
        given = self._given
        target = given["address"] or given["cluster"]
        if target is None:
            kind = given["cluster_class"] or distributed.LocalCluster
            kind = import_object(kind) if isinstance(kind, str) else kind
            target = resources.enter_context(kind(**(given["cluster_kwargs"] or {})))
            if given["adapt_kwargs"] is not None:
                target.adapt(**given["adapt_kwargs"])
        return distributed.Client(target, **{"set_as_default": False, **(given["client_kwargs"] or {})})

    def _begin_report(self, resources: ExitStack) -> None:
        path = self._given["performance_report_path"]
        if path is not None:
            report = distributed.performance_report(filename=path)
            with self._client.as_current():
                report.__enter__()
            resources.callback(self._end_report, report)

    def _end_report(self, report: Any) -> None:
        with self._client.as_current():
            report.__exit__(None, None, None)

    def _nested(self) -> TaskRunner:
        return type(self)(address=self.client.scheduler.address)

    def _start(self, shipped: ShippedRun, outcomes: dict[UUID, Any]) -> None:
        self._leave_slot()
        asked = {name: value for name, value in dask.get_annotations().items() if name in ANNOTATIONS}
        future = self.client.submit(
            execute_and_deliver, shipped.parcel, list(outcomes), list(outcomes.values()),
            key=f"{shipped.run.name}-{shipped.run.id}", pure=False, **asked,
        )  # fmt: skip
        shipped.future.set_running_or_notify_cancel()
        self._futures[shipped.run.id] = future  # a future that nobody holds is cancelled
        future.add_done_callback(partial(self._ended, shipped))

    def _leave_slot(self) -> None:
        """Give the slot of the run that submits this one to others: it will wait for them."""
        if self._is_nested and not self._has_seceded:
            self._has_seceded = True
            with suppress(ValueError, AttributeError):  # this is not the thread of the run
                distributed.secede()

    def _ended(self, shipped: ShippedRun, future: Any) -> None:
        self._futures.pop(shipped.run.id, None)
        if future.status == "finished":
            shipped.arrive(Arrival(future, partial(_fetch, future), self))
        elif future.status == "error":
            error = future.exception()
            shipped.crash(f"Dask could not execute the run: {type(error).__name__}: {error}")
        else:
            shipped.crash(f"The run was given up by its Dask cluster ({future.status}).")

    def close(self, wait: bool = True) -> None:
        """Drop the runs that were not sent yet; wait for the others, or with `wait=False` end them as crashed."""
        super().close()
        if not wait and self._futures:
            with suppress(distributed.comm.CommClosedError, TimeoutError):
                self.client.cancel(list(self._futures.values()), force=True)
        for shipped in self._runs():
            shipped.cancel()
            if not wait:
                shipped.crash(FLOW_ENDED)
        wait_for_all([shipped.future for shipped in self._runs()])
        resources, self._resources = self._resources, ExitStack()
        resources.close()
        self._client = None


def _check_one_cluster(existing: Mapping[str, Any], made: Mapping[str, Any]) -> None:
    given = [name for name, value in existing.items() if value is not None]
    if given and (others := given[1:] + [name for name, value in made.items() if value is not None]):
        raise ValueError(f"`{given[0]}` names a cluster that there is; leave out {others}.")


def _worker_s_client() -> Any:
    """Return the client of the Dask worker that this thread belongs to, if it does."""
    try:
        distributed.get_worker()
    except ValueError:
        return None
    return distributed.get_client()


def _fetch(future: Any) -> bytes:
    try:
        return future.result()
    except distributed.client.FutureCancelledError as error:
        raise MissingResult("The result was left on the Dask cluster, which this process has left.") from error


def _address() -> str | None:
    """Return the address of the cluster that the flow around this call runs its tasks on, if it has one."""
    context = FlowRunContext.get()
    runner = context.task_runner if context is not None else None
    return runner.client.scheduler.address if isinstance(runner, DaskTaskRunner) else None


@contextmanager
def get_dask_client(timeout: float | None = None, **client_kwargs: Any) -> Generator[Any]:
    """Yield a client of the cluster that runs this task, for Dask's own collections: `df.compute()` goes there.

    In a flow it is one of the flow's cluster; elsewhere a client of what `client_kwargs` say. The task gives up its
    place on the worker meanwhile. `timeout` is in seconds.
    """
    options = {**({} if timeout is None else {"timeout": timeout}), **client_kwargs}
    if _worker_s_client() is not None:
        with distributed.worker_client(**({"timeout": timeout} if timeout is not None else {})) as client:
            yield client
        return
    if (address := _address()) is not None:
        options["address"] = address
    with distributed.Client(**options) as client, client.as_current():
        yield client


@asynccontextmanager
async def get_async_dask_client(timeout: float | None = None, **client_kwargs: Any) -> AsyncGenerator[Any]:  # noqa: ASYNC109 - the name is the reference's
    """As `get_dask_client`, in an event loop: `await client.compute(df)`."""
    options = {**({} if timeout is None else {"timeout": timeout}), **client_kwargs}
    there = _worker_s_client()
    address = there.scheduler.address if there is not None else _address()
    if address is not None:
        options["address"] = address
    async with distributed.Client(asynchronous=True, **options) as client:
        yield client
