"""A migrated database, and the API's services on it, for each backend."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from sqlalchemy import Boolean, Float, Integer, Table, Text, insert

from ostinato_api.app import create_app
from ostinato_api.deps import Services
from ostinato_api.services import open_services
from ostinato_core.db.tables import flow_runs, flows
from ostinato_core.db.types import Json
from ostinato_core.ids import new_id
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Transaction
from ostinato_migrator.migrate import upgrade
from tests.support.keys import new_key
from tests.support.kinds import REPLICAS
from tests.support.server import Server

MakeFlowRun = Callable[[], Awaitable[UUID]]


@pytest.fixture(scope="module")
def settings(database_url: str) -> ServerSettings:
    """The settings of a server on a migrated database."""
    made = ServerSettings.model_validate({"database_connection_url": database_url, "encryption_key": new_key()})
    upgrade(made)
    return made


@pytest.fixture
async def services(settings: ServerSettings) -> AsyncIterator[Services]:
    """The services of one process."""
    async with open_services(settings) as opened:
        yield opened


_EMPTY: dict[Any, Any] = {Json: {}, Text: "", Integer: 0, Float: 0.0, Boolean: False}


def _filled(table: Table, given: dict[str, Any]) -> dict[str, Any]:
    """Return a row in which every column that must not be null has a value."""
    required = [column for column in table.columns if not column.nullable and column.name not in given]
    return {column.name: _EMPTY[type(column.type)] for column in required} | given


@pytest.fixture
async def make_flow_run(services: Services) -> MakeFlowRun:
    """A function that stores a flow run and returns its id."""

    async def make() -> UUID:
        flow_id, flow_run_id = new_id(), new_id()

        async def operation(tx: Transaction) -> None:
            common: dict[str, Any] = {"workspace_id": tx.workspace_id, "created": tx.now, "updated": tx.now}
            await tx.run(insert(flows).values(id=flow_id, name=f"flow-{flow_id}", tags=[], labels={}, **common))
            given: dict[str, Any] = {"id": flow_run_id, "flow_id": flow_id, "name": "ivory-fox", **common}
            await tx.run(insert(flow_runs).values(_filled(flow_runs, given)))

        await services.database.write(operation)
        return flow_run_id

    return make


@pytest.fixture
async def base_url(services: Services, servers: str, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The address of the API, served in this process; of replicas, which are processes of their own."""
    if servers == REPLICAS:
        server: Server = request.getfixturevalue("server")
        yield server.api_url
        return
    runner = web.AppRunner(create_app(services), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}/api"
    await runner.cleanup()
