"""A migrated database of each backend, and an API on it in this process, whose time the tests drive, too."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from sqlalchemy import delete

from ostinato_api.app import create_app
from ostinato_api.deps import Services
from ostinato_api.services import open_services
from ostinato_core.db.tables import flow_run_heartbeats
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_migrator.migrate import upgrade
from tests.support.client import Api
from tests.support.clock import DrivenClock, driven_clock
from tests.support.keys import new_key


@pytest.fixture(scope="module")
def settings(database_url: str) -> ServerSettings:
    """The settings of a server on a migrated database."""
    made = ServerSettings.model_validate({"database_connection_url": database_url, "encryption_key": new_key()})
    upgrade(made)
    return made


@pytest.fixture(scope="module")
def times() -> list[datetime]:
    """When the tests of the module have ended, by their own time."""
    return [datetime.now(UTC)]


@pytest.fixture
def clock(times: list[datetime]) -> Iterator[DrivenClock]:
    """The time, which stands still until the test moves it; an hour after the test before, as one database has seen."""
    with driven_clock(times[-1] + timedelta(hours=1)) as driven:
        yield driven
        times.append(driven.now)


@pytest.fixture
async def services(settings: ServerSettings, clock: DrivenClock) -> AsyncIterator[Services]:
    """The services of one process."""
    async with open_services(settings) as opened:
        yield opened


@pytest.fixture
async def database(services: Services) -> Database:
    """The database of the services, without heartbeats of other tests."""
    await services.database.write(lambda tx: tx.run(delete(flow_run_heartbeats)))
    return services.database


@pytest.fixture
async def api(services: Services) -> AsyncIterator[Api]:
    """A client of the API, which is served in this process."""
    runner = web.AppRunner(create_app(services), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with Api(f"http://{host}:{port}/api") as client:
        yield client
    await runner.cleanup()
