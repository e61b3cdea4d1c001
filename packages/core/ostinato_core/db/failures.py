"""Driver errors translated to facts, at the boundary where they appear."""

import sqlite3

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ostinato_core.errors import IntegrityConflict, Invalid, LostRace, Unavailable

LOST_CONNECTION = (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
"""What asyncpg raises where a connection is gone: InternalClientError where the server's last words have arrived and
the end of the connection has not."""
DRIVER_ERRORS = (SQLAlchemyError, asyncpg.PostgresError, *LOST_CONNECTION)
"""What executing a statement on Postgres may raise, through SQLAlchemy or on the driver."""

_RERUN = ("40001", "40P01")
"""SQLSTATE of a serialization failure and of a deadlock."""
_INTEGRITY = "23"
"""SQLSTATE class of integrity constraint violations."""
_UNFIT = "22"
"""SQLSTATE class of values that a type does not hold, such as a text with a NUL character."""
_TOO_LONG = "54000"
"""SQLSTATE of a value that exceeds what an entry of an index holds, about 2,700 bytes."""
_BAD_PATTERN = "2201B"
"""SQLSTATE of a regular expression that is none."""
_NOT_PREPARED = ("26000", "42P05")
"""SQLSTATE of a prepared statement that the server does not know, or knows already: a pooler has mixed up sessions."""
_AWAY = ("08", "53", "55", "57", "58")
"""SQLSTATE classes of a connection or a server that is away, busy, shutting down or cancelling."""
_SQLITE_AWAY = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")


def translate(error: Exception) -> Exception:
    """Return the fact that a driver's error means, or the error itself where it is a programming error."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, asyncpg.InterfaceError) and isinstance(cause, ValueError):
        return error  # a value that the driver cannot send, not a connection that is gone
    if isinstance(cause, LOST_CONNECTION):
        return Unavailable()
    if isinstance(cause, sqlite3.Error):
        return _from_sqlite(cause, error)
    state: str | None = getattr(cause, "sqlstate", None)
    if state is None:
        return Unavailable() if isinstance(error, DBAPIError) and error.connection_invalidated else error
    if state in _RERUN:
        return LostRace()
    if state.startswith(_INTEGRITY):
        return IntegrityConflict()
    if state == _TOO_LONG:
        return Invalid("A name or key is too long to be stored: shorten it to 2,000 bytes.")
    if state == _BAD_PATTERN:
        return Invalid("Invalid pattern: the database does not understand it.")
    if state.startswith(_UNFIT):
        return Invalid("A value can be neither stored nor compared: it holds a NUL character or is out of range.")
    if state in _NOT_PREPARED:
        return Unavailable(
            "A pooler in front of Postgres loses prepared statements: pgbouncer in transaction mode must be of version "
            "1.21 or newer and have max_prepared_statements above 0."
        )
    return Unavailable() if state.startswith(_AWAY) else error


def _from_sqlite(cause: sqlite3.Error, error: Exception) -> Exception:
    if isinstance(cause, sqlite3.IntegrityError):
        return IntegrityConflict()
    return Unavailable() if getattr(cause, "sqlite_errorname", "").startswith(_SQLITE_AWAY) else error
