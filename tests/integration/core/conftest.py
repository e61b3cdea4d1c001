"""A migrated database of each backend, opened anew for each test, and a workspace of its own for each test."""

from collections.abc import AsyncIterator

import pytest

from ostinato_core.db.open import open_database
from ostinato_core.ids import new_id
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_migrator.migrate import upgrade
from tests.support.workspace import Workspace


@pytest.fixture(scope="module")
def settings(database_url: str) -> ServerSettings:
    """Settings that name a migrated database, once for each backend."""
    made = ServerSettings.model_validate({"database_connection_url": database_url})
    upgrade(made)
    return made


@pytest.fixture
async def database(settings: ServerSettings) -> AsyncIterator[Database]:
    """The module's database, opened for this test."""
    opened = open_database(settings)
    yield opened
    await opened.close()


@pytest.fixture
def workspace(database: Database) -> Workspace:
    """A workspace that is empty."""
    return Workspace(database, new_id())
