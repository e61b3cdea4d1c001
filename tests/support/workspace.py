"""A workspace in which a test runs operations."""

from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from ostinato_core.transaction import Database, Transaction

T = TypeVar("T")
P = ParamSpec("P")


class Workspace:
    """A workspace of a database: what one test does, no other sees."""

    def __init__(self, database: Database, id_: UUID) -> None:
        self.database = database
        self.id = id_

    async def write(
        self, operation: Callable[Concatenate[Transaction, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run an operation in a transaction and commit it."""
        return await self.database.write(lambda tx: operation(tx, *args, **kwargs), workspace_id=self.id)

    async def read(
        self, operation: Callable[Concatenate[Transaction, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run an operation that only reads."""
        return await self.database.read(lambda tx: operation(tx, *args, **kwargs), workspace_id=self.id)
