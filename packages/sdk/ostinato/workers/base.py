"""`BaseWorker`: takes the due runs of a work pool and starts each on its infrastructure (sdk.md, 27)."""

from __future__ import annotations

import asyncio
import logging
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar
from uuid import UUID, uuid4

from ostinato.client import get_client
from ostinato.exceptions import ObjectNotFound
from ostinato.journal.replay import start_replay
from ostinato.logging import get_logger
from ostinato.runner.cancellations import CancellationWatch, jittered
from ostinato.runner.due import DueRuns
from ostinato.runner.run_tasks import RunTasks
from ostinato.runner.runner import backed_off
from ostinato.settings import get_current_settings
from ostinato.utilities.signals import on_signals
from ostinato.utilities.waiting import end_all, in_background, set_within
from ostinato.workers.configuration import BaseJobConfiguration, BaseVariables
from ostinato.workers.ending import Ending
from ostinato.workers.events import WorkerEvents
from ostinato.workers.held import AWAY, CANCEL_WITHIN, HeldRun, LeftRun, LeftRuns, metadata
from ostinato.workers.pool import PoolMember
from ostinato.workers.results import BaseWorkerResult, TaskStatus
from ostinato.workers.submission import Submission

if TYPE_CHECKING:
    from ostinato.client.orchestration import OstinatoClient
    from ostinato_wire.base import JsonObject
    from ostinato_wire.flow_runs import FlowRun
    from ostinato_wire.work_pools import WorkPool

C = TypeVar("C", bound=BaseJobConfiguration)

logger = logging.getLogger("ostinato.workers")

KILL_SECONDS = 20
"""How long infrastructure may take to end that a clean-up message of the server names."""


