"""The API in this process without its loops, for each backend, a clock that the test drives, and a second process.

Nothing here has a `base_url`: replicas are processes with loops and clocks of their own (`tests.support.kinds`).
"""

from collections.abc import AsyncIterator, Iterator

import pytest

from ostinato_api.deps import Services
from ostinato_core.db.open import open_database
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from tests.integration.events.conftest import services, settings
from tests.integration.sockets.conftest import address, serve
from tests.support.client import Api
from tests.support.clock import DrivenClock, driven_clock

__all__ = ["services", "settings"]


@pytest.fixture
def clock() -> Iterator[DrivenClock]:
    """The time of this test."""
    with driven_clock() as driven:
        yield driven


@pytest.fixture
async def url(services: Services) -> AsyncIterator[str]:
    """The address of the API."""
    runner = await serve(services)
    yield address(runner)
    await runner.cleanup()


@pytest.fixture
async def client(url: str) -> AsyncIterator[Api]:
    """A client of the API."""
    async with Api(url) as made:
        yield made


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
