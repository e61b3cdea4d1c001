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
from uuid import uuid4

import httpx
from pydantic import ValidationError

from ostinato.client import get_client
from ostinato.client.errors import OstinatoHTTPStatusError
from ostinato.exceptions import ObjectAlreadyExists, ObjectNotFound
from ostinato.journal.replay import start_replay
from ostinato.logging import get_logger
from ostinato.runner.cancellations import jittered
from ostinato.runner.processes import exit_hint
from ostinato.runner.reports import propose_pending, report_cancelled, report_crashed
from ostinato.runner.run_tasks import RunTasks
from ostinato.runner.runner import backed_off
from ostinato.settings import get_current_settings
from ostinato.utilities.waiting import set_within
from ostinato.workers.channel import Greeting, WorkerChannel
from ostinato.workers.configuration import BaseJobConfiguration, BaseVariables, merged_variables
from ostinato.workers.events import WorkerEvents
from ostinato.workers.results import BaseWorkerResult, TaskStatus
from ostinato_wire.work_pools import WorkPool, WorkPoolCreate, WorkPoolUpdate

if TYPE_CHECKING:
    from ostinato.client.orchestration import OstinatoClient
    from ostinato_wire.base import JsonObject
    from ostinato_wire.deployments import Deployment
    from ostinato_wire.flow_runs import FlowRun

C = TypeVar("C", bound=BaseJobConfiguration)

logger = logging.getLogger("ostinato.workers")

AWAY = (httpx.HTTPError, OstinatoHTTPStatusError)
"""The server does not answer, or not with success: a worker waits and asks again."""

NON_ZERO = "Flow run infrastructure exited with non-zero status code {status}. {hint}"