class BaseWorker(ABC, Generic[C]):
    """Use it as `async with Worker("pool") as worker: await worker.start()`.

    A subclass sets `type`, `job_configuration` and `job_configuration_variables`, and implements `run`; one that
    implements `kill_infrastructure` can cancel runs that do not cancel themselves, and one that implements `find_left`
    and `follow` takes up again what another worker of the pool, or this one before its restart, had started.
    Times are in seconds and default to settings; `limit` is how many runs go on at once.
    """

    type: ClassVar[str]
    job_configuration: ClassVar[type[BaseJobConfiguration]] = BaseJobConfiguration
    job_configuration_variables: ClassVar[type[BaseVariables]] = BaseVariables
    distribution: ClassVar[str | None] = None
    """The package that speaks with the infrastructure; the server is told its version."""

    def __init__(
        self,
        work_pool_name: str,
        work_queues: Iterable[str] | None = None,
        name: str | None = None,
        prefetch_seconds: float | None = None,
        create_pool_if_not_found: bool = True,
        limit: int | None = None,
        heartbeat_interval_seconds: float | None = None,
        base_job_template: JsonObject | None = None,
    ) -> None:
        settings = get_current_settings().worker
        self.name = name or f"{type(self).__name__} {uuid4()}"
        if set(self.name) & set("/%"):
            raise ValueError(f"A worker's name has no / and no %, got {self.name!r}.")
        self.work_pool_name = work_pool_name
        self.work_queues = list(work_queues or ())
        self.limit = limit
        self.last_polled: datetime | None = None
        self.query_seconds = settings.query_seconds
        self.cancel_within = CANCEL_WITHIN
        self._prefetch = timedelta(seconds=settings.prefetch_seconds if prefetch_seconds is None else prefetch_seconds)
        self._member = PoolMember(
            work_pool_name,
            self.name,
            self.type,
            heartbeat_interval_seconds or settings.heartbeat_seconds,
            self.work_queues,
            create_pool_if_not_found,
            base_job_template or self.default_base_job_template(),
            metadata(self.distribution),
        )
        self._stack = AsyncExitStack()
        self._client: OstinatoClient | None = None
        self._runs = RunTasks(logger)
        self._held: dict[UUID, HeldRun[C]] = {}
        self._submission = Submission[C](self, self._held, lambda: self._stopping.is_set())
        self._ending = Ending[C](self, self._held)
        self._left = LeftRuns(self.name, work_pool_name)
        self._due = DueRuns()
        self._events: WorkerEvents | None = None
        self._stopping = asyncio.Event()
        self._hurrying = asyncio.Event()

    # What subclasses implement

    @abstractmethod
    async def run(self, flow_run: FlowRun, configuration: C, task_status: TaskStatus) -> BaseWorkerResult:
        """Start the infrastructure of a run, call `task_status.started(identifier)`, and wait until it ends."""

    async def kill_infrastructure(self, infrastructure_pid: str, configuration: C, grace_seconds: int = 30) -> None:
        """End the infrastructure that `task_status.started` named.

        Raises InfrastructureNotFound if it is gone, InfrastructureNotAvailable if another worker may reach it.
        """
        raise NotImplementedError(f"Workers of type {self.type!r} cannot end infrastructure.")

    async def find_left(self) -> list[LeftRun]:
        """Return the runs on infrastructure of this pool that workers started which may be gone."""
        return []

    async def follow(self, flow_run: FlowRun, identifier: str) -> BaseWorkerResult:
        """Wait until infrastructure ends that `find_left` found."""
        raise NotImplementedError(f"Workers of type {self.type!r} cannot take up runs of others.")

    async def setup(self, client: OstinatoClient) -> None:
        """Prepare, before the first run; `client` stays open until `teardown` was called."""

    async def teardown(self) -> None:
        """Let go of the runs that go on: by default they go on by themselves, and tell the server how they end."""
        await end_all(self._runs.tasks())

    # The life of a worker

    async def __aenter__(self) -> Self:
        get_logger("workers")
        if get_current_settings().api.url is None:
            raise ValueError("A worker needs the API URL of a server that goes on: set OSTINATO_API_URL.")
        self._client = await self._stack.enter_async_context(get_client())
        await self.setup(self._client)
        await self._stack.enter_async_context(
            in_background(CancellationWatch(self._client, self.watched, self.cancel).run())
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.teardown()
        await asyncio.gather(*self._runs.tasks(), return_exceptions=True)
        await self._ending.close()
        await self._stack.aclose()

    @property
    def client(self) -> OstinatoClient:
        """The client, while the worker is entered."""
        if self._client is None:
            raise RuntimeError("The worker is not started: use `async with`.")
        return self._client

    @property
    def work_pool(self) -> WorkPool | None:
        """The pool as the server told it last."""
        return self._member.pool

    @property
    def events(self) -> WorkerEvents:
        """Tells the worker's events, once it has been in touch with the server."""
        if self._events is None:
            raise RuntimeError("The worker does not know its pool yet: call `sync_with_backend`.")
        return self._events

    @property
    def is_healthy(self) -> bool:
        """Whether the worker asked for runs within the last 30 intervals, or has just begun."""
        return self.last_polled is None or datetime.now(UTC) - self.last_polled < timedelta(
            seconds=30 * self.query_seconds
        )

    @property
    def is_connected(self) -> bool:
        """Whether signs of life and news of the pool go through a socket; by requests otherwise."""
        return self._member.is_connected

    def stop(self) -> None:
        """End `start`, from its event loop. A second call ends it without waiting for the runs that go on."""
        if self._stopping.is_set():
            self._hurrying.set()
        self._stopping.set()
        self._due.wake()

    async def start(self, run_once: bool = False, on_started: Callable[[], None] | None = None) -> None:
        """Give signs of life and take due runs until `stop`, SIGINT or SIGTERM; with `run_once` ask once and wait."""
        with on_signals({signal.SIGINT: self.stop, signal.SIGTERM: self.stop}):
            if not await self._sync_until_known():
                return
            self.events.emit_started()
            settings = get_current_settings()
            start_replay(settings, settings.api.url)
            async with in_background(self._member.open_channel(self._ending.clean_up if self._kills() else None)):
                if on_started is not None:
                    on_started()
                if run_once:
                    await self._poll()
                    await asyncio.gather(*self._runs.tasks())
                else:
                    await self._work()
                self.events.emit_stopped()

    async def _work(self) -> None:
        resources = [f"prefect.work-pool.{self.work_pool.id}"] if self.work_pool else []
        async with in_background(self._due.watch(resources)):
            await asyncio.gather(self._sync_often(), self._poll_often())
        await self.finish_runs()

    async def finish_runs(self) -> None:
        """Wait for runs that would end with the worker; by default none does. `stop`, called again, ends it."""

    async def _sync_until_known(self) -> bool:
        """Synchronise until the pool is known; whether the worker was not told to stop meanwhile."""
        failures = 0
        while not self._stopping.is_set():
            try:
                await self.sync_with_backend()
                await self._take_up()
            except AWAY as error:
                failures += 1
                logger.warning("The server cannot be reached (%s); the worker goes on trying.", error)
                await set_within(self._stopping, backed_off(1.0, failures))
            else:
                return True
        return False

    async def _sync_often(self) -> None:
        while not await set_within(self._stopping, self._member.heartbeat_seconds):
            try:
                if not self.is_connected:
                    await self.sync_with_backend()
                await self._take_up()
            except (*AWAY, ObjectNotFound) as error:
                logger.warning("The server did not take the worker's sign of life: %s", error)

    async def _poll_often(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                await self._poll()
                failures = 0
            except (*AWAY, ObjectNotFound) as error:
                failures += 1
                logger.warning("The server does not tell which runs are due (%s); it is asked again.", error)
            await self._due.wait(jittered(backed_off(self.query_seconds, failures)))

    async def sync_with_backend(self) -> None:
        """Read the pool, making it if need be, and give a sign of life. Raises ObjectNotFound, or one of `AWAY`."""
        self._events = WorkerEvents(self.type, self.name, await self._member.sync(self.client))

    @classmethod
    def default_base_job_template(cls) -> JsonObject:
        """Return the template of a pool that a worker of this type makes."""
        return cls.job_configuration.template(cls.job_configuration_variables)

    # Runs

    async def _poll(self) -> None:
        room = None if self.limit is None else self.limit - len(self._runs)
        self.last_polled = datetime.now(UTC)
        if room is not None and room <= 0:
            return
        found = await self.client.get_scheduled_flow_runs_for_work_pool(
            self.work_pool_name, self.work_queues, datetime.now(UTC) + self._prefetch, room
        )
        for item in found:
            run = item.flow_run
            if self._stopping.is_set() or run.id in self._runs or not self._runs.has_room(self.limit):
                continue
            logger.info("Worker '%s' submitting flow run '%s'", self.name, run.id)
            self._runs.begin(run.id, self._submission.submit(run))

    # Runs of workers that are gone

    async def _take_up(self) -> None:
        """See the runs through that this worker, before its restart, or one that is gone had started."""
        found = [item for item in await self._find_left() if item.run_id not in self._runs]
        for run in await self._left.to_take_up(self.client, found):
            logger.info("Flow run '%s' is taken up again on %s.", run.name, run.infrastructure_pid)
            self._runs.begin(run.id, self._submission.resume(run, run.infrastructure_pid or ""))

    async def _find_left(self) -> list[LeftRun]:
        try:
            return await self.find_left()
        except Exception as error:  # noqa: BLE001 - the library of an infrastructure may raise anything
            logger.warning("It cannot be told what workers that are gone have left: %s", error)
            return []

    # Cancelling

    def _kills(self) -> bool:
        base: type[BaseWorker[Any]] = BaseWorker  # Any: a configuration of its own
        return type(self).kill_infrastructure is not base.kill_infrastructure

    def watched(self) -> list[UUID]:
        """Return the ids of the runs whose cancelling is to be noticed."""
        return list(self._held) if self._kills() else []

    async def cancel(self, run_id: UUID) -> None:
        """End the infrastructure of a run that is being cancelled: at once if it has not begun, else if it must be.

        A run that goes on learns by itself that it is cancelled; it has `cancel_within` seconds to end.
        """
        held = self._held.get(run_id)
        if held is not None and not held.is_cancelled:
            held.is_cancelled = True
            self._ending.begin(held)

    async def end_left(self, run: FlowRun, identifier: str) -> bool:
        """End what a cancelled run is left on; whether it is gone. Raises as `kill_infrastructure`."""
        await self.kill_infrastructure(identifier, await self._submission.configuration_of(run), KILL_SECONDS)
        return True
