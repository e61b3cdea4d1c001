"""Making the services of a process, and letting them go in the reverse order."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

from ostinato_api.deps import Services
from ostinato_core.block_types.registration import register_block_types
from ostinato_core.concurrency.desk import SlotDesk
from ostinato_core.concurrency.slots import Waits
from ostinato_core.coordination import coordinated
from ostinato_core.coordination.rate_limits import rate_limits
from ostinato_core.db.open import open_database
from ostinato_core.db.revision import wait_for_revision
from ostinato_core.encryption.check import check_key_ring
from ostinato_core.encryption.key_ring import KeyRing
from ostinato_core.encryption.source import load_key_ring
from ostinato_core.events.ingest import Ingestor
from ostinato_core.events.tail import Tail
from ostinato_core.logs.live import LiveLogs
from ostinato_core.maintenance.watch import MaintenanceWatch
from ostinato_core.processes.register import registered
from ostinato_core.settings import ServerSettings
from ostinato_core.task_workers.dispatcher import Dispatcher
from ostinato_core.transaction import Database
from ostinato_core.webhooks.receiving import Receiver
from ostinato_core.webhooks.signatures import Windows


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
            coordinated(settings),
            Ingestor(database) as ingestor,
            Tail(database) as tail,
            Dispatcher(database, timedelta(seconds=settings.task_workers_silence)) as task_runs,
            LiveLogs() as live_logs,
            MaintenanceWatch(database) as maintenance,
            rate_limits(settings, settings.api_rate_limit) as limits,
            rate_limits(settings, settings.webhooks_rate_limit) as webhook_limits,
        ):
            yield Services(
                settings, database, slots, ingestor, tail, task_runs, live_logs, keys, maintenance, limits,
                _receiver(settings, database, keys), webhook_limits,
            )  # fmt: skip
    finally:
        await database.close()


def _receiver(settings: ServerSettings, database: Database, keys: KeyRing) -> Receiver:
    tolerance, memory = (timedelta(seconds=each) for each in (settings.webhooks_tolerance, settings.webhooks_memory))
    return Receiver(database, keys, Windows(tolerance, memory), settings.events_maximum_size_bytes)


@asynccontextmanager
async def serving(services: Services, *, schema_within: float) -> AsyncGenerator[None]:
    """Be one of the API processes of the database, for as long as the block lasts.

    `schema_within`: seconds for which to wait for the schema that this version needs.

    Errors: SchemaNotReady; EncryptionFailed where the stored secrets are sealed with another key; CannotCoordinate.
    """
    await wait_for_revision(services.database, seconds=schema_within)
    await check_key_ring(services.database, services.keys)
    async with registered(services.database, services.settings, "api"):
        await register_block_types(services.database)
        yield
