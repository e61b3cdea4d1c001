"""Bringing the database of the settings to a revision. All functions are synchronous and for use before a loop runs.

Alembic is imported only where something is to be done: looking costs two plain queries.
"""

from sqlalchemy import Connection

from ostinato_core.clock import utc_now
from ostinato_core.db.partitions import ensure_partitions
from ostinato_core.db.revision import REVISION, revision_of
from ostinato_core.settings import ServerSettings
from ostinato_migrator.connect import database_url, is_in_memory, run_on


def upgrade(settings: ServerSettings, revision: str = "head") -> bool:
    """Bring the schema up to a revision (head, a revision, or a number such as +1); return whether it had to change.

    Makes the SQLite file and its folder (mode 0700), and on Postgres the partitions of the coming days. Does nothing
    for a database in memory: use `upgrade_connection` on the server's own. Errors: MigrationFailed, with one line.
    """
    if is_in_memory(database_url(settings)):
        return False
    return run_on(settings, lambda connection: upgrade_connection(connection, revision))


def upgrade_connection(connection: Connection, revision: str = "head") -> bool:
    """As `upgrade`, on a connection that is in no transaction, such as `await database.run_sync(upgrade_connection)`.

    Errors: MigrationFailed, and SQLAlchemy's own.
    """
    found = revision_of(connection)
    connection.rollback()
    if found == REVISION and revision == "head":
        ensure_partitions(connection, utc_now())
        return False
    from ostinato_migrator import chain

    return chain.upgrade(connection, revision)


def downgrade(settings: ServerSettings, revision: str = "-1") -> bool:
    """Bring the schema down to a revision (base, a revision, or a number such as -1); return whether it changed.

    Errors: MigrationFailed.
    """
    from ostinato_migrator import chain

    return run_on(settings, lambda connection: chain.downgrade(connection, revision))


def reset(settings: ServerSettings) -> None:
    """Drop all tables with all that is in them, and make them anew. Errors: MigrationFailed."""
    from ostinato_migrator import chain

    def start_over(connection: Connection) -> None:
        chain.downgrade(connection, "base")
        chain.upgrade(connection)

    run_on(settings, start_over)


def stamp(settings: ServerSettings, revision: str) -> None:
    """Record a revision without running anything. Errors: MigrationFailed."""
    from ostinato_migrator import chain

    run_on(settings, lambda connection: chain.stamp(connection, revision))


def new_revision(settings: ServerSettings, message: str, *, autogenerate: bool = False) -> str:
    """Write a new migration file, for a developer; return its path. Errors: MigrationFailed."""
    from ostinato_migrator import chain

    return run_on(settings, lambda connection: chain.new_revision(connection, message, autogenerate=autogenerate))
