"""Postgres: a bounded pool; a state change is optimistic, so no lock is held while rules run.

Statements that are prepared run on the driver itself, and SQLAlchemy executes the others. Its connections are in
autocommit here and transactions are begun on the driver, so that both take part in them.
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any, TypeVar, cast
from uuid import UUID

import asyncpg
from sqlalchemy import Connection, Executable, Select, Table
from sqlalchemy.ext.asyncio import AsyncEngine

from ostinato_core.db.dialects.postgres import PostgresDialect
from ostinato_core.db.failures import DRIVER_ERRORS, translate
from ostinato_core.db.prepared import Compiled, Prepared
from ostinato_core.db.seats import Seat, Seats
from ostinato_core.errors import LostRace, Unavailable
from ostinato_core.ids import DEFAULT_WORKSPACE_ID
from ostinato_core.transaction import Columns, Database, Operation, Parameters, Row, Statement, Transaction

T = TypeVar("T")

ATTEMPTS = 20
"""How often an operation is run before a race that is always lost is given up."""

_OVER = "An operation wrote again after a statement that it ran alone."

_dialect = PostgresDialect()


class PostgresTransaction(Transaction):
    """A transaction on one connection of the pool: begun with the first statement that writes."""

    __slots__ = ("_connection", "_driver", "_is_over", "has_begun")

    def __init__(self, seat: Seat, workspace_id: UUID) -> None:
        super().__init__(_dialect, workspace_id)
        self._connection = seat.connection
        self._driver = seat.driver
        self._is_over = False
        self.has_begun = False

    async def rows(self, statement: Statement, parameters: Parameters | None = None) -> Sequence[Row]:
        if isinstance(statement, Prepared):
            compiled = self._compiled(statement)
            if compiled.writes:
                await self._begin()
            found = await self._driver.fetch(compiled.sql, *compiled.arguments(parameters or {}))
            return [compiled.row(tuple(record)) for record in found]
        if not isinstance(statement, Select):
            await self._begin()
        found = await self._connection.execute(cast(Executable, statement), parameters)
        return cast(Sequence[Row], found.mappings().all())

    async def run(self, statement: Statement, parameters: Parameters | Sequence[Parameters] | None = None) -> int:
        await self._begin()
        if not isinstance(statement, Prepared):
            return (await self._connection.execute(statement, parameters)).rowcount
        compiled = self._compiled(statement)
        if isinstance(parameters, Sequence):
            await self._driver.executemany(compiled.sql, [compiled.arguments(given) for given in parameters])
            return len(parameters)
        return await self._execute(compiled, parameters)

    async def run_alone(self, statement: Statement, parameters: Parameters | None = None) -> int:
        if self.has_begun or not isinstance(statement, Prepared):
            return await self.run(statement, parameters)
        self._end_without_begin()
        return await self._execute(self._compiled(statement), parameters)

    async def copy_alone(self, table: Table, columns: Columns) -> None:
        if not self.has_begun:
            self._end_without_begin()
        records = zip(repeat(self.workspace_id), *columns.values(), strict=False)
        await self._driver.copy_records_to_table(table.name, records=records, columns=["workspace_id", *columns])

    async def lock(self, chosen: Select[Any]) -> None:  # Any: of any columns
        await self._begin()
        await self._connection.execute(chosen)

    async def _execute(self, compiled: Compiled, parameters: Parameters | None) -> int:
        status = await self._driver.execute(compiled.sql, *compiled.arguments(parameters or {}))
        return int(status.rpartition(" ")[2])

    def _end_without_begin(self) -> None:
        if self._is_over:
            raise RuntimeError(_OVER)
        self._is_over = True

    async def _begin(self) -> None:
        if self._is_over:
            raise RuntimeError(_OVER)
        if not self.has_begun:
            self.has_begun = True
            await self._driver.execute("BEGIN")

    def _compiled(self, statement: Prepared) -> Compiled:
        return statement.for_dialect(_dialect, self._connection.dialect)


class PostgresDatabase(Database):
    """See the module. The engine pools nothing; the other arguments are those of `Seats`."""

    dialect = _dialect

    def __init__(self, engine: AsyncEngine, *, pool_size: int, max_overflow: int, patience: float) -> None:
        self._engine = engine
        self._seats = Seats(engine, size=pool_size, overflow=max_overflow, patience=patience)

    async def write(self, operation: Operation[T], *, workspace_id: UUID = DEFAULT_WORKSPACE_ID) -> T:
        for attempt in range(ATTEMPTS):
            try:
                return await self._attempt(operation, workspace_id, attempt, end="COMMIT")
            except LostRace:
                continue
        raise Unavailable()

    async def read(self, operation: Operation[T], *, workspace_id: UUID = DEFAULT_WORKSPACE_ID) -> T:
        # A transaction is begun for a statement of which it is not known whether it writes.
        return await self._attempt(operation, workspace_id, 0, end="ROLLBACK")

    async def _attempt(self, operation: Operation[T], workspace_id: UUID, attempt: int, *, end: str) -> T:
        try:
            seat = await self._seats.take()
            tx = PostgresTransaction(seat, workspace_id)
            tx.attempt = attempt
            try:
                result = await operation(tx)
                if tx.has_begun:
                    await seat.driver.execute(end)
            except BaseException as error:
                await _roll_back(seat, tx, error)
                raise
            finally:
                await self._seats.give_back(seat)
        except DRIVER_ERRORS as error:
            raise translate(error) from error
        for effect in tx.effects:
            effect()
        return result

    async def lookup(self, operation: Operation[T], *, workspace_id: UUID = DEFAULT_WORKSPACE_ID) -> T:
        return await self.read(operation, workspace_id=workspace_id)

    async def run_sync(self, function: Callable[[Connection], T]) -> T:
        # On a connection that is opened for it: the others are in autocommit.
        try:
            async with self._engine.connect() as connection:
                return await connection.run_sync(function)
        except DRIVER_ERRORS as error:
            raise translate(error) from error

    def connections(self) -> tuple[int, int] | None:
        return self._seats.used, self._seats.most

    async def close(self) -> None:
        await self._seats.close()
        await self._engine.dispose()


async def _roll_back(seat: Seat, tx: PostgresTransaction, error: BaseException) -> None:
    """End a failed transaction; a connection that cannot even do that is thrown away.

    So is one on which a statement may have been broken off, because nobody knows when the server heeds that.
    """
    broken_off = (asyncio.CancelledError, TimeoutError, asyncpg.InternalClientError)
    seat.is_broken = seat.driver.is_closed() or isinstance(error, broken_off)
    if tx.has_begun and not seat.is_broken:
        try:
            await seat.driver.execute("ROLLBACK", timeout=5)
        except DRIVER_ERRORS:
            seat.is_broken = True
