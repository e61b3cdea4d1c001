"""Being in the register while one lives, and refusing to be one of several API processes that cannot coordinate.

Each API process wakes and feeds the readers that are connected to it. Several of them do so for one another through
Redis; without it each would serve its own readers late or not at all, and nobody would see why. So the second one does
not start.
"""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from ostinato_core.clock import utc_now
from ostinato_core.errors import Fact, LostRace, Unavailable
from ostinato_core.ids import new_id
from ostinato_core.processes import repository
from ostinato_core.settings import ServerSettings
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Database, Transaction

logger = logging.getLogger("ostinato.server.processes")

SEEN_EVERY: Final = 5.0
"""Seconds between signs of life."""
LAPSES: Final = timedelta(seconds=15)
"""How long after its last sign of life a process is taken for dead."""
LOOK_EVERY: Final = 0.5
"""Seconds between looks whether a process that must not be there is gone."""

Kind = Literal["api", "scheduler"]


class CannotCoordinate(Unavailable):
    """Another process of this server is there, and the two could not coordinate."""


@asynccontextmanager
async def registered(database: Database, settings: ServerSettings, kind: Kind) -> AsyncGenerator[None]:
    """Be in the register for as long as the block lasts.

    Errors: CannotCoordinate for an API process where another one lives, unless both have a Redis.
    """
    process = await _enter(database, kind, is_shared=settings.redis_url is not None)
    keeping = asyncio.get_running_loop().create_task(_keep(database, process), name="register-of-processes")
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        with contextlib.suppress(Fact, LostRace, SQLAlchemyError):
            await database.write(lambda tx: repository.remove(tx, process))


async def _enter(database: Database, kind: Kind, *, is_shared: bool) -> UUID:
    """Enter the register. A process that was killed a moment ago may be in it still: wait for a sign of life of it."""
    process = new_id()
    own: JsonDict = {
        "id": process,
        "kind": kind,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "is_shared": is_shared,
        "started": utc_now(),
    }
    seen: dict[UUID, datetime] = {}
    while (other := await _try_to_enter(database, own)) is not None:
        if seen.setdefault(other["id"], other["last_seen"]) != other["last_seen"]:
            raise CannotCoordinate(_why(other, is_shared=is_shared))
        await asyncio.sleep(LOOK_EVERY)
    return process


async def _try_to_enter(database: Database, own: JsonDict) -> Row | None:
    """Enter, or return the process that is in the way."""

    async def enter(tx: Transaction) -> Row | None:
        await repository.remove_unseen(tx, tx.now - LAPSES)
        for row in await repository.list_all(tx):
            if _is_gone(row):
                await repository.remove(tx, row["id"])
            elif not _get_along(own, row):
                return row
        await repository.insert(tx, {**own, "last_seen": tx.now})
        return None

    async def look_again(tx: Transaction) -> Row | None:
        """Who entered at the same moment was not seen before: of two, the one that started later gives way."""
        for row in await repository.list_all(tx):
            if (row["started"], row["id"]) < (own["started"], own["id"]) and not _get_along(own, row):
                await repository.remove(tx, own["id"])
                return row
        return None

    return await database.write(enter) or await database.write(look_again)


def _get_along(own: Row, other: Row) -> bool:
    """Whether two processes may serve one database."""
    both_api = own["kind"] == other["kind"] == "api"
    return not both_api or bool(own["is_shared"] and other["is_shared"])


def _is_gone(row: Row) -> bool:
    """Whether a process in the register cannot live: it was on this host, and its number is free or is one's own."""
    if row["host"] != socket.gethostname():
        return False
    try:
        os.kill(row["pid"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return bool(row["pid"] == os.getpid())


def _why(other: Row, *, is_shared: bool) -> str:
    since = f"{other['started']:%Y-%m-%d %H:%M:%S} UTC"
    who = f"Another API process (number {other['pid']} on {other['host']}, since {since})"
    which = "that process has no Redis" if is_shared else "no Redis is set"
    return (
        f"{who} serves the same database, and {which}, so the two could not wake one another's readers: set "
        "OSTINATO_REDIS_URL to the same Redis for all of them, or run one API process only."
    )


async def _keep(database: Database, process: UUID) -> None:
    while True:
        await asyncio.sleep(SEEN_EVERY)
        try:
            await database.write(lambda tx: repository.keep(tx, process))
        except (Fact, LostRace, SQLAlchemyError) as error:
            logger.warning("This process cannot be kept in the register now, it is tried again: %s", error)
