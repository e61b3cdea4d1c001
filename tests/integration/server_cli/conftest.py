"""The server commands with an environment of their own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from ostinato_server.cli import server_app
from tests.support.ports import free_port
from tests.support.postgres import Postgres

Invoke = Callable[..., Result]
Environment = dict[str, str]


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """An environment that names a home of its own, a free port, and nothing else of Ostinato."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OSTINATO_", "PREFECT_"))}
    return clean | {"OSTINATO_HOME": str(tmp_path / "home"), "OSTINATO_SERVER_API_PORT": str(free_port())}


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, environment: Environment) -> str:
    """The URL of an empty database, once for each backend; the environment names it too."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{environment['OSTINATO_HOME']}/ostinato.db"
    server: Postgres = request.getfixturevalue("postgres")
    url = server.create_database().replace("postgres@", "postgres:geheim@")
    environment["OSTINATO_API_DATABASE_CONNECTION_URL"] = url
    return url


@pytest.fixture
def invoke(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run a command within this process."""

    def run(*arguments: str, input: str | None = None) -> Result:
        for name in list(os.environ):
            if name.startswith(("OSTINATO_", "PREFECT_")):
                monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(server_app, arguments, input=input)

    return run


@pytest.fixture
def background(environment: Environment) -> Iterator[Callable[..., "subprocess.CompletedProcess[str]"]]:
    """Run a command as a process of its own; what it leaves in the background is stopped at the end."""

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "ostinato_server.cli", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90)

    yield run
    run("stop")
