"""Giving the space of deleted rows back to the disk, on SQLite; on Postgres partitions do that, and autovacuum."""

import asyncio
import sqlite3
from typing import Final

from sqlalchemy import Connection

from ostinato_core.transaction import Database

STEP: Final = 200
"""Pages that are given back at once: less than a megabyte, some milliseconds."""
PAUSE: Final = 0.02
SPARE: Final = 10
"""A free page for so many in use is left: it will be needed again soon."""


async def give_back(database: Database) -> int:
    """Give free pages back in short steps; return how many bytes. Only where the database was made for it."""
    freed = 0
    while step := await database.run_sync(_give_back):
        freed += step
        await asyncio.sleep(PAUSE)
    return freed


def pages(connection: Connection) -> tuple[int, int, int]:
    """Return the bytes of a page, how many pages there are, and how many of them are free."""
    driver = _driver(connection)
    return _number(driver, "page_size"), _number(driver, "page_count"), _number(driver, "freelist_count")


def _give_back(connection: Connection) -> int:
    driver = _driver(connection)
    size, count, free = pages(connection)
    surplus = free - count // SPARE
    if surplus < STEP or _number(driver, "auto_vacuum") == 0:
        return 0
    # As a script, because that runs to its end: the statement stops after each page as if that were a row of a result.
    driver.executescript(f"PRAGMA incremental_vacuum({STEP})")
    return (count - _number(driver, "page_count")) * size


def _number(driver: sqlite3.Connection, pragma: str) -> int:
    return int(driver.execute(f"PRAGMA {pragma}").fetchone()[0])


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver
