"""Gives background task runs to other workers whose own is gone, as a killed process is."""

import logging
from datetime import timedelta
from functools import partial
from typing import Final

from ostinato_core.clock import utc_now
from ostinato_core.errors import Fact, LostRace
from ostinato_core.json_log import log_fields
from ostinato_core.settings import ServerSettings
from ostinato_core.states.rows import Row
from ostinato_core.task_runs.held_runs import deliver_again, find_forsaken
from ostinato_core.transaction import Database
from ostinato_scheduler.loop import Work

logger = logging.getLogger("ostinato.server.loops")

BATCH: Final = 100


class RedeliverTaskRuns:
    """Queues runs again that a task worker had taken and did not end; after some times they have crashed."""

    name = "redeliver-task-runs"
    setting = "task_workers"
    description = "Gives background task runs to other workers when theirs is gone."

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database
        self._silence = timedelta(seconds=settings.task_workers_silence)
        self._most = settings.task_workers_redeliveries

    async def tick(self) -> Work:
        """Move the runs whose workers are gone; a transaction each, so that none holds up another."""
        forsaken = await self._database.read(partial(find_forsaken, silence=self._silence, limit=BATCH))
        moved, lag = 0, 0.0
        for row in forsaken:
            lag = max(lag, (utc_now() - row["claimed_until"]).total_seconds())
            with log_fields(task_run_id=row["task_run_id"]):
                moved += await self._deliver_again(row)
        return Work(moved, len(forsaken) == BATCH and moved > 0, lag)

    async def _deliver_again(self, forsaken: Row) -> bool:
        try:
            moved = await self._database.write(
                partial(deliver_again, forsaken=forsaken, most=self._most), workspace_id=forsaken["workspace_id"]
            )
        except (Fact, LostRace) as error:
            logger.warning("The worker of a task run is gone, but the run cannot be moved now: %s", error)
            return False
        if moved:
            logger.info("The worker of a task run is gone, and the run is taken back.")
        return moved
