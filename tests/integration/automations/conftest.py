"""The API in this process without its loops, for tests that let time pass and evaluate when they like."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from itertools import count
from typing import Final

import pytest

from ostinato_api.deps import Services
from ostinato_core.db.open import open_database
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from tests.integration.events.conftest import services, settings
from tests.integration.loops.conftest import client, database, url
from tests.support.client import Api
from tests.support.clock import DrivenClock, driven_clock

__all__ = ["client", "database", "services", "settings", "url"]

_DAYS: Final = count(1)


@pytest.fixture
def clock() -> Iterator[DrivenClock]:
    """The time of this test; later than that of any before, on whose database it may be."""
    with driven_clock() as driven:
        driven.forward(next(_DAYS) * timedelta(days=1).total_seconds())
        yield driven


@pytest.fixture
async def tidy(client: Api) -> AsyncIterator[None]:
    """No automation is left over for the next test."""
    yield
    for automation in (await client.post("/automations/filter", {})).json:
        await client.delete(f"/automations/{automation['id']}")


@pytest.fixture
async def replicas(services: Services, settings: ServerSettings) -> AsyncIterator[list[Database]]:
    """The same database, as three other processes have it."""
    opened = [open_database(settings) for _ in range(3)]
    yield opened
    for each in opened:
        await each.close()
