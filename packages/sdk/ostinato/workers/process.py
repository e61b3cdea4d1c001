"""`ProcessWorker`: each run is a process on the worker's machine."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from ostinato.exceptions import InfrastructureNotFound
from ostinato.runner.processes import Job
from ostinato.runner.supervisor import Supervisor, sigterm_behavior
from ostinato.runner.warm import WarmProcesses
from ostinato.settings import get_current_settings
from ostinato.workers.base import BaseWorker
from ostinato.workers.configuration import BaseJobConfiguration, BaseVariables
from ostinato.workers.results import BaseWorkerResult
from ostinato.workers.submission import NON_ZERO

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from ostinato.client.orchestration import OstinatoClient
    from ostinato.workers.results import TaskStatus
    from ostinato_wire.flow_runs import FlowRun

logger = logging.getLogger("ostinato.workers")

STARTED_WITHIN = 0.5
"""Seconds after which a stopping worker looks for processes that were started meanwhile."""


class ProcessVariables(BaseVariables):
    """What deployments may say of their processes."""

    stream_output: bool = Field(default=True, description="Print what the run prints.")
    working_dir: str | None = Field(
        default=None, description="Folder in which the run starts; by default a temporary one."
    )


class ProcessJobConfiguration(BaseJobConfiguration):
    """What a process is started with."""

    stream_output: bool = True
    working_dir: Path | None = None

    def default_command(self) -> str:
        """Return the engine of this interpreter."""
        return "python -m ostinato.engine"


class ProcessWorker(BaseWorker[ProcessJobConfiguration]):
    """Runs flows on this machine. A run that is cancelled has 30 seconds to end by itself."""

    type: ClassVar[str] = "process"
    job_configuration: ClassVar[type[BaseJobConfiguration]] = ProcessJobConfiguration
    job_configuration_variables: ClassVar[type[BaseVariables]] = ProcessVariables

    async def setup(self, client: OstinatoClient) -> None:
        """Make ready what starts processes."""
        self._warm = WarmProcesses()
        self._supervisor = Supervisor(self.name, start=self._warm.start)

    def watched(self) -> list[UUID]:
        """Return the ids of the runs that were taken: one that is cancelled before its process starts is, too."""
        return [*self._held, *self._supervisor.run_ids()]

    async def cancel(self, run_id: UUID) -> None:
        """Tell the process of a run to end, and kill it if it does not."""
        if run_id in self._held:
            self._held[run_id].is_cancelled = True
        await self._supervisor.cancel(run_id)

    async def start(self, run_once: bool = False, on_started: Callable[[], None] | None = None) -> None:
        """Do as the base's, with processes kept ready while it goes on asking."""
        async with AsyncExitStack() as stack:
            if not run_once:
                await stack.enter_async_context(self._warm)
            await super().start(run_once, on_started)

    async def finish_runs(self) -> None:
        """Give the runs that go on the time to end that the settings grant."""
        seconds = get_current_settings().worker.shutdown_grace_seconds
        going_on = self._runs.tasks()
        if not going_on or not seconds:
            return
        logger.info("Waiting up to %g seconds for %d run(s); stop again to end them now.", seconds, len(going_on))
        hurrying = asyncio.create_task(self._hurrying.wait())
        ended = asyncio.gather(*going_on, return_exceptions=True)
        await asyncio.wait((hurrying, ended), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        hurrying.cancel()

    async def teardown(self) -> None:
        """End the processes; each tells that its run crashed, or is handed back, as the setting for SIGTERM says."""
        while going_on := self._runs.tasks():
            await self._supervisor.stop_all(sigterm_behavior())
            await asyncio.wait(going_on, timeout=STARTED_WITHIN)  # one may only now be starting its process

    async def end_left(self, run: FlowRun, identifier: str) -> bool:
        """End the process of a run if it is this worker's: a number alone does not tell whose it is now."""
        if run.id not in self._supervisor.run_ids():
            return False
        await self._supervisor.cancel(run.id)
        return True

    async def run(
        self, flow_run: FlowRun, configuration: ProcessJobConfiguration, task_status: TaskStatus
    ) -> BaseWorkerResult:
        """Start the process and wait until it has ended."""
        with tempfile.TemporaryDirectory(suffix="prefect") as temporary:
            pids: list[int] = []

            def started(pid: int) -> None:
                pids.append(pid)
                task_status.started(pid)
                held = self._held.get(flow_run.id)
                if held is not None and held.is_cancelled:  # while the process was being started
                    asyncio.get_running_loop().create_task(self._supervisor.cancel(flow_run.id))

            given = {name: value for name, value in configuration.env.items() if value is not None}
            job = Job(
                environment={**os.environ, **given},
                command=Job.split(configuration.command or configuration.default_command()),
                directory=configuration.working_dir or Path(temporary),
                stream_output=configuration.stream_output,
            )
            ended = await self._supervisor.run(flow_run, job, started, NON_ZERO)
        return BaseWorkerResult(ended.status, str(pids[0]), was_told=True)

    async def kill_infrastructure(
        self, infrastructure_pid: str, configuration: ProcessJobConfiguration, grace_seconds: int = 30
    ) -> None:
        """Send SIGTERM to the process, and SIGKILL when the grace is over. Raises InfrastructureNotFound."""
        pid = int(infrastructure_pid.rpartition(":")[2])
        try:
            os.kill(pid, signal.SIGTERM)
            for _ in range(grace_seconds * 10):
                await asyncio.sleep(0.1)
                os.kill(pid, 0)
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError as error:
            raise InfrastructureNotFound(f"There is no process {pid} on this machine.") from error
