"""SQLite: one writer connection behind a queue that commits waiting writers together, and a small pool of readers.

Statements run on the event loop's own thread. That is the fastest way there is in one process: a statement takes
microseconds, less than handing it to another thread, and SQLite allows one writer at a time anyway. An operation on
SQLite therefore never really waits, and a coroutine of it is driven to its end in one go. Reads of unknown length
run in reader threads, and so does the sync of the write-ahead log.
"""

import asyncio
import contextlib
import logging
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import Connection, Engine, Select, Table
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import SQLAlchemyError

from ostinato_core.db.dialects.sqlite import SqliteDialect
from ostinato_core.db.engine import open_sqlite
from ostinato_core.db.failures import translate
from ostinato_core.db.prepared import Prepared, prepare_insert
from ostinato_core.errors import Unavailable
from ostinato_core.ids import DEFAULT_WORKSPACE_ID
from ostinato_core.memory import give_back
from ostinato_core.transaction import Columns, Database, Operation, Parameters, Row, Statement, Transaction

T = TypeVar("T")

logger = logging.getLogger("ostinato.server.database")

GROUP = 256
"""Writers that one commit takes in, at most."""
GROUP_SECONDS = 0.01
"""How long a commit goes on taking writers in: nothing else runs in the process meanwhile, and some write a lot."""
LOOK_AGAIN = 0.01
"""Seconds between attempts to write while that is not possible."""
WAITING = 10_000
"""Writers that may wait; further ones are told to come again."""
READERS = max(2, min(4, os.cpu_count() or 2))
"""Threads. The driver gives the interpreter's lock up for each row: more threads than cores wait for one another."""
CHECKPOINT_EVERY = 1.0
"""Seconds between looks at the write-ahead log."""
CHECKPOINT_BYTES = 4 * 1024 * 1024
RESTART_BYTES = 64 * 1024 * 1024
"""Past this the writers wait for a checkpoint, so that the log cannot grow without bound."""

_dialect = SqliteDialect()


_sql_dialect = sqlite_dialect.dialect(paramstyle="qmark")


class SqliteTransaction(Transaction):
    """A transaction on one connection, driven without waiting."""

    __slots__ = ("_connection", "_raw")

    def __init__(self, connection: Connection, raw: sqlite3.Connection, workspace_id: UUID) -> None:
        super().__init__(_dialect, workspace_id)
        self._connection = connection
        self._raw = raw

    async def rows(self, statement: Statement, parameters: Parameters | None = None) -> Sequence[Row]:
        if isinstance(statement, Prepared):
            compiled = statement.for_dialect(_dialect, _sql_dialect)
            found = self._raw.execute(compiled.sql, compiled.arguments(parameters or {}))
            return [compiled.row(values) for values in found]
        return cast(Sequence[Row], self._connection.execute(statement, parameters).mappings().all())

    async def run(self, statement: Statement, parameters: Parameters | Sequence[Parameters] | None = None) -> int:
        if not isinstance(statement, Prepared):
            return self._connection.execute(statement, parameters).rowcount
        compiled = statement.for_dialect(_dialect, _sql_dialect)
        if isinstance(parameters, Sequence):
            return self._raw.executemany(compiled.sql, map(compiled.arguments, parameters)).rowcount
        return self._raw.execute(compiled.sql, compiled.arguments(parameters or {})).rowcount

    async def copy_alone(self, table: Table, columns: Columns) -> None:
        compiled = prepare_insert(table).for_dialect(_dialect, _sql_dialect)
        self._raw.executemany(compiled.sql, compiled.rows(columns, {"workspace_id": self.workspace_id}))

    async def lock(self, chosen: Select[Any]) -> None:  # Any: of any columns
        """There is nobody else who writes."""


def drive(operation: Operation[T], tx: Transaction) -> T:
    """Run an operation to its end. Errors: RuntimeError where it waits for anything but its transaction."""
    coroutine = operation(tx).__await__()
    try:
        next(coroutine)
    except StopIteration as stop:
        return stop.value
    raise RuntimeError("An operation waited for something other than its transaction.")


