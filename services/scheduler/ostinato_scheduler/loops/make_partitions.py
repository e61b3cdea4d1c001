"""Keeps partitions ahead of time on Postgres, so that a server that runs for weeks never writes without one."""

from ostinato_core.clock import utc_now
from ostinato_core.db.partitions import ensure_partitions
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loop import Work


class MakePartitions:
    """Makes the partitions of the coming days and months, on Postgres; on SQLite there is nothing to do."""

    name = "make-partitions"
    setting = "partitions"
    description = "Makes the partitions of the coming days and months, on Postgres."

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database

    async def tick(self) -> Work:
        """Make what is missing."""
        if self._database.dialect.name == "postgresql":
            await self._database.run_sync(lambda connection: ensure_partitions(connection, utc_now()))
        return Work()
