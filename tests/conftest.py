"""Fixtures of all tests: a Postgres for the session, a database and a server for a module, a client for a test."""

from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest

from tests.support.client import Api
from tests.support.postgres import Postgres
from tests.support.server import Server, new_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real Postgres server, started when the first test asks for it."""
    with Postgres() as server:
        yield server


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The SQLAlchemy URL of an empty database, once for each backend."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('database') / 'ostinato.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.create_database()


@pytest.fixture(scope="module")
def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server on an empty database; shared by the tests of a module, so they make objects of their own."""
    process = new_server(tmp_path_factory.mktemp("server"), database_url)
    process.start()
    yield process
    process.stop()


@pytest.fixture
async def api(server: Server) -> AsyncIterator[Api]:
    """A client of the module's server."""
    async with Api(server.api_url) as client:
        yield client


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of the server's log with a failed test."""
    report = yield
    used: dict[str, object] = getattr(item, "funcargs", {})
    process = used.get("server")
    if report.failed and isinstance(process, Server):
        report.sections.append(("server log", process.log_tail()))
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test a time limit; one that starts processes may take longer."""
    for item in items:
        if item.get_closest_marker("timeout") is None:
            unit = Path(item.path).is_relative_to(Path(__file__).parent / "unit")
            item.add_marker(pytest.mark.timeout(30 if unit else 120))
