"""What the routes work with: made once at start, found through the application."""

from dataclasses import dataclass

from aiohttp import web

from ostinato_core.concurrency.desk import SlotDesk
from ostinato_core.coordination.ports import RateLimits
from ostinato_core.encryption.key_ring import KeyRing
from ostinato_core.events.ingest import Ingestor
from ostinato_core.events.tail import Tail
from ostinato_core.logs.live import LiveLogs
from ostinato_core.maintenance.watch import MaintenanceWatch
from ostinato_core.settings import ServerSettings
from ostinato_core.task_workers.dispatcher import Dispatcher
from ostinato_core.transaction import Database
from ostinato_core.webhooks.receiving import Receiver


@dataclass(slots=True)
class Services:
    """The parts that a request may need."""

    settings: ServerSettings
    database: Database
    slots: SlotDesk
    ingestor: Ingestor
    tail: Tail
    task_runs: Dispatcher
    live_logs: LiveLogs
    keys: KeyRing
    maintenance: MaintenanceWatch
    rate_limits: RateLimits | None
    """None where any number of requests may come."""
    webhooks: Receiver
    webhook_limits: RateLimits | None
    """As `rate_limits`, for each webhook."""


SERVICES = web.AppKey("services", Services)
