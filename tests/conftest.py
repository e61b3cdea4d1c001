"""Fixtures of all tests: a Postgres for the session, a database and a server for a module, a client for a test.

Servers are of three kinds (`tests.support.kinds`): one process on SQLite, one on Postgres, two on one Postgres.
"""

import os
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Protocol, runtime_checkable

import hypothesis
import pytest

from ostinato.settings import current
from tests.support.client import Api
from tests.support.kinds import ALL, REPLICAS, SQLITE, kinds_for
from tests.support.leaks import find_leaks
from tests.support.postgres import Postgres
from tests.support.redis import RedisServer
from tests.support.replicas import Replicas
from tests.support.server import Server, new_server


@runtime_checkable
class Logged(Protocol):
    """What a test runs beside itself, and what that has said."""

    def log_tail(self) -> str:
        """Return the end of its log."""
        ...


# xdist tells its processes how wide the terminal is: what commands print for tests does not depend on that.
os.environ.pop("COLUMNS", None)

# A machine under load is slow, which is no fault of what is tested.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the choice of servers."""
    parser.addoption("--servers", choices=ALL, help="run only what needs a server of this kind, on this kind")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for a database or a server its kinds of servers."""
    if "servers" in metafunc.fixturenames:
        chosen: str | None = metafunc.config.getoption("--servers")
        metafunc.parametrize("servers", kinds_for(metafunc, chosen), indirect=True, scope="module")


@pytest.fixture(autouse=True)
def settings_read_anew() -> Iterator[None]:
    """Let no test find the settings that another has read from an environment of its own."""
    yield
    current.reset_process()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real Postgres server, started when the first test asks for it."""
    with Postgres() as server:
        yield server


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A running Redis, of this test alone."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def servers(request: pytest.FixtureRequest) -> str:
    """The kind of servers that the test runs on, once for each."""
    return request.param


@pytest.fixture(scope="module")
def database_url(servers: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The SQLAlchemy URL of an empty database, once for each kind of servers."""
    if servers == SQLITE:
        return f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('database') / 'ostinato.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.create_database()


@pytest.fixture(scope="module")
def server(servers: str, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server on an empty database; shared by the tests of a module, so they make objects of their own."""
    home = tmp_path_factory.mktemp("server")
    process = Replicas(home, database_url) if servers == REPLICAS else new_server(home, database_url)
    process.start()
    yield process
    process.stop()


@pytest.fixture
async def api(server: Server, servers: str) -> AsyncIterator[Api]:
    """A client of the module's server."""
    async with Api(server.api_url, keep_alive=servers != REPLICAS) as client:
        yield client


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """Let the last test of a folder fail where one of the folder left something open: later, others would be blamed.

    Once a folder, because a collection takes a good part of a second when all modules are imported.
    """
    yield
    if (nextitem is None or nextitem.path.parent != item.path.parent) and (leaks := find_leaks()):
        pytest.fail("A test of this folder has left something open.\n" + "\n".join(leaks), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failed test the end of the log of whatever it has used that writes one."""
    report = yield
    used: dict[str, object] = getattr(item, "funcargs", {})
    if report.failed:
        logs = [(f"{name} log", each.log_tail()) for name, each in used.items() if isinstance(each, Logged)]
        report.sections.extend(logs)
    return report


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what has nothing to do with the chosen servers; give every test a time limit, more with processes."""
    if chosen := config.getoption("--servers"):
        config.hook.pytest_deselected(items=[item for item in items if not _runs_on(item, chosen)])
        items[:] = [item for item in items if _runs_on(item, chosen)]
    for item in items:
        if item.get_closest_marker("timeout") is None:
            unit = Path(item.path).is_relative_to(Path(__file__).parent / "unit")
            item.add_marker(pytest.mark.timeout(30 if unit else 120))


def _runs_on(item: pytest.Item, kind: str) -> bool:
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return parameters.get("servers") == kind
