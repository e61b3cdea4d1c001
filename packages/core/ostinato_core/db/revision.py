"""The schema revision that this code needs, and the one that a database has. Migrations live in the migrator."""

import asyncio
import time
from typing import Final

from sqlalchemy import Connection, text

from ostinato_core.errors import Unavailable
from ostinato_core.transaction import Database

REVISION: Final = "0026"
"""The newest revision of the chain in `ostinato_migrator/versions`; written here so that looking costs no import."""

VERSION_TABLE: Final = "alembic_version"


class SchemaNotReady(Unavailable):
    """The database is not at the revision that this code needs."""


def revision_of(connection: Connection) -> str | None:
    """Return the revision recorded in the database, None for an empty one."""
    if not connection.dialect.has_table(connection, VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - a constant


async def wait_for_revision(database: Database, *, seconds: float = 300.0, every: float = 1.0) -> None:
    """Return once the database is at `REVISION`, looking `every` so many seconds.

    Errors: SchemaNotReady after `seconds`, naming both revisions and what brings them together.
    """
    deadline = time.monotonic() + seconds
    while (found := await _try_to_read(database)) != REVISION:
        if time.monotonic() >= deadline:
            raise SchemaNotReady(
                f"The database is at schema revision {found or 'none'}, this version of Ostinato needs {REVISION}: "
                "run the migrator (or `ostinato server database upgrade`) of this version."
            )
        await asyncio.sleep(every)


async def _try_to_read(database: Database) -> str | None:
    try:
        return await database.run_sync(revision_of)
    except Unavailable:
        return None
