"""What a worker does with one run: it takes it, starts its infrastructure, and sees it through to its end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import ValidationError

from ostinato.exceptions import ObjectNotFound
from ostinato.runner.processes import exit_hint
from ostinato.runner.reports import propose_pending, report_cancelled, report_crashed, report_rescheduled
from ostinato.utilities.waiting import in_background
from ostinato.workers.configuration import BaseJobConfiguration, merged_variables
from ostinato.workers.held import AWAY, HeldRun
from ostinato.workers.results import BaseWorkerResult, TaskStatus

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato.workers.base import BaseWorker
    from ostinato_wire.deployments import Deployment
    from ostinato_wire.flow_runs import FlowRun

C = TypeVar("C", bound=BaseJobConfiguration)

logger = logging.getLogger("ostinato.workers")

NON_ZERO = "Flow run infrastructure exited with non-zero status code {status}. {hint}"


class Submission(Generic[C]):
    """Sees runs through for a worker; those whose infrastructure goes on are in `held`, by their ids."""

    def __init__(self, worker: BaseWorker[C], held: dict[UUID, HeldRun[C]], is_stopping: Callable[[], bool]) -> None:
        self._worker = worker
        self._held = held
        self._is_stopping = is_stopping

    async def submit(self, run: FlowRun) -> None:
        """Take a run and see it through to its end."""
        deployment: Deployment | None = None
        if run.deployment_id is not None:
            try:
                deployment = await self._worker.client.read_deployment(run.deployment_id)
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
        if self._is_stopping():
            await report_rescheduled(run)
            return
        submitted = self._worker.events.emit_submitted(run)
        await self._label(run)
        if not await propose_pending(run, "Submitting"):
            return
        held = HeldRun(run, configuration, TaskStatus())
        result = await self._see_through(held, lambda: self._start(held))
        if result is not None:
            self._worker.events.emit_executed(run, result, submitted)

    async def resume(self, run: FlowRun, identifier: str) -> None:
        """See a run through whose infrastructure goes on already."""
        held = HeldRun(run, await self.configuration_of(run), TaskStatus())
        held.status.started(identifier)
        await self._see_through(held, lambda: self._worker.follow(run, identifier))

    async def configuration_of(self, run: FlowRun) -> C:
        """Return what the infrastructure of a run is made with. Raises ObjectNotFound, ValidationError, ValueError."""
        deployment = await self._worker.client.read_deployment(run.deployment_id) if run.deployment_id else None
        return await self._configuration(run, deployment)

    async def _configuration(self, run: FlowRun, deployment: Deployment | None) -> C:
        worker = self._worker
        template = worker.work_pool.base_job_template if worker.work_pool is not None else {}
        values = merged_variables(deployment.job_variables if deployment else None, run.job_variables)
        # Any: the class says its base, the worker's parameter which one it is
        made: Any = await worker.job_configuration.from_template_and_values(template, values, worker.client)
        flow = await worker.client.read_flow(run.flow_id)
        made.prepare_for_flow_run(run, deployment, flow, worker.work_pool, worker.name)
        return made

    async def _see_through(
        self,
        held: HeldRun[C],
        wait: Callable[[], Any],  # Any: a coroutine of a result, or of None
    ) -> BaseWorkerResult | None:
        """Wait until the infrastructure of a run has ended, and tell what nobody else can."""
        run = held.run
        self._held[run.id] = held
        try:
            result: BaseWorkerResult | None = await wait()
        finally:
            self._held.pop(run.id, None)
            held.status.started("")  # who waits for what was never started need not
        if result is None or result.status_code == 0 or result.was_told:
            return result
        if held.is_cancelled:
            await report_cancelled(run)
        else:
            hint = result.reason or exit_hint(result.status_code)
            await report_crashed(run, NON_ZERO.format(status=result.status_code, hint=hint).strip())
        return result

    async def _start(self, held: HeldRun[C]) -> BaseWorkerResult | None:
        """Run it on its infrastructure; None if that could not be started."""
        run, status = held.run, held.status
        async with in_background(self._tell_identifier(run, status)):
            try:
                return await self._worker.run(run, held.configuration, status)
            except Exception as error:  # a custom worker, or the library of an infrastructure, may raise anything
                logger.error("Flow run '%s' could not be started: %s", run.name, error, exc_info=error)
                if held.is_cancelled:
                    await report_cancelled(run)
                else:
                    await report_crashed(run, _not_submitted(error))
                return None

    async def _label(self, run: FlowRun) -> None:
        worker = self._worker
        labels = {"prefect.worker.name": worker.name, "prefect.worker.type": worker.type}
        if (pool := worker.work_pool) is not None:
            labels |= {"prefect.work-pool.name": pool.name, "prefect.work-pool.id": str(pool.id)}
        try:
            await worker.client.update_flow_run_labels(run.id, dict(labels))
        except (*AWAY, ObjectNotFound) as error:
            logger.warning("Flow run '%s' could not be labelled: %s", run.id, error)

    async def _tell_identifier(self, run: FlowRun, status: TaskStatus) -> None:
        identifier = await status.identifier()
        try:
            await self._worker.client.update_flow_run(run.id, infrastructure_pid=identifier)
        except (*AWAY, ObjectNotFound) as error:
            logger.warning("The infrastructure of flow run '%s' could not be told: %s", run.id, error)


def _not_submitted(error: Exception) -> str:
    return f"Failed to submit flow run to infrastructure: {type(error).__name__}: {error}"
