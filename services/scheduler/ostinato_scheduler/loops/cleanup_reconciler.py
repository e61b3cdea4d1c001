"""Hands clean-ups that a worker was given and did not finish to other workers."""

from typing import Final

from ostinato_core.clock import utc_now
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_core.worker_cleanup.operations import reconcile
from ostinato_core.worker_cleanup.repository import find_expired
from ostinato_scheduler.batches import act_on
from ostinato_scheduler.loop import Work

BATCH: Final = 100


class ReconcileCleanups:
    """A clean-up whose worker has let its time pass is given out again, and given up after the third time."""

    name = "reconcile-cleanups"
    setting = "cleanup_reconciler"
    description = "Hands unfinished clean-ups to other workers."

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database

    async def tick(self) -> Work:
        """Take back a batch of them."""
        found = await self._database.read(lambda tx: find_expired(tx, BATCH))
        done = await act_on(self._database, found, reconcile)
        lag = (utc_now() - found[0]["expired"]).total_seconds() if found else 0.0
        return Work(done, more=len(found) == BATCH and done > 0, lag=lag)
