"""Making the services of a process, and letting them go in the reverse order."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from ostinato_api.deps import Services
from ostinato_core.db.open import open_database
from ostinato_core.settings import ServerSettings


@asynccontextmanager
async def open_services(settings: ServerSettings) -> AsyncGenerator[Services]:
    """Open the database and what stands on it, for as long as the block lasts."""
    database = open_database(settings)
    try:
        yield Services(settings, database)
    finally:
        await database.close()
