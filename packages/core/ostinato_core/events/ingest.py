"""Taking events in: what all connections send within a few milliseconds is written in one transaction."""

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ostinato_core.errors import IntegrityConflict, Invalid, LostRace, Unavailable
from ostinato_core.events.log import append
from ostinato_core.events.parsing import ParsedEvent
from ostinato_core.events.task_run_record import record_task_runs
from ostinato_core.liveness.expected_beats import ExpectedBeats
from ostinato_core.liveness.heartbeats import record_heartbeats
from ostinato_core.liveness.ingest_watch import PULSE_EVERY, tell_alive
from ostinato_core.transaction import Database, Operation, Transaction

logger = logging.getLogger("ostinato.server.events")

LINGER = 0.004
"""Seconds for which a batch is gathered, while nothing else is being written."""
BATCH = {"sqlite": 250, "postgresql": 1000}
"""Events of one transaction, at most. On SQLite nothing else runs in the process while they are written."""
CAPACITY = 10_000
"""Events that may wait; those who bring more wait with them."""
CAPACITY_BYTES = 64 * 1024 * 1024
RETRIES = (0.1, 0.2, 0.5, 1.0, 2.0, 2.0, 2.0, 2.0)
"""Seconds between attempts while the database is away; then the events are given back as not stored."""
FIRST_PULSE = 1.0
"""Seconds after its start at which an ingestor tells that it is alive, if no event was stored before."""
DRIVER_ERRORS = (SQLAlchemyError, asyncpg.PostgresError, sqlite3.Error, ValueError, OverflowError)
"""What a database raises that refuses to store something; asyncpg's own checks of values are ValueErrors."""
_REFUSED_VALUE = ("22", "23", "54")
"""SQLSTATE classes of a value that is wrong, contradicts a constraint, or is too large for an index."""


@dataclass(slots=True)
class _Batch:
    stored: asyncio.Future[None]
    events: list[ParsedEvent] = field(default_factory=list[ParsedEvent])


