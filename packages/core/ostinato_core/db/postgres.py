"""Postgres: a bounded pool; a state change is optimistic, so no lock is held while rules run.

Statements that are prepared run on the driver itself, and SQLAlchemy executes the others. Its connections are in
autocommit here and transactions are begun on the driver, so that both take part in them.
"""

import contextlib
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import Connection, Executable, Select, Table
from sqlalchemy import Dialect as SqlDialect
from sqlalchemy.ext.asyncio import AsyncEngine

from ostinato_core.db.dialects.postgres import PostgresDialect
from ostinato_core.db.failures import DRIVER_ERRORS, translate
from ostinato_core.db.prepared import Compiled, Prepared
from ostinato_core.db.seats import Seat, Seats
from ostinato_core.db.together import OnlyAlone, Together
from ostinato_core.errors import LostRace, Unavailable
from ostinato_core.ids import DEFAULT_WORKSPACE_ID
from ostinato_core.transaction import Columns, Database, Operation, Parameters, Row, Statement, Transaction

T = TypeVar("T")

ATTEMPTS = 20
"""How often an operation is run before a race that is always lost is given up."""

_OVER = "An operation wrote again after a statement that it ran alone."

_dialect = PostgresDialect()


class PostgresTransaction(Transaction):
    """A transaction on a connection of the pool, taken with its first statement: begun with the first that writes."""

    __slots__ = ("_has_begun", "_is_over", "_seat", "_seats", "_sql_dialect", "_together")

    def __init__(self, seats: Seats, together: Together, sql_dialect: SqlDialect, workspace_id: UUID) -> None:
        super().__init__(_dialect, workspace_id)
        self._seats = seats
        self._together = together
        self._sql_dialect = sql_dialect
        self._seat: Seat | None = None
        self._has_begun = False
        self._is_over = False

    async def rows(self, statement: Statement, parameters: Parameters | None = None) -> Sequence[Row]:
        seat = await self._taken()
        if isinstance(statement, Prepared):
            compiled = self._compiled(statement)
            if compiled.writes:
                await self._begin(seat)
            found = await seat.driver.fetch(compiled.sql, *compiled.arguments(parameters or {}))
            return [compiled.row(record) for record in found]
        if not isinstance(statement, Select):
            await self._begin(seat)
        found = await seat.connection.execute(cast(Executable, statement), parameters)
        return cast(Sequence[Row], found.mappings().all())

    async def first(self, statement: Statement, parameters: Parameters | None = None) -> Row | None:
        if self._seat is None and isinstance(statement, Prepared):
            compiled = self._compiled(statement)
            if compiled.together is not None:
                with contextlib.suppress(OnlyAlone):
                    found = await self._together.find(compiled, parameters or {}, self.workspace_id)
                    return None if found is None else compiled.row(found)
        return await super().first(statement, parameters)

    async def run(self, statement: Statement, parameters: Parameters | Sequence[Parameters] | None = None) -> int:
        seat = await self._taken()
        await self._begin(seat)
        if not isinstance(statement, Prepared):
            return (await seat.connection.execute(statement, parameters)).rowcount
        compiled = self._compiled(statement)
        if isinstance(parameters, Sequence):
            await seat.driver.executemany(compiled.sql, [compiled.arguments(given) for given in parameters])
            return len(parameters)
        return await _execute(seat, compiled, parameters or {})

    async def run_alone(self, statement: Statement, parameters: Parameters | None = None) -> int:
        if self._has_begun or self._last or not isinstance(statement, Prepared):
            return await self.run(statement, parameters)
        self._end_without_begin()
        compiled = self._compiled(statement)
        if compiled.together is not None:
            await self._leave()  # nobody holds one seat while waiting for another
            with contextlib.suppress(OnlyAlone):
                return await self._together.write(compiled, parameters or {})
        return await _execute(await self._taken(), compiled, parameters or {})

    async def copy_alone(self, table: Table, columns: Columns) -> None:
        if not self._has_begun:
            self._end_without_begin()
        records = zip(repeat(self.workspace_id), *columns.values(), strict=False)
        seat = await self._taken()
        await seat.driver.copy_records_to_table(table.name, records=records, columns=["workspace_id", *columns])

    async def lock(self, chosen: Select[Any]) -> None:  # Any: of any columns
        seat = await self._taken()
        await self._begin(seat)
        await seat.connection.execute(chosen)

    async def perform(self, operation: Operation[T], *, end: str) -> T:
        """Run the operation in this transaction, and end that by COMMIT or ROLLBACK."""
        try:
            result = await operation(self)
            await self.finish()
            if self._has_begun:
                await (await self._taken()).driver.execute(end)
        except BaseException as error:
            if self._seat is not None:
                await self._seat.roll_back(error, has_begun=self._has_begun)
            raise
        finally:
            await self._leave()
        return result

    def _end_without_begin(self) -> None:
        if self._is_over:
            raise RuntimeError(_OVER)
        self._is_over = True

    async def _taken(self) -> Seat:
        if self._seat is None:
            self._seat = await self._seats.take()
        return self._seat

    async def _leave(self) -> None:
        if self._seat is not None:
            seat, self._seat = self._seat, None
            await self._seats.give_back(seat)

    async def _begin(self, seat: Seat) -> None:
        if self._is_over:
            raise RuntimeError(_OVER)
        if not self._has_begun:
            self._has_begun = True
            await seat.driver.execute("BEGIN")

    def _compiled(self, statement: Prepared) -> Compiled:
        return statement.for_dialect(_dialect, self._sql_dialect)


async def _execute(seat: Seat, compiled: Compiled, parameters: Parameters) -> int:
    """Run a statement that writes; return the number of rows that it touched."""
    arguments = compiled.arguments(parameters)
    if compiled.together is not None:
        return await seat.driver.fetchval(compiled.sql, *arguments)
    status = await seat.driver.execute(compiled.sql, *arguments)
    return int(status.rpartition(" ")[2])


class PostgresDatabase(Database):
    """See the module. The engine pools nothing; the other arguments are those of `Seats`."""

    dialect = _dialect

    def __init__(self, engine: AsyncEngine, *, pool_size: int, max_overflow: int, patience: float) -> None:
        self._engine = engine
        self._seats = Seats(engine, size=pool_size, overflow=max_overflow, patience=patience)
        self._together = Together(self._seats)

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
        tx = PostgresTransaction(self._seats, self._together, self._engine.dialect, workspace_id)
        tx.attempt = attempt
        try:
            result = await tx.perform(operation, end=end)
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
