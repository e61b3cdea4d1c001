"""Driver errors translated to facts, at the boundary where they appear."""

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from ostinato_core.errors import IntegrityConflict, LostRace, Unavailable

_RERUN = {"40001", "40P01"}
"""SQLSTATE of a serialization failure and of a deadlock."""
_AWAY = ("08", "53", "57", "58", "55")
"""SQLSTATE classes of a connection or a server that is away, busy, shutting down or cancelling."""


def translate(error: Exception) -> Exception:
    """Return the fact that a driver's error means, or the error itself where it is a programming error."""
    if isinstance(error, (PoolTimeoutError, TimeoutError, ConnectionError, OSError)):
        return Unavailable()
    if not isinstance(error, DBAPIError):
        return error
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state in _RERUN:
        return LostRace()
    if isinstance(error, IntegrityError):
        return IntegrityConflict()
    if error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError)):
        return Unavailable() if _is_away(state, error) else error
    return Unavailable() if state is not None and state.startswith(_AWAY) else error


def _is_away(state: str | None, error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    text = str(error.orig)
    return state is not None or any(word in text for word in ("locked", "busy", "disk", "full", "closed", "I/O"))
