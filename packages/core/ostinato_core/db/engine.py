"""Opening the database that a URL names."""

import sqlite3
import time
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import orjson
from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool, StaticPool

from ostinato_core.db import patterns
from ostinato_core.db.types import dumps
from ostinato_core.errors import Invalid

Driver: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

SQLITE_PRAGMAS = (
    # In WAL mode a commit survives a crash of the process without a sync; a power cut may lose the last
    # transactions but never damages the file.
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
)
CACHE = {"writer": 16_000, "reader": 1_000}
"""Kilobytes of pages that a connection keeps; a reader drops all of them as soon as anything is written.

The file is not mapped into memory: each connection's map would count as the process's memory, up to its whole size, and
reads gain little by it."""


def parse_url(text: str) -> URL:
    """Return the URL. Errors: Invalid, without the URL's text, where it is no URL or of another database."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise Invalid("OSTINATO_API_DATABASE_CONNECTION_URL is not a database URL.") from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise Invalid(
            f"The database {url.get_backend_name()!r} is not supported: use sqlite+aiosqlite:///<path> or "
            "postgresql+asyncpg://user@host/database."
        )
    return url


def sqlite_path(url: URL) -> Path | None:
    """Return the file of an SQLite URL, or None for a database in memory, in any of its spellings."""
    name = (url.database or "").removeprefix("file:")
    if not name or ":memory:" in name or url.query.get("mode") == "memory":
        return None
    return Path(name).expanduser()


def open_sqlite(path: Path | None, *, busy_timeout: float = 0.0, echo: bool = False, read_only: bool = False) -> Engine:
    """Return an engine of one connection that leaves transactions to its user.

    `busy_timeout`: seconds to wait, blocking, for another process's lock.
    """

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            str(path) if path else ":memory:",
            timeout=busy_timeout,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        # Heeded only by a database that is new, and so before anything is written to it: retention can then give
        # the pages of deleted rows back to the disk.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        _use_write_ahead_log(connection, busy_timeout)
        for pragma in SQLITE_PRAGMAS:
            connection.execute(pragma)
        connection.execute(f"PRAGMA cache_size = -{CACHE['reader' if read_only else 'writer']}")
        connection.create_function(patterns.FUNCTION, 2, patterns.matches, deterministic=True)
        if read_only:
            connection.execute("PRAGMA query_only = ON")
        return connection

    return create_engine(
        "sqlite://",
        creator=connect,
        poolclass=StaticPool,
        isolation_level="AUTOCOMMIT",
        echo=echo,
        hide_parameters=True,
    )


def _use_write_ahead_log(connection: sqlite3.Connection, within: float) -> None:
    """Switch to the mode that a database keeps; `within` seconds, because SQLite itself does not wait for this lock.

    Where several processes open a new database at once, one of them switches and the others find it done.
    """
    deadline = time.monotonic() + within
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() >= deadline:
                raise
            time.sleep(0.01)
        else:
            return


async def _connect(*args: Any, server_settings: dict[str, str], **others: Any) -> Driver:  # Any: as asyncpg has them
    """Connect, without `jit` where a pooler refuses settings that it does not know (pgbouncer does)."""
    try:
        return await asyncpg.connect(*args, server_settings=server_settings, **others)
    except asyncpg.ProtocolViolationError:
        known = {name: value for name, value in server_settings.items() if name != "jit"}
        return await asyncpg.connect(*args, server_settings=known, **others)


def open_postgres(
    url: URL,
    *,
    timeout: float | None,
    connection_timeout: float | None,
    echo: bool = False,
) -> AsyncEngine:
    """Return an engine that opens a connection for each use; time limits in seconds, None for no limit."""
    connect_args: dict[str, Any] = {  # Any: asyncpg's keywords are of many types
        "command_timeout": timeout,
        "timeout": connection_timeout,
        "server_settings": {"application_name": "ostinato", "timezone": "UTC", "jit": "off"},
        "async_creator_fn": _connect,
    }
    return create_async_engine(
        url.set(drivername="postgresql+asyncpg"),
        poolclass=NullPool,
        connect_args=connect_args,
        json_serializer=dumps,
        json_deserializer=orjson.loads,
        echo=echo,
        hide_parameters=True,
    )
