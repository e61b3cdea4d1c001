"""`ProcessWorker`: each run is a process on the worker's machine."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from ostinato.runner.cancellations import CancellationWatch
from ostinato.runner.processes import Job
from ostinato.runner.supervisor import Supervisor
from ostinato.workers.base import NON_ZERO, BaseWorker
from ostinato.workers.configuration import BaseJobConfiguration, BaseVariables
from ostinato.workers.results import BaseWorkerResult

if TYPE_CHECKING:
    from ostinato.client.orchestration import OstinatoClient
    from ostinato.workers.results import TaskStatus
    from ostinato_wire.flow_runs import FlowRun


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
        """Begin to watch for cancellations."""
        self._supervisor = Supervisor(self.name)
        watch = CancellationWatch(client, self._supervisor.run_ids, self._supervisor.cancel)
        self._watch = asyncio.create_task(watch.run())

    async def teardown(self) -> None:
        """End the processes; each tells that its run crashed, so that it may be retried elsewhere."""
        self._watch.cancel()
        await asyncio.gather(self._watch, return_exceptions=True)
        await self._supervisor.stop_all(None)

    async def run(
        self, flow_run: FlowRun, configuration: ProcessJobConfiguration, task_status: TaskStatus
    ) -> BaseWorkerResult:
        """Start the process and wait until it has ended."""
        with tempfile.TemporaryDirectory(suffix="prefect") as temporary:
            pids: list[int] = []

            def started(pid: int) -> None:
                pids.append(pid)
                task_status.started(pid)

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
        """Send SIGTERM to the process, and SIGKILL when the grace is over. Raises ProcessLookupError."""
        pid = int(infrastructure_pid.rpartition(":")[2])
        os.kill(pid, signal.SIGTERM)
        for _ in range(grace_seconds * 10):
            await asyncio.sleep(0.1)
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
        os.kill(pid, signal.SIGKILL)
