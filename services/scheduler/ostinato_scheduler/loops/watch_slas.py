"""Tells of runs that missed what service level agreements ask of them, within seconds of the deadline."""

from ostinato_core.settings import ServerSettings
from ostinato_core.slas.repository import workspaces
from ostinato_core.slas.watching import watch
from ostinato_core.transaction import Database
from ostinato_scheduler.loop import Work


class WatchSlas:
    """Judges the deadlines that have passed since the last time, of each workspace with agreements."""

    name = "watch-slas"
    setting = "slas"
    description = "Tells of service level agreements that are violated."

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database

    async def tick(self) -> Work:
        """Judge what is due, a transaction for each workspace; nothing is written where there are no agreements."""
        done, behind, more = 0, 0.0, False
        for workspace_id in await self._database.read(workspaces):
            judged = await self._database.write(watch, workspace_id=workspace_id)
            if judged is not None:
                violations, left = judged
                done += violations
                behind = max(behind, left.total_seconds())
                more = more or bool(left)
        return Work(done, more, behind)
