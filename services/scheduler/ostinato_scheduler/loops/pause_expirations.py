"""Ends runs that were paused for too long."""

from datetime import timedelta
from typing import Final

from ostinato_core.flow_runs.overdue import expire_pauses, find_expired_pauses
from ostinato_core.maintenance.listening import heard_for
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.batches import act_on
from ostinato_scheduler.loop import Work

BATCH: Final = 200
TO_RESUME: Final = timedelta(seconds=60)
"""After maintenance a pause lasts so long at least."""


class ExpirePauses:
    """Paused runs fail when the time is over that they were given to be resumed."""

    name = "expire-pauses"
    setting = "pause_expirations"
    description = "Ends runs that were paused for too long."

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database

    async def tick(self) -> Work:
        """End a batch of them; none while nobody can resume them because of maintenance, nor shortly after it."""
        if not await heard_for(self._database, TO_RESUME):
            return Work()
        found = await self._database.read(lambda tx: find_expired_pauses(tx, BATCH))
        done = await act_on(self._database, found, expire_pauses, log_field="flow_run_id")
        return Work(done, more=len(found) == BATCH and done > 0)
