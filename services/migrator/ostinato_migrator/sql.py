"""The SQL of a migration without running it: for a look before, or for an administrator who runs it by hand."""

import io
from collections.abc import Callable
from contextlib import suppress

from alembic import command
from sqlalchemy import Connection

from ostinato_core.db.engine import open_sqlite, sqlite_path
from ostinato_core.db.revision import revision_of
from ostinato_core.settings import ServerSettings
from ostinato_migrator import chain
from ostinato_migrator.connect import database_url, run_on
from ostinato_migrator.errors import DatabaseUnreachable

_CHANGES = ("ALTER", "ANALYZE", "CREATE", "DROP", "DELETE", "INSERT", "REINDEX", "REPLACE", "UPDATE", "WITH")


def upgrade_sql(settings: ServerSettings, wanted: str = "head") -> str:
    """Return the statements of an upgrade; of all of it where the database cannot be asked. Errors: MigrationFailed."""
    return _sql(settings, wanted, if_unknown=None)


def downgrade_sql(settings: ServerSettings, wanted: str = "-1") -> str:
    """Return the statements of a downgrade; from head, where the database cannot be asked. Errors: MigrationFailed."""
    return _sql(settings, wanted, if_unknown=chain.revisions()[-1])


def _sql(settings: ServerSettings, wanted: str, if_unknown: str | None) -> str:
    url = database_url(settings)
    if url.get_backend_name() == "sqlite":
        path = sqlite_path(url)
        start = run_on(settings, revision_of) if path is not None and path.exists() else if_unknown
        return _on_scratch(start, chain.resolve(start, wanted))
    start = if_unknown
    with suppress(DatabaseUnreachable):
        start = run_on(settings, revision_of)
    return _offline(start, chain.resolve(start, wanted))


def _offline(start: str | None, target: str | None) -> str:
    steps = chain.steps(start, target)
    if steps == 0:
        return ""
    config = chain.config()
    config.output_buffer = io.StringIO()
    run = command.upgrade if steps > 0 else command.downgrade
    run(config, f"{start or 'base'}:{target or 'base'}", sql=True)
    return config.output_buffer.getvalue()


def _on_scratch(start: str | None, target: str | None) -> str:
    # A migration of SQLite may have to look at the tables that it makes anew, so it is run on empty ones in memory.
    engine = open_sqlite(None)
    statements: list[str] = []
    try:
        with engine.connect() as connection:
            _move(connection, start)
            _trace(connection, statements.append)
            _move(connection, target)
            _trace(connection, None)
    finally:
        engine.dispose()
    changes = [statement.strip() for statement in statements if statement.lstrip().upper().startswith(_CHANGES)]
    if not changes:
        return ""
    script = ["PRAGMA foreign_keys = OFF", "BEGIN EXCLUSIVE", *changes, "COMMIT", "PRAGMA foreign_keys = ON"]
    return "".join(f"{statement};\n\n" for statement in script)


def _move(connection: Connection, target: str | None) -> None:
    start = revision_of(connection)
    connection.rollback()
    if chain.steps(start, target) > 0:
        chain.upgrade(connection, target or "base")
    elif start != target:
        chain.downgrade(connection, target or "base")


def _trace(connection: Connection, listener: Callable[[str], object] | None) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.set_trace_callback(listener)
