"""Opening the database that the settings name."""

from ostinato_core.db.engine import open_postgres, parse_url, sqlite_path
from ostinato_core.db.postgres import PostgresDatabase
from ostinato_core.db.sqlite import SqliteDatabase
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database


def open_database(settings: ServerSettings) -> Database:
    """Return the database of the settings, without connecting to a Postgres yet. Errors: Invalid for a bad URL."""
    url = parse_url(settings.database_url())
    if url.get_backend_name() == "sqlite":
        return SqliteDatabase(sqlite_path(url), timeout=settings.database_timeout or 60.0, echo=settings.database_echo)
    engine = open_postgres(
        url,
        timeout=settings.database_timeout,
        connection_timeout=settings.database_connection_timeout,
        echo=settings.database_echo,
    )
    return PostgresDatabase(
        engine,
        pool_size=settings.database_pool_size,
        max_overflow=settings.database_max_overflow,
        patience=settings.database_timeout or 30.0,
    )
