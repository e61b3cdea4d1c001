"""Takes runs back from workers that have taken them and did not begin them in time, so that others can."""

import logging
from datetime import timedelta
from functools import partial
from typing import Final

from ostinato_core.clock import utc_now
from ostinato_core.errors import Fact, LostRace
from ostinato_core.json_log import log_fields
from ostinato_core.liveness.pending_runs import find_stranded, take_back
from ostinato_core.settings import ServerSettings
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Database
from ostinato_scheduler.loop import Work

logger = logging.getLogger("ostinato.server.loops")

BATCH: Final = 100


class RescheduleStrandedRuns:
    """Schedules runs again that a worker has taken and that did not begin; after some times they have crashed."""

    name = "reschedule-stranded-runs"
    setting = "pending_deadline"
    description = "Schedules runs again that a worker has taken and that did not begin in time."

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database
        self._deadline = timedelta(seconds=settings.pending_deadline_after)
        self._most = settings.pending_deadline_attempts

    async def tick(self) -> Work:
        """Take back the runs that are stranded; a transaction each, so that none holds up another."""
        stranded = await self._database.read(partial(find_stranded, deadline=self._deadline, limit=BATCH))
        moved, lag = 0, 0.0
        for row in stranded:
            lag = max(lag, (utc_now() - row["since"]).total_seconds() - row["deadline"])
            with log_fields(flow_run_id=row["id"]):
                moved += await self._take_back(row)
        return Work(moved, len(stranded) == BATCH and moved > 0, lag)

    async def _take_back(self, stranded: Row) -> bool:
        try:
            moved = await self._database.write(
                partial(take_back, stranded=stranded, most=self._most), workspace_id=stranded["workspace_id"]
            )
        except (Fact, LostRace) as error:
            logger.warning("A flow run is stranded, but cannot be moved now: %s", error)
            return False
        if moved:
            logger.info("A flow run that its worker did not begin in time is taken back.")
        return moved
