"""A migrated database of each backend, opened anew for each test, and a workspace of its own for each test."""

from collections.abc import AsyncIterator, Generator

import pytest
from sqlalchemy import update

from ostinato_core.db.open import open_database
from ostinato_core.db.tables import deployment_schedules
from ostinato_core.ids import new_id
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database, Transaction
from ostinato_migrator.migrate import upgrade
from ostinato_scheduler.loops.create_scheduled_runs import CreateScheduledRuns
from tests.integration.core.scheduled import NOON
from tests.support.clock import DrivenClock, driven_clock
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


@pytest.fixture
def clock() -> Generator[DrivenClock]:
    """The time of the process, which stands still at half a minute past noon."""
    with driven_clock(NOON) as driven:
        yield driven


@pytest.fixture
async def loop(database: Database, settings: ServerSettings) -> CreateScheduledRuns:
    """The loop, on a database where the schedules of the tests before ask for nothing any more."""

    async def forget(tx: Transaction) -> None:
        await tx.run(update(deployment_schedules).values(next_look=None))

    await database.write(forget)
    return CreateScheduledRuns(database, settings)
