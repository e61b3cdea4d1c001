"""Marks runs as late that should have begun and have not."""

from datetime import timedelta
from typing import Final

from ostinato_core.clock import utc_now
from ostinato_core.flow_runs.overdue import find_late, mark_late
from ostinato_core.maintenance.listening import heard_for
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.batches import act_on
from ostinato_scheduler.loop import Work

BATCH: Final = 400


class MarkLateRuns:
    """Runs whose time has passed become `Late`, or are cancelled where their deployment wants no queue."""

    name = "mark-late-runs"
    setting = "late_runs"
    description = "Marks runs as late that should have begun."

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database
        self._after = timedelta(seconds=settings.late_runs_after)

    async def tick(self) -> Work:
        """Mark a batch of them, those due first; none before workers could have asked for them for so long."""
        if not await heard_for(self._database, self._after):
            return Work()
        found = await self._database.read(lambda tx: find_late(tx, self._after, BATCH))
        done = await act_on(
            self._database, found, lambda tx, ids: mark_late(tx, ids, self._after), log_field="flow_run_id"
        )
        lag = (utc_now() - found[0]["due"] - self._after).total_seconds() if found else 0.0
        return Work(done, more=len(found) == BATCH and done > 0, lag=lag)
