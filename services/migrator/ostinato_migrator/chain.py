"""The chain of migrations, run by Alembic on a connection, under a lock that lets one process in at a time.

Importing this imports Alembic; whoever only looks whether anything is to be done uses `ostinato_core.db.revision`.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ostinato_core.clock import utc_now
from ostinato_core.db.partitions import ensure_partitions
from ostinato_core.db.revision import VERSION_TABLE, revision_of
from ostinato_migrator.errors import DatabaseBusy, MigrationFailed, Pooled, UnknownRevision, UnknownSchema

T = TypeVar("T")

FOLDER = Path(__file__).parent
"""Where the migrations are, in `versions`, and what Alembic needs to run them and to write new ones."""

LOCK: Final = 0x6F7374696E61746D
"""Key of the advisory lock under which one migrator at a time works on a Postgres database."""
WAIT_FOR_OTHERS = 600.0
"""Seconds for which a second migrator waits for the first."""
LOOK_EVERY = 0.2
LOOKS = 5
"""How often it is looked whether a pooler is in front of the database."""
LOCK_TIMEOUT = "3s"
"""How long a migration may wait for a table, and so hold up those who come after it."""
ATTEMPTS = 20
"""How often a migration is tried again after such a wait."""

_LOCK_NOT_AVAILABLE = "55P03"


def config() -> Config:
    """Return Alembic's configuration, which names this package's folder."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return made


def revisions() -> list[str]:
    """Return all revisions that this code knows, oldest first."""
    script = ScriptDirectory.from_config(config())
    return [known.revision for known in script.walk_revisions()][::-1]


def resolve(start: str | None, wanted: str) -> str | None:
    """Return the revision that `wanted` means from `start`: head, base, a revision, or a number such as -1 or +2.

    None is the empty database. Errors: UnknownSchema for `start`, UnknownRevision for `wanted`.
    """
    known: list[str | None] = [None, *revisions()]
    if start not in known:
        raise UnknownSchema(
            f"The database has schema revision {start!r}, which this version of Ostinato (up to {known[-1]!r}) does "
            "not know: use the newer version that made it, or restore a backup."
        )
    if wanted in ("head", "heads"):
        return known[-1]
    if wanted == "base":
        return None
    if wanted in known:
        return wanted
    if wanted[:1] in ("-", "+") and wanted[1:].isdigit():
        place = known.index(start) + int(wanted)
        if 0 <= place < len(known):
            return known[place]
    raise UnknownRevision(
        f"There is no revision {wanted!r} from here: use head, base, a number such as -1, or one of "
        f"{', '.join(filter(None, known))}."
    )


def upgrade(connection: Connection, wanted: str = "head") -> bool:
    """Bring the schema up to a revision; return whether anything was done. Errors: MigrationFailed, DBAPIError."""

    def work() -> bool:
        start = revision_of(connection)
        _settle(connection)
        target = resolve(start, wanted)
        if target is None or steps(start, target) <= 0:
            return False
        command.upgrade(_on(connection), target)
        if target == revisions()[-1]:
            ensure_partitions(connection, utc_now())
        return True

    return _exclusively(connection, work)


def downgrade(connection: Connection, wanted: str) -> bool:
    """Bring the schema down to a revision; return whether anything was done. Errors: as `upgrade`."""

    def work() -> bool:
        start = revision_of(connection)
        _settle(connection)
        target = resolve(start, wanted)
        if steps(start, target) >= 0:
            return False
        command.downgrade(_on(connection), target or "base")
        if target is None:
            connection.exec_driver_sql(f"DROP TABLE {VERSION_TABLE}")
            _settle(connection)
        return True

    return _exclusively(connection, work)


def stamp(connection: Connection, wanted: str) -> None:
    """Record a revision without running anything, whatever the database says now. Errors: UnknownRevision."""
    target = resolve(None, wanted)
    _exclusively(connection, lambda: command.stamp(_on(connection), target or "base", purge=True))


def new_revision(connection: Connection, message: str, *, autogenerate: bool) -> str:
    """Write a new migration file beside the others, for a developer; return its path.

    With `autogenerate` it holds what the tables of the core have and the database, which must be at head, has not.
    """
    number = f"{int(revisions()[-1]) + 1:04}"
    made = command.revision(_on(connection), message, autogenerate=autogenerate, rev_id=number)
    return str(made.path if isinstance(made, Script) else "")


def _on(connection: Connection) -> Config:
    made = config()
    made.attributes["connection"] = connection
    return made


def steps(start: str | None, target: str | None) -> int:
    """Return how many migrations lead from one known revision to another, negative for a way down."""
    known = [None, *revisions()]
    return known.index(target) - known.index(start)


def _settle(connection: Connection) -> None:
    # On Postgres each migration is a transaction of its own, so none may be open; on SQLite all are one.
    if connection.dialect.name == "postgresql":
        connection.commit()


def _exclusively(connection: Connection, work: Callable[[], T]) -> T:
    if connection.dialect.name == "postgresql":
        return _under_lock(connection, work)
    return _in_one_transaction(connection, work)


def _in_one_transaction(connection: Connection, work: Callable[[], T]) -> T:
    # Tables that a batch migration makes anew must not take along those that refer to them.
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("BEGIN EXCLUSIVE")
    try:
        result = work()
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise MigrationFailed(
                f"After the migration a row of {broken[0]!r} refers to one of {broken[2]!r} that is not there, so it "
                "was rolled back: restore a backup, or report this."
            )
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
    return result


def _under_lock(connection: Connection, work: Callable[[], T]) -> T:
    _refuse_pooler(connection)
    _lock(connection)
    try:
        return _patiently(connection, work)
    finally:
        connection.rollback()
        connection.exec_driver_sql(f"SELECT pg_advisory_unlock({LOCK})")
        connection.commit()


def _refuse_pooler(connection: Connection) -> None:
    """Raise `Pooled` where each transaction has another backend: then neither a lock nor a setting lasts."""
    with connection.engine.connect() as other:
        for _ in range(LOOKS):
            before = _backend(connection)
            connection.commit()
            # Poolers give out the backend that was used last; this one is not given back meanwhile.
            _backend(other)
            after = _backend(connection)
            connection.commit()
            other.rollback()
            if before != after:
                raise Pooled(
                    "A pooler gives each transaction another connection to Postgres, on which migrations cannot rely: "
                    "give the migrator Postgres's own address in OSTINATO_API_DATABASE_CONNECTION_URL."
                )


def _backend(connection: Connection) -> int:
    return connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()


def _lock(connection: Connection) -> None:
    # Asked for again and again rather than waited for: a waiting statement holds a snapshot, and the
    # CREATE INDEX CONCURRENTLY of the migrator that has the lock would wait for that in turn.
    deadline = time.monotonic() + WAIT_FOR_OTHERS
    while True:
        locked = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({LOCK})").scalar()
        connection.commit()
        if locked:
            return
        if time.monotonic() > deadline:
            raise DatabaseBusy("Another migration of this database does not end: look after it, then start again.")
        time.sleep(LOOK_EVERY)


def _patiently(connection: Connection, work: Callable[[], T]) -> T:
    connection.exec_driver_sql("SET statement_timeout = 0")
    connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    connection.commit()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return work()
        except DBAPIError as error:
            connection.rollback()
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE or attempt == ATTEMPTS:
                raise
        time.sleep(min(0.1 * 2**attempt, 5.0))
    raise AssertionError("The last attempt returns or raises.")
