"""Following the log: one task a process reads what is new, for all who listen to it.

A subscriber has a bounded buffer. One who reads too slowly is no longer fed once his buffer is full; when he has read
it he goes on from the log itself, until he has caught up. So nobody misses an event, and nothing grows.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.exc import SQLAlchemyError

from ostinato_core.coordination import EVENTS, wake_ups
from ostinato_core.db.dialects import Dialect
from ostinato_core.db.prepared import Prepared
from ostinato_core.db.tables import events
from ostinato_core.errors import Fact, LostRace
from ostinato_core.events.stored import Cursor, StoredEvent, from_row, select_events
from ostinato_core.transaction import Database, Transaction

logger = logging.getLogger("ostinato.server.events")

BUFFER = 1000
"""Events that wait for one subscriber, at most."""
PAGE = 500
"""Events of one query."""
GATHER = 0.01
"""Seconds between two looks that wake-ups bring, at least, so that a busy log is read in pages."""
SOONEST, LATEST = 0.05, 1.0
"""Seconds between looks without a wake-up: it doubles from the first to the second while nothing comes. On Postgres a
row shows only when all transactions that began before it have ended, and by then nobody wakes."""

Predicate = Callable[[StoredEvent], bool]

_END_OF_POSITIONS: Final = 2**63 - 1


class Subscription:
    """What one subscriber listens to, from where he subscribed. An async iterator of events; never ends by itself."""

    def __init__(self, tail: "Tail", predicate: Predicate, start: Cursor) -> None:
        self.start = start
        self._tail = tail
        self._predicate = predicate
        self._buffer: deque[StoredEvent] = deque()
        self._filled = asyncio.Event()
        self._cursor = start
        self._is_fed = False

    def __aiter__(self) -> "Subscription":
        return self

    async def __anext__(self) -> StoredEvent:
        while not self._buffer:
            if self._is_fed or self._rejoin():
                await self._filled.wait()
            else:
                await self._catch_up()
        event = self._buffer.popleft()
        if not self._buffer and self._is_fed:
            self._filled.clear()
        return event

    def feed(self, page: list[StoredEvent]) -> None:
        """Take what the tail has read. Called by the tail only."""
        if not self._is_fed:
            return
        for event in page:
            if event.cursor <= self._cursor:
                continue
            if len(self._buffer) >= BUFFER:
                self._is_fed = False
                break
            self._cursor = event.cursor
            if self._predicate(event):
                self._buffer.append(event)
        if self._buffer or not self._is_fed:
            self._filled.set()

    def _rejoin(self) -> bool:
        """Be fed again, where nothing lies between this cursor and the tail's."""
        if self._cursor < self._tail.cursor:
            return False
        self._is_fed = True
        self._filled.clear()
        return True

    async def _catch_up(self) -> None:
        page = await self._tail.read(self._cursor)
        if page:
            self._cursor = page[-1].cursor
            self._buffer.extend(event for event in page if self._predicate(event))
        else:
            # What the tail has passed is there to be read: an empty page means that its last rows were deleted.
            self._cursor = max(self._cursor, self._tail.cursor)


class Tail:
    """Reads the log for its subscribers; asks the database nothing while there are none."""

    def __init__(self, database: Database) -> None:
        self.cursor: Cursor = (0, 0)
        self._database = database
        self._subscriptions: set[Subscription] = set()
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Tail":
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def subscribers(self) -> int:
        """How many listen now."""
        return len(self._subscriptions)

    def start(self) -> None:
        """Begin to follow the log."""
        self._task = asyncio.get_running_loop().create_task(self._follow(), name="events-tail")
        self._task.add_done_callback(self._go_on)

    def _go_on(self, ended: asyncio.Task[None]) -> None:
        """Begin anew after an error that nothing foresaw; without this all subscribers would wait for ever."""
        error = None if ended.cancelled() else ended.exception()
        if error is not None:
            logger.critical("Following the log of events failed and begins anew", exc_info=error)
            self.start()

    async def stop(self) -> None:
        """Stop following. Subscribers wait for ever then; who stops the tail ends them first."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @asynccontextmanager
    async def subscribe(self, predicate: Predicate) -> AsyncGenerator[Subscription]:
        """Listen to events that satisfy the predicate and are stored from now on.

        Whatever a query does not see that is made within the block, the subscription yields.
        """
        start = await self._database.lookup(end_of_log)
        subscription = Subscription(self, predicate, start)
        if not self._subscriptions:
            self.cursor = max(self.cursor, start)
        self._subscriptions.add(subscription)
        self._wanted.set()
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
            if not self._subscriptions:
                self._wanted.clear()

    async def read(self, cursor: Cursor) -> list[StoredEvent]:
        """Return a page of events after a place in the log."""

        async def operation(tx: Transaction) -> list[StoredEvent]:
            place = {"transaction_id": cursor[0], "position": cursor[1], "page": PAGE}
            return [from_row(row) for row in await tx.rows(_NEXT_PAGE, place)]

        return await self._database.lookup(operation)

    async def _follow(self) -> None:
        with wake_ups().listen(EVENTS) as wake_up:
            pause, looked = SOONEST, 0.0
            while True:
                await self._wanted.wait()
                if await wake_up.wait(pause):
                    pause = SOONEST
                    await asyncio.sleep(GATHER - (time.monotonic() - looked))
                try:
                    found = await self._read_on()
                except (Fact, LostRace, SQLAlchemyError) as error:
                    logger.warning("The log of events cannot be read now, it is tried again: %s", error)
                    found = False
                pause, looked = SOONEST if found else min(pause * 2, LATEST), time.monotonic()

    async def _read_on(self) -> bool:
        found = False
        while True:
            page = await self.read(self.cursor)
            if page:
                found = True
                self.cursor = page[-1].cursor
                for subscription in list(self._subscriptions):
                    subscription.feed(page)
            if len(page) < PAGE:
                return found
            await asyncio.sleep(0)


_SETTLED: Final[ColumnElement[int]] = literal_column(
    "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)", BigInteger
)
"""All transactions below this have ended."""


def next_page(dialect: Dialect, wanted: Select[Any]) -> Select[Any]:  # Any: columns of many types
    """Return a query for the next events of those wanted: at most `page`, after `transaction_id` and `position`."""
    position, page = bindparam("position", type_=BigInteger), bindparam("page", type_=Integer)
    if dialect.name == "sqlite":
        return wanted.where(events.c.position > position).order_by(events.c.position).limit(page)
    place = tuple_(events.c.transaction_id, events.c.position)
    is_next = place > tuple_(bindparam("transaction_id", type_=BigInteger), position)
    return (
        wanted.where(is_next, events.c.transaction_id < _SETTLED)
        .order_by(events.c.transaction_id, events.c.position)
        .limit(page)
    )


_NEXT_PAGE: Final = Prepared(lambda dialect: next_page(dialect, select_events()))


async def end_of_log(tx: Transaction) -> Cursor:
    """Return the place after all events that every query sees from now on."""
    if tx.dialect.name == "sqlite":
        return (0, await tx.value(select(func.coalesce(func.max(events.c.position), literal(0, Integer)))))
    return (await tx.value(select(_SETTLED - 1)), _END_OF_POSITIONS)
