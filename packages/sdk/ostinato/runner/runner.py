"""`Runner`: polls for due runs of its deployments and runs each in a process (sdk.md, 26)."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from pickle import PicklingError
from typing import TYPE_CHECKING, Any, Final, Unpack
from uuid import UUID

import httpx

from ostinato.client import get_client
from ostinato.client.errors import OstinatoHTTPStatusError
from ostinato.engine import termination
from ostinato.engine.process import CODE_IS_HERE
from ostinato.journal.replay import start_replay
from ostinato.logging import get_logger
from ostinato.runner.cancellations import CancellationWatch, jittered
from ostinato.runner.code import CodeKeeper
from ostinato.runner.due import DueRuns
from ostinato.runner.processes import ENGINE_COMMAND, Job, child_environment
from ostinato.runner.reports import propose_pending, report_crashed
from ostinato.runner.run_tasks import RunTasks
from ostinato.runner.supervisor import Supervisor, sigterm_behavior
from ostinato.runner.warm import WarmProcesses
from ostinato.runner.webserver import webserver as serving
from ostinato.settings import get_current_settings
from ostinato.utilities.annotations import NotSet
from ostinato.utilities.dispatch import in_async_code
from ostinato.utilities.signals import on_signals
from ostinato.utilities.waiting import in_background
from ostinato_wire.states import StateType

if TYPE_CHECKING:
    from ostinato.client.orchestration import OstinatoClient
    from ostinato.deployments.definition import DeploymentOptions, RunnerDeployment
    from ostinato.flows import Flow
    from ostinato.runner.storage import CodeStorage
    from ostinato_wire.flow_runs import FlowRun

logger = logging.getLogger("ostinato.runner")

SHUTTING_DOWN: Final = "Runner is shutting down."
LONGEST_PAUSE = 60.0
"""Seconds between questions at most while the server does not answer."""


class Runner:
    """Runs due runs of deployments here, `limit` at once (default: the setting; None: no limit).

    `query_seconds` between questions for due runs, which are taken up to `prefetch_seconds` early. With
    `pause_on_shutdown` the schedules of its deployments are paused at the end; with `webserver` it answers probes.
    """

    def __init__(
        self,
        name: str | None = None,
        query_seconds: float | None = None,
        prefetch_seconds: float = 10,
        heartbeat_seconds: int | None = None,
        limit: int | type[NotSet] | None = NotSet,
        pause_on_shutdown: bool = True,
        webserver: bool = False,
    ) -> None:
        settings = get_current_settings().runner
        self.name = name or f"runner-{os.getpid()}"
        if set(self.name) & set("/%"):
            raise ValueError(f"A runner's name has no / and no %, got {self.name!r}.")
        self.limit: int | None = settings.process_limit if isinstance(limit, type) else limit
        self._query_seconds = query_seconds or settings.poll_frequency
        self._prefetch = timedelta(seconds=prefetch_seconds)
        self._heartbeat_seconds = heartbeat_seconds
        self._pause_on_shutdown = pause_on_shutdown
        self._webserver = webserver or settings.server.enable
        self._healthy_within = timedelta(seconds=settings.server.missed_polls_tolerance * self._query_seconds)
        self._last_polled = datetime.now(UTC)
        self._due = DueRuns()
        self._deployments: dict[UUID, RunnerDeployment] = {}
        self._warm = WarmProcesses()
        self._supervisor = Supervisor(self.name, start=self._warm.start)
        self._runs = RunTasks(logger)
        self._code = CodeKeeper()
        self._stopping = asyncio.Event()
        self._intent: str | None = None
        self._folder_path = Path(tempfile.gettempdir())

    def add_flow(self, flow: Flow[..., Any], name: str | None = None, **options: Unpack[DeploymentOptions]) -> Any:
        """Make a deployment of a flow and run it; return its id, in async code an awaitable of it."""
        return self.add_deployment(flow.to_deployment(name or flow.name, **options))

    def add_deployment(self, deployment: RunnerDeployment) -> Any:  # Any: the id, in async code an awaitable of it
        """Make or change a deployment on the server and run it; return its id. Raises DeploymentApplyError."""
        if in_async_code():
            return self.aadd_deployment(deployment)
        return self._added(deployment.apply(), deployment)

    async def aadd_deployment(self, deployment: RunnerDeployment) -> UUID:
        """Do as `add_deployment`, in an event loop."""
        return self._added(await deployment.aapply(), deployment)

    def _added(self, deployment_id: UUID, deployment: RunnerDeployment) -> UUID:
        self._deployments[deployment_id] = deployment
        return deployment_id

    @property
    def is_healthy(self) -> bool:
        """Whether the server answered which runs are due within the last intervals, as many as the setting says."""
        return datetime.now(UTC) - self._last_polled < self._healthy_within

    @property
    def run_count(self) -> int:
        """How many runs are going on."""
        return len(self._runs)

    def stop(self) -> None:
        """End `start`, from its event loop: the runs that are going on are cancelled first."""
        self._intent = termination.CANCEL
        self._end()

    def _end(self) -> None:
        self._stopping.set()
        self._due.wake()

    async def start(
        self,
        run_once: bool = False,
        webserver: bool | None = None,
        on_started: Callable[[], None] | None = None,
    ) -> None:
        """Run due runs until SIGINT, SIGTERM or `stop`; with `run_once` ask once and wait for the runs found.

        `webserver` wins over the runner's. `on_started` is called when it is ready.
        """
        get_logger("runner")
        async with get_client() as client, AsyncExitStack() as stack:
            await client.check_server_version()
            start_replay(client.settings, client.api_url)
            stack.enter_context(self._signals())
            self._folder_path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ostinato-")))
            await stack.enter_async_context(serving(self, self._webserver if webserver is None else webserver))
            await stack.enter_async_context(in_background(self._cancellations(client).run()))
            if not run_once:
                await stack.enter_async_context(in_background(self._due.watch(self._resources())))
                await stack.enter_async_context(self._warm)
            if on_started is not None:
                on_started()
            try:
                await self._serve(client, run_once)
            finally:
                await self._shut_down(client)

    def _cancellations(self, client: OstinatoClient) -> CancellationWatch:
        is_strict = get_current_settings().runner.crash_on_cancellation_failure
        cut_off = self._crash_all if is_strict else None
        return CancellationWatch(client, self._supervisor.run_ids, self._supervisor.cancel, cut_off=cut_off)

    async def _crash_all(self) -> None:
        logger.error("Nobody can be asked which runs are to be cancelled; all of them are ended.")
        await self._supervisor.stop_all(None)

    def _resources(self) -> list[str]:
        """Return what the events of this runner's runs name."""
        return [f"prefect.deployment.{deployment_id}" for deployment_id in self._deployments]

    async def _serve(self, client: OstinatoClient, run_once: bool) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                await self._take_due(client)
                failures = 0
            except (httpx.HTTPError, OstinatoHTTPStatusError) as error:
                failures += 1
                logger.warning("The server does not tell which runs are due (%s); it is asked again.", error)
            if run_once:
                await asyncio.gather(*self._runs.tasks())
                return
            await self._due.wait(jittered(backed_off(self._query_seconds, failures)))

    async def _take_due(self, client: OstinatoClient) -> None:
        if not self._deployments:
            return
        found = await client.get_scheduled_flow_runs_for_deployments(
            list(self._deployments), scheduled_before=datetime.now(UTC) + self._prefetch
        )
        self._last_polled = datetime.now(UTC)
        due = sorted((run for run in found if run.id not in self._runs), key=_due_time)
        for position, run in enumerate(due):
            if not self._runs.has_room(self.limit):
                logger.info("%d due run(s) wait: %d run(s) are going on, the limit.", len(due) - position, self.limit)
                return
            self._runs.begin(run.id, self._run(run))

    async def _run(self, run: FlowRun) -> None:
        if not (await propose_pending(run) and await propose_pending(run, "Submitting")):
            return
        try:
            await self._code.refresh(self._storage_of(run))
            await self._supervisor.run(run, self._job(run))
        except (OSError, TypeError, PicklingError) as error:
            await report_crashed(run, f"Flow run could not start: {error}")

    def _job(self, run: FlowRun) -> Job:
        deployment = self._deployments.get(run.deployment_id) if run.deployment_id is not None else None
        additions: dict[str, str] = {}
        if self._heartbeat_seconds is not None:
            additions["OSTINATO_FLOWS_HEARTBEAT_FREQUENCY"] = str(self._heartbeat_seconds)
        if deployment is not None:
            additions["PREFECT__DEPLOYMENT_NAME"] = deployment.name
            if deployment.entrypoint is None:
                additions["OSTINATO__PICKLED_FLOW"] = str(self._pickled(deployment))
        storage = self._storage_of(run)
        if storage is not None:
            additions[CODE_IS_HERE] = "1"
        return Job(child_environment(run.id, additions), directory=storage.destination if storage else None)

    def _storage_of(self, run: FlowRun) -> CodeStorage | None:
        deployment = self._deployments.get(run.deployment_id) if run.deployment_id is not None else None
        return deployment.storage if deployment is not None else None

    def _pickled(self, deployment: RunnerDeployment) -> Path:
        """Return a file with the flow of a deployment, which no process could import."""
        import cloudpickle

        path = self._folder_path / f"{abs(hash(deployment.full_name)):x}.pickle"
        if not path.exists():
            path.write_bytes(cloudpickle.dumps(deployment.flow))  # pyright: ignore[reportUnknownMemberType] - it has no types
        return path

    async def execute_flow_run(self, flow_run_id: UUID, command: tuple[str, ...] | None = None) -> int:
        """Supervise the process of one run, also one that another supervisor took; return the process's exit status.

        SIGTERM ends the run as OSTINATO_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR says: `reschedule`, `relinquish`, else as
        crashed. A status other than 0 of a run that was rescheduled is told as 0.
        """
        get_logger("runner")
        async with get_client() as client:
            await client.check_server_version()
            run = await client.read_flow_run(flow_run_id)
            if run.state_type is StateType.SCHEDULED and not await propose_pending(run):
                return 0
            behavior = sigterm_behavior()
            with self._signals():
                self._intent = None
                job = Job(child_environment(run.id), ENGINE_COMMAND if command is None else command)
                async with (
                    in_background(self._cancellations(client).run()),
                    in_background(self._stop_when_told(behavior)),
                ):
                    try:
                        ended = await self._supervisor.run(run, job)
                    except OSError as error:
                        await report_crashed(run, f"Flow run could not start: {error}")
                        return 1
            if self._stopping.is_set():
                return 0 if behavior == termination.RESCHEDULE else 1
            return ended.status

    async def _stop_when_told(self, intent: str | None) -> None:
        await self._stopping.wait()
        await self._supervisor.stop_all(intent)

    def _signals(self) -> AbstractContextManager[None]:
        """SIGINT ends the loop; SIGTERM cancels the runs first."""
        return on_signals({signal.SIGINT: self._end, signal.SIGTERM: self.stop})

    async def _shut_down(self, client: OstinatoClient) -> None:
        """Stop the runs, wait until they are told of, and pause the schedules."""
        waiting = self._runs.tasks()
        if waiting:
            logger.info("Stopping %d run(s)...", len(waiting))
            await self._supervisor.stop_all(self._intent, SHUTTING_DOWN)
            await asyncio.gather(*waiting, return_exceptions=True)
        if self._pause_on_shutdown:
            for deployment_id, deployment in self._deployments.items():
                try:
                    await client.pause_deployment(deployment_id)
                except (httpx.HTTPError, OstinatoHTTPStatusError) as error:
                    logger.warning("The schedules of %r could not be paused: %s", deployment.full_name, error)


def backed_off(seconds: float, failures: int) -> float:
    """Return the pause between two questions, twice as long for each failure in a row, up to a minute."""
    return min(seconds * 2**failures, max(LONGEST_PAUSE, seconds)) if failures < 10 else max(LONGEST_PAUSE, seconds)


def _due_time(run: FlowRun) -> datetime:
    return run.next_scheduled_start_time or run.expected_start_time or datetime.now(UTC)
