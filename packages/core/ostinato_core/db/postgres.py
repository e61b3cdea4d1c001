"""Postgres: a bounded pool; a state change is optimistic, so no lock is held while rules run."""

from collections.abc import Callable, Sequence
from typing import TypeVar, cast
from uuid import UUID

from sqlalchemy import Connection, Executable
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ostinato_core.db.dialects.postgres import PostgresDialect
from ostinato_core.db.failures import translate
from ostinato_core.errors import LostRace, Unavailable
from ostinato_core.ids import DEFAULT_WORKSPACE_ID
from ostinato_core.transaction import Database, Operation, Parameters, Row, Transaction

T = TypeVar("T")

ATTEMPTS = 20
"""How often an operation is run before a race that is always lost is given up."""

_dialect = PostgresDialect()


class PostgresTransaction(Transaction):
    """A transaction on one connection of the pool."""

    __slots__ = ("_connection",)

    def __init__(self, connection: AsyncConnection, workspace_id: UUID) -> None:
        super().__init__(_dialect, workspace_id)
        self._connection = connection

    async def rows(self, statement: Executable, parameters: Parameters | None = None) -> Sequence[Row]:
        return cast(Sequence[Row], (await self._connection.execute(statement, parameters)).mappings().all())

    async def run(self, statement: Executable, parameters: Parameters | Sequence[Parameters] | None = None) -> int:
        return (await self._connection.execute(statement, parameters)).rowcount


class PostgresDatabase(Database):
    """See the module."""

    dialect = _dialect

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._reads = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def write(self, operation: Operation[T], *, workspace_id: UUID = DEFAULT_WORKSPACE_ID) -> T:
        for _ in range(ATTEMPTS):
            try:
                return await self._attempt(operation, workspace_id)
            except LostRace:
                continue
        raise Unavailable()

    async def _attempt(self, operation: Operation[T], workspace_id: UUID) -> T:
        try:
            async with self._engine.begin() as connection:
                tx = PostgresTransaction(connection, workspace_id)
                result = await operation(tx)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise translate(error) from error
        for effect in tx.effects:
            effect()
        return result

    async def read(self, operation: Operation[T], *, workspace_id: UUID = DEFAULT_WORKSPACE_ID) -> T:
        try:
            async with self._reads.connect() as connection:
                return await operation(PostgresTransaction(connection, workspace_id))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise translate(error) from error

    async def lookup(self, operation: Operation[T], *, workspace_id: UUID = DEFAULT_WORKSPACE_ID) -> T:
        return await self.read(operation, workspace_id=workspace_id)

    async def run_sync(self, function: Callable[[Connection], T]) -> T:
        try:
            async with self._engine.connect() as connection:
                return await connection.run_sync(function)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise translate(error) from error

    async def close(self) -> None:
        await self._engine.dispose()
