"""The API's services and its address in this process, for each backend; a second process's services beside them."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from ostinato_api.app import create_app
from ostinato_api.deps import Services
from ostinato_api.services import open_services
from ostinato_core.settings import ServerSettings
from tests.integration.events.conftest import base_url, services, settings
from tests.support.client import Api
from tests.support.kinds import REPLICAS

__all__ = ["base_url", "services", "settings"]


@pytest.fixture
async def client(base_url: str, servers: str) -> AsyncIterator[Api]:
    """A client of the API."""
    async with Api(base_url, keep_alive=servers != REPLICAS) as made:
        yield made


@pytest.fixture
async def other_url(settings: ServerSettings) -> AsyncIterator[str]:
    """The address of another process of the same database."""
    async with open_services(settings) as services:
        runner = await serve(services)
        yield address(runner)
        await runner.cleanup()


async def serve(services: Services) -> web.AppRunner:
    """Serve the API on a free port."""
    runner = web.AppRunner(create_app(services), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


def address(runner: web.AppRunner) -> str:
    """Return the address of a served API."""
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}/api"
