"""Settings that name a database, and a look into it past the server."""

from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, text

from ostinato_core.settings import ServerSettings
from ostinato_migrator.connect import run_on


def settings_of(url: str, home: Path) -> ServerSettings:
    """Return settings that name a database."""
    return ServerSettings(home=home, database_connection_url=SecretStr(url))


def query(settings: ServerSettings, sql: str) -> list[tuple[Any, ...]]:  # Any: rows of any table
    """Run one statement in a transaction of its own; return its rows, if it has any."""

    def run(connection: Connection) -> list[tuple[Any, ...]]:  # Any: as above
        result = connection.execute(text(sql))
        rows = [tuple(row) for row in result] if result.returns_rows else []
        connection.commit()
        return rows

    return run_on(settings, run)
