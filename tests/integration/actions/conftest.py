"""The API in this process without its loops, a clock that the test drives, and somebody who is called."""

from collections.abc import AsyncIterator

import pytest

from ostinato_api.deps import Services
from ostinato_core.block_types.registration import register_block_types
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_migrator.migrate import upgrade
from tests.integration.loops.conftest import client, clock, other_database, services, url
from tests.support.keys import new_key
from tests.support.receiver import Receiver, receiving

__all__ = ["client", "clock", "other_database", "services", "url"]


@pytest.fixture(scope="module")
def settings(database_url: str) -> ServerSettings:
    """The settings of a server on a migrated database that may call machines of this network."""
    made = ServerSettings.model_validate(
        {
            "database_connection_url": database_url,
            "encryption_key": new_key(),
            "outbound_allowed": "127.0.0.1",
            "outbound_timeout": 5,
        }
    )
    upgrade(made)
    return made


@pytest.fixture
async def database(services: Services) -> Database:
    """The database of the process that serves the API, with the block types that the server knows."""
    await register_block_types(services.database)
    return services.database


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Somebody who is called."""
    async with receiving() as made:
        yield made
