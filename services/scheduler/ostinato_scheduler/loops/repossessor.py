"""Takes away leases that nobody has renewed in time."""

from datetime import timedelta
from typing import Final

from ostinato_core.clock import utc_now
from ostinato_core.concurrency.leases import find_expired, release_expired
from ostinato_core.maintenance.listening import heard_for
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.batches import act_on
from ostinato_scheduler.loop import Work

BATCH: Final = 100


class ReleaseExpiredLeases:
    """Slots of a lease that has expired count as free already; this removes the lease and learns how long it lasted."""

    name = "release-expired-leases"
    setting = "repossessor"
    description = "Gives back slots whose holders are gone."

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database

    async def tick(self) -> Work:
        """Take away a batch of them."""
        # Nobody can renew a lease during maintenance; when it ends they are made to last.
        if not await heard_for(self._database, timedelta(0)):
            return Work()
        found = await self._database.read(lambda tx: find_expired(tx, BATCH))
        done = await act_on(self._database, found, release_expired, key="lease_id")
        lag = (utc_now() - found[0]["expires"]).total_seconds() if found else 0.0
        return Work(done, more=len(found) == BATCH and done > 0, lag=lag)
