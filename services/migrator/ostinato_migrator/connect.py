"""One connection to the database of the settings, for migrations; its failures as one-line errors."""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TypeVar

import asyncpg
from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError

from ostinato_core.db.engine import open_postgres, open_sqlite, parse_url, sqlite_path
from ostinato_core.db.failures import LOST_CONNECTION
from ostinato_core.errors import Invalid
from ostinato_core.settings import ServerSettings
from ostinato_migrator.errors import DatabaseBusy, DatabaseUnreachable, FolderUnusable, MigrationFailed, RightsMissing

T = TypeVar("T")

BUSY_TIMEOUT = 60.0
"""Seconds to wait for another process's lock on an SQLite file."""

_SECRET_QUERY = ("password", "passfile", "sslpassword")


def database_url(settings: ServerSettings) -> URL:
    """Return the URL of the settings. Errors: MigrationFailed where it is none, or lacks its password."""
    try:
        return parse_url(settings.database_url())
    except Invalid as error:
        raise MigrationFailed(error.message) from error
    except ValueError as error:
        raise MigrationFailed(str(error)) from None


def masked(url: URL) -> str:
    """Return the URL as text without its secrets."""
    query = {name: "***" if name in _SECRET_QUERY else value for name, value in url.query.items()}
    return url.set(query=query).render_as_string(hide_password=True)


def is_in_memory(url: URL) -> bool:
    """Whether the database lives in the memory of the process that opens it."""
    return url.get_backend_name() == "sqlite" and sqlite_path(url) is None


def run_on(settings: ServerSettings, function: Callable[[Connection], T]) -> T:
    """Return what `function` makes of a new connection. Not for use where an event loop runs.

    Makes the folder of an SQLite file. Errors: MigrationFailed.
    """
    url = database_url(settings)
    with _one_line(url):
        if url.get_backend_name() == "postgresql":
            return asyncio.run(_on_postgres(url, settings, function))
        path = sqlite_path(url)
        if path is not None:
            _prepare(path)
        engine = open_sqlite(path, busy_timeout=BUSY_TIMEOUT, echo=settings.database_echo)
        try:
            with engine.connect() as connection:
                return function(connection)
        finally:
            engine.dispose()


async def _on_postgres(url: URL, settings: ServerSettings, function: Callable[[Connection], T]) -> T:
    # No limit for a statement: a migration takes as long as it takes, and is guarded by its lock_timeout.
    engine = open_postgres(
        url,
        timeout=None,
        connection_timeout=settings.database_connection_timeout,
        echo=settings.database_echo,
    )
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(function)
    finally:
        await engine.dispose()


def _prepare(path: Path) -> None:
    folder = path.absolute().parent
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise FolderUnusable(
            f"Cannot make the folder {folder} ({error.strerror}): set OSTINATO_HOME to a folder that you may write to."
        ) from error
    for place in (folder, path):
        if place.exists() and not os.access(place, os.W_OK):
            raise FolderUnusable(
                f"Cannot write to {place}: change its permissions, or set OSTINATO_HOME to a folder that you may "
                "write to."
            )


@contextlib.contextmanager
def _one_line(url: URL) -> Generator[None]:
    try:
        yield
    except DBAPIError as error:
        # SQLAlchemy puts its own wrapper around asyncpg's error, with the class in its text.
        driver = error.orig.__cause__ if error.orig and error.orig.__cause__ else error.orig
        raise _explain(url, driver or error, error.statement) from error
    except (sqlite3.Error, asyncpg.PostgresError, *LOST_CONNECTION) as error:
        raise _explain(url, error, None) from error


def _explain(url: URL, cause: BaseException, statement: str | None) -> MigrationFailed:
    state: str | None = getattr(cause, "sqlstate", None)
    # A driver's message may go on with hints; its first line says what happened.
    reason = (str(cause) or type(cause).__name__).splitlines()[0]
    if "pg_trgm" in (statement or ""):
        return RightsMissing(
            f"The extension pg_trgm could not be enabled ({reason}): an administrator must run "
            f"`CREATE EXTENSION pg_trgm;` in the database {url.database!r}, then start again."
        )
    if state == "42501":
        return RightsMissing(
            f"The database user {url.username!r} may not do this ({reason}): an administrator must run "
            f'`GRANT CREATE ON SCHEMA public TO "{url.username}";` in the database {url.database!r}.'
        )
    if state == "55P03" or getattr(cause, "sqlite_errorname", "") == "SQLITE_BUSY":
        return DatabaseBusy(f"The database {masked(url)} is in use ({reason}): stop what holds it, then start again.")
    if _is_away(cause, state):
        return DatabaseUnreachable(
            f"Cannot open the database {masked(url)} ({reason}): check that it is there, and "
            "OSTINATO_API_DATABASE_CONNECTION_URL."
        )
    return MigrationFailed(
        f"The migration of {masked(url)} failed and was rolled back ({reason}): start again, or report this."
    )


def _is_away(cause: BaseException, state: str | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        name: str = getattr(cause, "sqlite_errorname", "")
        return name.startswith(("SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_FULL"))
    return state.startswith(("08", "28", "3D", "53", "57")) if state else isinstance(cause, LOST_CONNECTION)
