"""Settings of an empty database, once for each backend."""

from pathlib import Path

import pytest

from ostinato_core.settings import ServerSettings
from tests.support.database import settings_of
from tests.support.postgres import Postgres


@pytest.fixture
def on_postgres(postgres: Postgres, tmp_path: Path) -> ServerSettings:
    """Settings of an empty Postgres database."""
    return settings_of(postgres.create_database(), tmp_path)


@pytest.fixture
def on_sqlite(tmp_path: Path) -> ServerSettings:
    """Settings of an SQLite file that is not there yet."""
    return settings_of(f"sqlite+aiosqlite:///{tmp_path / 'home' / 'ostinato.db'}", tmp_path)


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest) -> ServerSettings:
    """Settings of an empty database, once for each backend."""
    found: ServerSettings = request.getfixturevalue(f"on_{request.param}")
    return found
