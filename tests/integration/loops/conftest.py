"""The API in this process without its loops, for each backend, a clock that the test drives, and a second process."""

from collections.abc import AsyncIterator, Iterator

import pytest

from ostinato_api.deps import Services
from ostinato_core.db.open import open_database
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from tests.integration.events.conftest import base_url, services, settings
from tests.integration.sockets.conftest import client
from tests.support.clock import DrivenClock, driven_clock

__all__ = ["base_url", "client", "services", "settings"]


@pytest.fixture
def clock() -> Iterator[DrivenClock]:
    """The time of this test."""
    with driven_clock() as driven:
        yield driven


@pytest.fixture
def database(services: Services) -> Database:
    """The database of the process that serves the API."""
    return services.database


@pytest.fixture
async def other_database(settings: ServerSettings) -> AsyncIterator[Database]:
    """The same database, as another process has it."""
    opened = open_database(settings)
    yield opened
    await opened.close()