async def _finish(tx: Transaction) -> None:
    await tx.finish()


@dataclass(slots=True)
class _Writer:
    operation: Operation[Any]  # Any: each writer has its own type of result
    workspace_id: UUID
    future: asyncio.Future[Any]  # Any: as above
    deadline: float


@dataclass(slots=True)
class _Outcome:
    writer: _Writer
    result: Any  # Any: as above
    error: Exception | None
    tx: SqliteTransaction


class SqliteDatabase(Database):
    """See the module. `path` is None for a database in memory; `timeout` in seconds for another process's lock."""

    dialect = _dialect

    def __init__(self, path: Path | None, *, timeout: float = 10.0, echo: bool = False) -> None:
        self._path = path
        self._timeout = timeout
        self._echo = echo
        self._engine = open_sqlite(path, echo=echo)
        self._connection = self._engine.connect()
        self._raw = _driver(self._connection)
        self._waiting: deque[_Writer] = deque()
        self._scheduled = False
        self._paused = False
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="ostinato-reader")
        self._local = threading.local()
        self._thread_engines: list[Engine] = []
        self._checkpointer: asyncio.Task[None] | None = None
        if path is not None:
            self._raw.execute("PRAGMA wal_autocheckpoint = 0")

    async def write(self, operation: Operation[T], *, workspace_id: UUID = DEFAULT_WORKSPACE_ID) -> T:
        if len(self._waiting) >= WAITING:
            raise Unavailable("Too many requests are waiting to be written.")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.append(_Writer(operation, workspace_id, future, time.monotonic() + self._timeout))
        if not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._flush)
        if self._checkpointer is None and self._path is not None:
            self._checkpointer = loop.create_task(self._checkpoint())
        return await future

    async def read(self, operation: Operation[T], *, workspace_id: UUID = DEFAULT_WORKSPACE_ID) -> T:
        if self._path is None:
            return await self.lookup(operation, workspace_id=workspace_id)
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, operation, workspace_id)

    async def lookup(self, operation: Operation[T], *, workspace_id: UUID = DEFAULT_WORKSPACE_ID) -> T:
        try:
            return drive(operation, SqliteTransaction(self._connection, self._raw, workspace_id))
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise translate(error) from error

    async def run_sync(self, function: Callable[[Connection], T]) -> T:
        # On the writer's connection, because a database in memory has no other; nothing else runs meanwhile.
        try:
            return function(self._connection)
        except SQLAlchemyError as error:
            raise translate(error) from error

    async def close(self) -> None:
        while self._waiting:
            await asyncio.wait([self._waiting[-1].future])
        if self._checkpointer is not None:
            self._checkpointer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._checkpointer
        self._readers.shutdown(wait=True)
        for engine in self._thread_engines:
            engine.dispose()
        if self._path is not None:
            with contextlib.suppress(sqlite3.OperationalError):
                _move_log(self._raw, "TRUNCATE")
        self._connection.close()
        self._engine.dispose()

    def _flush(self) -> None:
        """Commit a group of waiting writers."""
        loop = asyncio.get_running_loop()
        if self._paused:
            self._reschedule(loop, LOOK_AGAIN)
            return
        try:
            self._raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            self._fail_late_writers(error)
            # Another process holds the lock: look again, without blocking those who read.
            self._reschedule(loop, LOOK_AGAIN)
            return
        outcomes = list(self._attempt_group())
        try:
            self._raw.execute("COMMIT")
        except sqlite3.OperationalError as error:
            with contextlib.suppress(sqlite3.OperationalError):
                self._raw.execute("ROLLBACK")
            logger.error("The database refused a commit: %s", error)
            for outcome in outcomes:
                outcome.error = Unavailable()
        for outcome in outcomes:
            _settle(outcome)
        self._reschedule(loop, 0.0)

    def _reschedule(self, loop: asyncio.AbstractEventLoop, delay: float) -> None:
        self._scheduled = bool(self._waiting)
        if self._scheduled:
            loop.call_later(delay, self._flush) if delay else loop.call_soon(self._flush)

    def _attempt_group(self) -> Iterator[_Outcome]:
        end = time.monotonic() + GROUP_SECONDS
        for _ in range(min(GROUP, len(self._waiting))):
            writer = self._waiting.popleft()
            if not writer.future.done():
                yield self._attempt(writer)
            if time.monotonic() >= end:
                return

    def _attempt(self, writer: _Writer) -> _Outcome:
        tx = SqliteTransaction(self._connection, self._raw, writer.workspace_id)
        outcome = _Outcome(writer, None, None, tx)
        self._raw.execute("SAVEPOINT writer")
        try:
            outcome.result = drive(writer.operation, tx)
            drive(_finish, tx)
        except Exception as error:  # noqa: BLE001 - handed to the caller who waits for this writer
            outcome.error = translate(error)
            # A full disk has rolled back the whole transaction already; then there is no savepoint to go back to.
            with contextlib.suppress(sqlite3.OperationalError):
                self._raw.execute("ROLLBACK TO writer")
        with contextlib.suppress(sqlite3.OperationalError):
            self._raw.execute("RELEASE writer")
        return outcome

    def _fail_late_writers(self, error: sqlite3.OperationalError) -> None:
        now = time.monotonic()
        while self._waiting and self._waiting[0].deadline < now:
            writer = self._waiting.popleft()
            if not writer.future.done():
                writer.future.set_exception(Unavailable())
                logger.error("The database stayed locked by another process: %s", error)

    def _read(self, operation: Operation[T], workspace_id: UUID) -> T:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            engine = open_sqlite(self._path, busy_timeout=self._timeout, echo=self._echo, read_only=True)
            self._thread_engines.append(engine)
            connection = self._local.connection = engine.connect()
        connection.exec_driver_sql("BEGIN")
        try:
            return drive(operation, SqliteTransaction(connection, _driver(connection), workspace_id))
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise translate(error) from error
        finally:
            connection.exec_driver_sql("COMMIT")

    async def _checkpoint(self) -> None:
        """Move the write-ahead log into the database file, in a thread, because that waits for the disk."""
        assert self._path is not None
        log = self._path.with_name(self._path.name + "-wal")
        # Closed with those of the readers: a thread may be at work on it when this task is cancelled.
        engine = open_sqlite(self._path, busy_timeout=self._timeout)
        self._thread_engines.append(engine)
        connection = _driver(engine.connect())
        # Who reads for long is not waited for, because the writers would wait, too.
        connection.execute("PRAGMA busy_timeout = 0")

        async def move(how: str) -> None:
            await asyncio.get_running_loop().run_in_executor(self._readers, _move_log, connection, how)

        while True:
            await asyncio.sleep(CHECKPOINT_EVERY)
            size = log.stat().st_size if log.exists() else 0
            if size > CHECKPOINT_BYTES:
                await move("PASSIVE")
            if size > RESTART_BYTES:
                # The log is written on at its end for as long as writers come: now none does, and little is left to
                # move. The file must shrink, because its size is what is looked at.
                self._paused = True
                try:
                    await move("TRUNCATE")
                finally:
                    self._paused = False
                # All connections have dropped their pages: else the next ones come to lie between other things, and
                # the process grows by the holes.
                await asyncio.get_running_loop().run_in_executor(self._readers, give_back)


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _move_log(connection: sqlite3.Connection, how: str) -> None:
    """Move the write-ahead log into the database file; PASSIVE waits for nobody, TRUNCATE empties the log as well.

    What the file's readers or the disk do not allow now is left for the next time.
    """
    with contextlib.suppress(sqlite3.OperationalError):
        connection.execute(f"PRAGMA wal_checkpoint({how})").fetchall()


def _settle(outcome: _Outcome) -> None:
    future = outcome.writer.future
    if outcome.error is None:
        for effect in outcome.tx.effects:
            effect()
    if future.done():
        return
    if outcome.error is None:
        future.set_result(outcome.result)
    else:
        future.set_exception(outcome.error)
