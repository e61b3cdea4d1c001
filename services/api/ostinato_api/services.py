"""Making the services of a process, and letting them go in the reverse order."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from ostinato_api.deps import Services
from ostinato_core.concurrency.desk import SlotDesk
from ostinato_core.concurrency.slots import Waits
from ostinato_core.db.open import open_database
from ostinato_core.encryption.source import load_key_ring
from ostinato_core.events.ingest import Ingestor
from ostinato_core.events.tail import Tail
from ostinato_core.logs.live import LiveLogs
from ostinato_core.settings import ServerSettings
from ostinato_core.task_workers.dispatcher import Dispatcher


@asynccontextmanager
async def open_services(settings: ServerSettings) -> AsyncGenerator[Services]:
    """Open the database and what stands on it, for as long as the block lasts.

    Errors: EncryptionFailed where the settings name no key, or one that is none.
    """
    keys = load_key_ring(settings)
    database = open_database(settings)
    slots = SlotDesk(database, Waits(settings.concurrency_slot_wait, settings.tag_concurrency_slot_wait))
    try:
        async with (
            Ingestor(database) as ingestor,
            Tail(database) as tail,
            Dispatcher(database) as task_runs,
            LiveLogs() as live_logs,
        ):
            yield Services(settings, database, slots, ingestor, tail, task_runs, live_logs, keys)
    finally:
        await database.close()