class Ingestor:
    """Writes events in the order in which they come. One a process; `async with` starts and stops it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batch = BATCH[database.dialect.name]
        self._batches: deque[_Batch] = deque()
        self._waiting = 0
        self._waiting_bytes = 0
        self._work = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._closing = False
        self._task: asyncio.Task[None] | None = None
        self._next_pulse = time.monotonic() + FIRST_PULSE
        self._expected_beats = ExpectedBeats()

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.get_running_loop().create_task(self._write_batches(), name="events-ingestor")
        self._task.add_done_callback(self._go_on)

    def _go_on(self, ended: asyncio.Task[None]) -> None:
        """Begin anew after an error that nothing foresaw; without a writer all clients would wait for ever."""
        error = None if ended.cancelled() else ended.exception()
        if error is not None:
            logger.critical("The writer of events failed and begins anew", exc_info=error)
            self.start()

    async def stop(self) -> None:
        """Write what was taken in, then end. What comes later is refused."""
        self._closing = True
        self._work.set()
        self._room.set()
        while self._task is not None and not self._task.done():
            await asyncio.wait((self._task,))

    async def submit(self, events: Sequence[ParsedEvent]) -> None:
        """Return once the events are committed. Errors: Unavailable where they could not be."""
        stored: list[asyncio.Future[None]] = []
        for event in events:
            if not self._room.is_set():
                await self._room.wait()
            future = self.take(event)
            if not stored or stored[-1] is not future:
                stored.append(future)
        for future in stored:
            await asyncio.shield(future)

    @property
    def waiting(self) -> int:
        """How many events have been taken in and are not committed yet."""
        return self._waiting

    async def room(self) -> None:
        """Return when more events may be taken in."""
        await self._room.wait()

    def take(self, event: ParsedEvent) -> asyncio.Future[None]:
        """Take an event in at once; the future, shared by its whole batch, tells when it is committed.

        It must not be cancelled: wait for it through `asyncio.shield`. Callers wait for `room` before. Errors:
        Unavailable once the ingestor has been stopped.
        """
        if self._closing:
            raise Unavailable("The server is shutting down.")
        if not self._batches or len(self._batches[-1].events) >= self._batch:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            # Nobody may be left to hear of a failure; then it has been logged.
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._batches.append(_Batch(future))
            self._work.set()
        batch = self._batches[-1]
        batch.events.append(event)
        self._waiting += 1
        self._waiting_bytes += event.size
        if self._waiting >= CAPACITY or self._waiting_bytes >= CAPACITY_BYTES:
            self._room.clear()
        return batch.stored

    async def _write_batches(self) -> None:
        while True:
            await self._wait_for_work()
            if len(self._batches) == 1 and not self._closing and len(self._batches[0].events) < self._batch:
                await asyncio.sleep(LINGER)
            if not self._batches:
                return
            batch = self._batches.popleft()
            if not self._batches and not self._closing:
                self._work.clear()
            try:
                await self._write_batch(batch)
            finally:
                if not batch.stored.done():
                    batch.stored.set_exception(Unavailable())
                self._make_room(batch.events)

    async def _wait_for_work(self) -> None:
        """Return when there is something to write. Who has nothing to write tells now and then that he could."""
        while not self._work.is_set():
            try:
                async with asyncio.timeout(max(0.0, self._next_pulse - time.monotonic())):
                    await self._work.wait()
            except TimeoutError:
                await self._pulse()

    async def _pulse(self) -> None:
        try:
            await self._store_together([])
        except (Unavailable, LostRace, *DRIVER_ERRORS) as error:
            logger.warning("Events cannot be taken in now: %s", error)
            self._next_pulse = time.monotonic() + PULSE_EVERY.total_seconds()

    def _make_room(self, events: list[ParsedEvent]) -> None:
        self._waiting -= len(events)
        self._waiting_bytes -= sum(event.size for event in events)
        if self._waiting < CAPACITY and self._waiting_bytes < CAPACITY_BYTES:
            self._room.set()

    async def _write_batch(self, batch: _Batch) -> None:
        try:
            await self._store(batch.events)
        except (Unavailable, LostRace) as error:
            logger.error("%d events could not be stored: %s", len(batch.events), error)
            batch.stored.set_exception(Unavailable())
        else:
            batch.stored.set_result(None)

    async def _store(self, events: list[ParsedEvent]) -> None:
        """Write the events; where the database refuses one of them, find it by halving and leave it out."""
        try:
            await self._store_together(events)
        except (IntegrityConflict, Invalid, *DRIVER_ERRORS) as error:
            if not _is_refusal(error):
                logger.exception("Events cannot be stored")
                raise Unavailable from error
            if len(events) > 1:
                middle = len(events) // 2
                await self._store(events[:middle])
                await self._store(events[middle:])
            else:
                await self._store_refused(events[0], error)

    async def _store_refused(self, event: ParsedEvent, error: Exception) -> None:
        if event.change is not None:
            logger.warning(
                "Event %s is stored without its task run: %s",
                event.entry.id,
                type(error).__name__,
                extra={"flow_run_id": event.change.flow_run_id, "task_run_id": event.change.task_run_id},
            )
            event.change = None
            await self._store([event])
            return
        logger.error("Event %s is dropped, the database refuses it: %s", event.entry.id, type(error).__name__)

    async def _store_together(self, events: list[ParsedEvent]) -> None:
        pulse = time.monotonic() >= self._next_pulse

        async def operation(tx: Transaction) -> None:
            beats = [event.beat for event in events if event.beat is not None]
            kept = await self._expected_beats.of(tx, [beat.flow_run_id for beat in beats])
            await append(tx, [event.entry for event in events if event.beat is None or event.beat.flow_run_id in kept])
            changes = [event.change for event in events if event.change is not None]
            if changes:
                await record_task_runs(tx, changes, [beat.flow_run_id for beat in beats])
            await record_heartbeats(tx, beats)
            if pulse:
                await tell_alive(tx)

        await self._write(operation)
        if pulse:
            self._next_pulse = time.monotonic() + PULSE_EVERY.total_seconds()

    async def _write(self, operation: Operation[None]) -> None:
        for pause in RETRIES:
            with contextlib.suppress(Unavailable):
                return await self._database.write(operation)
            await asyncio.sleep(pause)
        return await self._database.write(operation)


def _is_refusal(error: Exception) -> bool:
    """Whether the database refuses a value, rather than to work at all."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    state: str | None = getattr(cause, "sqlstate", None)
    if state is not None:
        return state.startswith(_REFUSED_VALUE)
    # Drivers check values too. What means that a connection is gone has become Unavailable before.
    return isinstance(
        cause, (IntegrityConflict, Invalid, ValueError, OverflowError, sqlite3.DataError, sqlite3.InterfaceError)
    )
