"""How a worker ends infrastructure: of runs that do not cancel themselves, and what the server says was left behind."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Generic, TypeVar

from ostinato.exceptions import InfrastructureNotAvailable, InfrastructureNotFound, ObjectNotFound
from ostinato.utilities.waiting import end_all
from ostinato.workers.configuration import BaseJobConfiguration
from ostinato.workers.held import AWAY, HeldRun

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato.workers.base import BaseWorker
    from ostinato.workers.channel import CleanUp

C = TypeVar("C", bound=BaseJobConfiguration)

logger = logging.getLogger("ostinato.workers")


class Ending(Generic[C]):
    """Ends infrastructure for a worker; `held` are the runs whose infrastructure goes on, by their ids."""

    def __init__(self, worker: BaseWorker[C], held: dict[UUID, HeldRun[C]]) -> None:
        self._worker = worker
        self._held = held
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, held: HeldRun[C]) -> None:
        """End the infrastructure of a run that is being cancelled: at once if it has not begun, else if it must be."""
        task = asyncio.create_task(self._end(held))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Let go of the runs that have not ended yet."""
        await end_all(self._tasks)

    async def _end(self, held: HeldRun[C]) -> None:
        run = held.run
        try:
            has_begun = (await self._worker.client.read_flow_run(run.id)).start_time is not None
        except (*AWAY, ObjectNotFound):
            has_begun = True
        identifier = await held.status.identifier()
        if has_begun:
            await asyncio.sleep(self._worker.cancel_within)
        if run.id not in self._held:
            return
        logger.warning("Flow run '%s' did not cancel itself: %s is ended.", run.name, identifier)
        try:
            await self._worker.kill_infrastructure(identifier, held.configuration)
        except InfrastructureNotFound:
            return
        except Exception as error:  # a custom worker, or the library of an infrastructure, may raise anything
            logger.error("Flow run '%s' could not be cancelled: %s", run.name, error, exc_info=error)

    async def clean_up(self, message: CleanUp) -> bool:
        """End what a run is left on; False if another worker may be able to."""
        try:
            run = await self._worker.client.read_flow_run(message.flow_run_id)
            identifier = message.infrastructure_pid or run.infrastructure_pid
            if identifier is None:
                return True
            return await self._worker.end_left(run, identifier)
        except (InfrastructureNotFound, ObjectNotFound):
            return True
        except Exception as error:  # noqa: BLE001 - the library of an infrastructure may raise anything
            if not isinstance(error, InfrastructureNotAvailable):
                logger.warning("What flow run '%s' is left on could not be ended: %s", message.flow_run_id, error)
            return False
