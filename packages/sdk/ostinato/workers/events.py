"""The events of a worker: started, stopped, and the runs that it submitted and executed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostinato.engine.events import Labels, missing_tags, related_resource
from ostinato.events.emit import emit_event

if TYPE_CHECKING:
    from ostinato.events import Event
    from ostinato.workers.results import BaseWorkerResult
    from ostinato_wire.flow_runs import FlowRun
    from ostinato_wire.work_pools import WorkPool


class WorkerEvents:
    """Tells events of one worker."""

    def __init__(self, worker_type: str, name: str, work_pool: WorkPool) -> None:
        slug = "-".join(name.lower().split())
        self._resource: Labels = {
            "prefect.resource.id": f"prefect.worker.{worker_type}.{slug}",
            "prefect.resource.name": name,
            "prefect.worker-type": worker_type,
        }
        self._pool = related_resource("work-pool", str(work_pool.id), work_pool.name)
        self._started: Event | None = None

    def emit_started(self) -> None:
        """Tell that the worker has begun to take runs."""
        self._started = emit_event("prefect.worker.started", self._resource, related=[self._pool])

    def emit_stopped(self) -> None:
        """Tell that it takes no more."""
        emit_event("prefect.worker.stopped", self._resource, related=[self._pool], follows=self._started)

    def emit_submitted(self, run: FlowRun) -> Event | None:
        """Tell that the infrastructure of a run is about to be started."""
        return emit_event("prefect.worker.submitted-flow-run", self._resource, related=self._related(run, {}))

    def emit_executed(self, run: FlowRun, result: BaseWorkerResult, submitted: Event | None) -> None:
        """Tell how the infrastructure of a run ended."""
        ended = {
            "prefect.infrastructure.identifier": result.identifier,
            "prefect.infrastructure.status-code": str(result.status_code),
        }
        related = self._related(run, ended)
        emit_event("prefect.worker.executed-flow-run", self._resource, related=related, follows=submitted)

    def _related(self, run: FlowRun, of_run: Labels) -> list[Labels]:
        related = [
            related_resource("flow-run", str(run.id), run.name) | of_run,
            related_resource("flow", str(run.flow_id)),
            self._pool,
        ]
        if run.deployment_id is not None:
            related.append(related_resource("deployment", str(run.deployment_id)))
        return related + missing_tags(sorted(run.tags), related)