class BaseWorker(ABC, Generic[C]):
    """Use it as `async with Worker("pool") as worker: await worker.start()`.

    A subclass sets `type`, `job_configuration` and `job_configuration_variables`, and implements `run`. Times are in
    seconds and default to settings; `limit` is how many runs go on at once.
    """

    type: ClassVar[str]
    job_configuration: ClassVar[type[BaseJobConfiguration]] = BaseJobConfiguration
    job_configuration_variables: ClassVar[type[BaseVariables]] = BaseVariables

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
        self.work_pool: WorkPool | None = None
        self.last_polled: datetime | None = None
        self.query_seconds = settings.query_seconds
        self._prefetch = timedelta(seconds=settings.prefetch_seconds if prefetch_seconds is None else prefetch_seconds)
        self._heartbeat_seconds = heartbeat_interval_seconds or settings.heartbeat_seconds
        self._create_pool = create_pool_if_not_found
        self._template = base_job_template
        self._stack = AsyncExitStack()
        self._client: OstinatoClient | None = None
        self._channel: WorkerChannel | None = None
        self._runs = RunTasks(logger)
        self._stopping = asyncio.Event()

    # What subclasses implement

    @abstractmethod
    async def run(self, flow_run: FlowRun, configuration: C, task_status: TaskStatus) -> BaseWorkerResult:
        """Start the infrastructure of a run, call `task_status.started(identifier)`, and wait until it ends."""

    async def kill_infrastructure(self, infrastructure_pid: str, configuration: C, grace_seconds: int = 30) -> None:
        """End the infrastructure that `task_status.started` named."""
        raise NotImplementedError(f"Workers of type {self.type!r} cannot end infrastructure.")

    async def setup(self, client: OstinatoClient) -> None:
        """Prepare, before the first run; `client` stays open until `teardown` was called."""

    async def teardown(self) -> None:
        """Let go of the runs that go on; each of them should end soon."""

    # The life of a worker

    async def __aenter__(self) -> Self:
        get_logger("workers")
        if get_current_settings().api.url is None:
            raise ValueError("A worker needs the API URL of a server that goes on: set OSTINATO_API_URL.")
        self._client = await self._stack.enter_async_context(get_client())
        await self.setup(self._client)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.teardown()
        await asyncio.gather(*self._runs.tasks(), return_exceptions=True)
        await self._stack.aclose()

    @property
    def client(self) -> OstinatoClient:
        """The client, while the worker is entered."""
        if self._client is None:
            raise RuntimeError("The worker is not started: use `async with`.")
        return self._client

    @property
    def is_healthy(self) -> bool:
        """Whether the worker asked for runs within the last 30 intervals, or has just begun."""
        return self.last_polled is None or datetime.now(UTC) - self.last_polled < timedelta(
            seconds=30 * self.query_seconds
        )

    @property
    def is_connected(self) -> bool:
        """Whether signs of life and news of the pool go through a socket; by requests otherwise."""
        return self._channel is not None and self._channel.is_open

    def stop(self) -> None:
        """End `start`, from its event loop."""
        self._stopping.set()

    async def start(self, run_once: bool = False, on_started: Callable[[], None] | None = None) -> None:
        """Give signs of life and take due runs until `stop`, SIGINT or SIGTERM; with `run_once` ask once and wait."""
        signals = self._handle_signals()
        try:
            if not await self._sync_until_known():
                return
            self._events.emit_started()
            settings = get_current_settings()
            start_replay(settings, settings.api.url)
            channel = asyncio.create_task(self._open_channel())
            if on_started is not None:
                on_started()
            if run_once:
                await self._poll()
                await asyncio.gather(*self._runs.tasks())
            else:
                await asyncio.gather(self._repeat(self._sync, self._heartbeat_seconds), self._poll_often())
            self._events.emit_stopped()
            channel.cancel()
            await asyncio.gather(channel, return_exceptions=True)
        finally:
            for number in signals:
                asyncio.get_running_loop().remove_signal_handler(number)

    def _handle_signals(self) -> list[int]:
        loop = asyncio.get_running_loop()
        handled: list[int] = []
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self.stop)
                handled.append(number)
        except (ValueError, RuntimeError):
            logger.debug("This is not the main thread: signals are left to others.")
        return handled

    async def _sync_until_known(self) -> bool:
        """Synchronise until the pool is known; whether the worker was not told to stop meanwhile."""
        failures = 0
        while not self._stopping.is_set():
            try:
                await self.sync_with_backend()
            except AWAY as error:
                failures += 1
                logger.warning("The server cannot be reached (%s); the worker goes on trying.", error)
                await set_within(self._stopping, backed_off(1.0, failures))
            else:
                return True
        return False

    async def _repeat(self, action: Callable[[], Any], seconds: float) -> None:  # Any: a coroutine
        while not self._stopping.is_set():
            await set_within(self._stopping, seconds)
            if self._stopping.is_set():
                return
            try:
                await action()
            except AWAY as error:
                logger.warning("The server did not take the worker's sign of life: %s", error)

    async def _poll_often(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                await self._poll()
                failures = 0
            except AWAY as error:
                failures += 1
                logger.warning("The server does not tell which runs are due (%s); it is asked again.", error)
            await set_within(self._stopping, jittered(backed_off(self.query_seconds, failures)))

    # Work pool and signs of life

    async def _open_channel(self) -> None:
        self._channel = WorkerChannel(
            Greeting(
                self.work_pool_name, self.name, self.type, max(1, round(self._heartbeat_seconds)), self.work_queues
            ),
            self._take_pool,
        )
        await self._channel.run()

    def _take_pool(self, pool: WorkPool) -> None:
        self.work_pool = pool

    async def _sync(self) -> None:
        """Do by requests what the channel does while it is open."""
        if not self.is_connected:
            await self.sync_with_backend()

    async def sync_with_backend(self) -> None:
        """Read the pool, making it if need be, and give a sign of life. Raises ObjectNotFound, or one of `AWAY`."""
        self.work_pool = await self._read_or_create_pool()
        if not self.work_pool.base_job_template and self.work_pool.type == self.type:
            template = self._template or self.default_base_job_template()
            await self.client.update_work_pool(self.work_pool.name, WorkPoolUpdate(base_job_template=template))
            self.work_pool.base_job_template = template
        self._events = WorkerEvents(self.type, self.name, self.work_pool)
        await self.client.send_worker_heartbeat(self.work_pool_name, self.name, self._heartbeat_seconds)

    async def _read_or_create_pool(self) -> WorkPool:
        try:
            pool = await self.client.read_work_pool(self.work_pool_name)
        except ObjectNotFound:
            if not self._create_pool:
                raise
            body = WorkPoolCreate(
                name=self.work_pool_name,
                type=self.type,
                base_job_template=self._template or self.default_base_job_template(),
            )
            try:
                pool = await self.client.create_work_pool(body)
            except ObjectAlreadyExists:  # another worker was faster
                pool = await self.client.read_work_pool(self.work_pool_name)
            else:
                logger.info("Work pool %r was made.", self.work_pool_name)
        if self.work_pool is None and pool.type != self.type:
            logger.warning("Work pool %r is of type %r, this worker of %r.", pool.name, pool.type, self.type)
        return pool

    @classmethod
    def default_base_job_template(cls) -> JsonObject:
        """Return the template of a pool that a worker of this type makes."""
        return cls.job_configuration.template(cls.job_configuration_variables)

    # Runs

    async def _poll(self) -> None:
        room = None if self.limit is None else self.limit - len(self._runs)
        self.last_polled = datetime.now(UTC)
        if room == 0:
            return
        found = await self.client.get_scheduled_flow_runs_for_work_pool(
            self.work_pool_name, self.work_queues, datetime.now(UTC) + self._prefetch, room
        )
        for item in found:
            run = item.flow_run
            if run.id in self._runs or not self._runs.has_room(self.limit):
                continue
            logger.info("Worker '%s' submitting flow run '%s'", self.name, run.id)
            self._runs.begin(run.id, self._submit(run))

    async def _submit(self, run: FlowRun) -> None:
        """Take a run and see it through to its end."""
        deployment: Deployment | None = None
        if run.deployment_id is not None:
            try:
                deployment = await self.client.read_deployment(run.deployment_id)
            except ObjectNotFound:
                await report_cancelled(run, f"Deployment {run.deployment_id} no longer exists.")
                return
        if not await propose_pending(run):
            return
        try:
            configuration = await self._configuration(run, deployment)
        except (ValidationError, ValueError, ObjectNotFound) as error:
            await report_crashed(run, _not_submitted(error))
            return
        submitted = self._events.emit_submitted(run)
        await self._label(run)
        if not await propose_pending(run, "Submitting"):
            return
        result = await self._start(run, configuration)
        if result is None:
            return
        if result.status_code != 0 and not result.was_told:
            text = NON_ZERO.format(status=result.status_code, hint=exit_hint(result.status_code)).strip()
            await report_crashed(run, text)
        self._events.emit_executed(run, result, submitted)

    async def _configuration(self, run: FlowRun, deployment: Deployment | None) -> C:
        pool = self.work_pool
        template = pool.base_job_template if pool is not None else {}
        values = merged_variables(deployment.job_variables if deployment else None, run.job_variables)
        made: Any = await self.job_configuration.from_template_and_values(template, values, self.client)
        flow = await self.client.read_flow(run.flow_id)
        made.prepare_for_flow_run(run, deployment, flow, pool, self.name)
        return made

    async def _label(self, run: FlowRun) -> None:
        labels = {"prefect.worker.name": self.name, "prefect.worker.type": self.type}
        if self.work_pool is not None:
            labels |= {"prefect.work-pool.name": self.work_pool.name, "prefect.work-pool.id": str(self.work_pool.id)}
        try:
            await self.client.update_flow_run_labels(run.id, dict(labels))
        except (*AWAY, ObjectNotFound) as error:
            logger.warning("Flow run '%s' could not be labelled: %s", run.id, error)

    async def _start(self, run: FlowRun, configuration: C) -> BaseWorkerResult | None:
        """Run it on its infrastructure; None if that could not be started."""
        status = TaskStatus()
        telling = asyncio.create_task(self._tell_identifier(run, status))
        try:
            return await self.run(run, configuration, status)
        except Exception as error:  # a custom worker, or the library of an infrastructure, may raise anything
            logger.error("Flow run '%s' could not be started: %s", run.name, error, exc_info=error)
            await report_crashed(run, _not_submitted(error))
            return None
        finally:
            telling.cancel()

    async def _tell_identifier(self, run: FlowRun, status: TaskStatus) -> None:
        identifier = await status.identifier()
        try:
            await self.client.update_flow_run(run.id, infrastructure_pid=identifier)
        except (*AWAY, ObjectNotFound) as error:
            logger.warning("The infrastructure of flow run '%s' could not be told: %s", run.id, error)


def _not_submitted(error: Exception) -> str:
    return f"Failed to submit flow run to infrastructure: {type(error).__name__}: {error}"
