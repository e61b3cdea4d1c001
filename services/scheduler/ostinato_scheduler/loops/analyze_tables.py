"""Tells Postgres what quickly growing tables hold, before it looks by itself: its plans are right from then on."""

from ostinato_core.db.statistics import analyze_grown
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loop import Work


class AnalyzeTables:
    """Analyzes the tables that have trebled, on Postgres; on SQLite there is nothing to do."""

    name = "analyze-tables"
    setting = "statistics"
    description = "Analyzes the tables that grow quickly, on Postgres."

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database

    async def tick(self) -> Work:
        """Analyze them, one after the other."""
        return Work(await analyze_grown(self._database))
