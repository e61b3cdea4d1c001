"""The bounded pool of Postgres connections, each with SQLAlchemy's view of it and the driver's.

SQLAlchemy's own pool takes and resets a connection at each use, which costs as much as a statement; here one stays
open, and only what SQLAlchemy has executed on it is ended.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import cast

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ostinato_core.db.engine import Driver
from ostinato_core.db.failures import DRIVER_ERRORS
from ostinato_core.errors import Unavailable


@dataclass(slots=True, eq=False)
class Seat:
    """An open connection: SQLAlchemy's, in autocommit, and the driver's beneath it."""

    connection: AsyncConnection
    driver: Driver
    is_broken: bool = False
    """Whether it must not be used again."""

    async def roll_back(self, error: BaseException, *, has_begun: bool) -> None:
        """End a transaction that failed, if one has begun; a connection that cannot even do that is thrown away.

        So is one on which a statement may have been broken off, because nobody knows when the server heeds that.
        """
        broken_off = (asyncio.CancelledError, TimeoutError, asyncpg.InternalClientError)
        self.is_broken = self.driver.is_closed() or isinstance(error, broken_off)
        if has_begun and not self.is_broken:
            try:
                await self.driver.execute("ROLLBACK", timeout=5)
            except DRIVER_ERRORS:
                self.is_broken = True


class Seats:
    """Connections of an engine that pools none itself: `size` are kept open, `overflow` more are opened under load.

    `patience`: seconds for which one waits for a seat.
    """

    def __init__(self, engine: AsyncEngine, *, size: int, overflow: int, patience: float) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._size = size
        self._patience = patience
        self.most = size + overflow
        self.used = 0
        self._free = asyncio.Semaphore(self.most)
        self._idle: list[Seat] = []
        self._abandoned: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def take(self) -> Seat:
        """Return a seat of one's own, to be given back.

        Errors: Unavailable where none becomes free in time; the driver's where none can be opened.
        """
        if self._free.locked():
            try:
                async with asyncio.timeout(self._patience):
                    await self._free.acquire()
            except TimeoutError:
                raise Unavailable("Too many requests are waiting for the database.") from None
        else:
            await self._free.acquire()
        self.used += 1
        try:
            while self._idle:
                seat = self._idle.pop()
                if not seat.driver.is_closed():
                    return seat
                await _close(seat)  # the server has closed it while it was idle
            return await self._open()
        except BaseException:
            self._let_go()
            raise

    def _let_go(self) -> None:
        self.used -= 1
        self._free.release()

    async def give_back(self, seat: Seat) -> None:
        """Let others use the seat."""
        try:
            seat.is_broken = seat.is_broken or seat.driver.is_closed()
            if seat.connection.in_transaction() and not seat.is_broken:
                with contextlib.suppress(SQLAlchemyError):
                    await seat.connection.rollback()  # SQLAlchemy's account of it; the transaction itself is over
                seat.is_broken = seat.connection.in_transaction()
            if seat.is_broken or self._is_closed or len(self._idle) >= self._size:
                await _close(seat)
            else:
                self._idle.append(seat)
        finally:
            self._let_go()

    @contextlib.asynccontextmanager
    async def taken(self, *, has_begun: bool) -> AsyncGenerator[Seat]:
        """Take a seat and give it back; where this fails, a transaction that `has_begun` in it is rolled back."""
        seat = await self.take()
        try:
            yield seat
        except BaseException as error:
            await seat.roll_back(error, has_begun=has_begun)
            raise
        finally:
            await self.give_back(seat)

    async def close(self) -> None:
        """Close all that are idle, and the others when they are given back."""
        self._is_closed = True
        while self._idle:
            await _close(self._idle.pop())
        await asyncio.gather(*self._abandoned)

    async def _open(self) -> Seat:
        """Open a connection. It is opened to its end even if nobody waits any more: one left half-way would leak."""
        opening = asyncio.get_running_loop().create_task(self._connect())
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            abandoned = asyncio.get_running_loop().create_task(_discard(opening))
            self._abandoned.add(abandoned)
            abandoned.add_done_callback(self._abandoned.discard)
            raise

    async def _connect(self) -> Seat:
        connection = await self._engine.connect()
        driver = (await connection.get_raw_connection()).driver_connection
        assert isinstance(driver, asyncpg.Connection)
        return Seat(connection, cast("Driver", driver))


async def _discard(opening: asyncio.Task[Seat]) -> None:
    """Close what is being opened for somebody who has gone, whether it succeeds or fails."""
    with contextlib.suppress(*DRIVER_ERRORS):
        await _close(await opening)


async def _close(seat: Seat) -> None:
    if seat.is_broken or seat.driver.is_closed():
        seat.driver.terminate()
        await seat.connection.invalidate()
    await seat.connection.close()
