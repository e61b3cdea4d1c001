"""What the routes work with: made once at start, found through the application."""

from dataclasses import dataclass

from aiohttp import web

from ostinato_core.encryption.key_ring import KeyRing
from ostinato_core.events.ingest import Ingestor
from ostinato_core.events.tail import Tail
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database


@dataclass(slots=True)
class Services:
    """The parts that a request may need."""

    settings: ServerSettings
    database: Database
    ingestor: Ingestor
    tail: Tail
    keys: KeyRing


SERVICES = web.AppKey("services", Services)
