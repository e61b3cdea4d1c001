"""The transaction: what an operation can touch, and its outbox of effects that run only after the commit.

An operation is a plain function `async def operation(tx, ...)`. It is handed to `Database.write` or `.read`, which
alone begin, commit and roll back. An operation may be run again (after a lost race or a deadlock), so it changes
nothing but rows; what else is to happen goes through `tx.after_commit`.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Executable, Select, Table

from ostinato_core.clock import utc_now
from ostinato_core.db.dialects import Dialect
from ostinato_core.db.prepared import Prepared
from ostinato_core.ids import DEFAULT_WORKSPACE_ID

T = TypeVar("T")
Parameters = Mapping[str, Any]  # Any: values of bound parameters are of many types
Columns = Mapping[str, Sequence[Any]]  # Any: as above
Row = Mapping[str, Any]  # Any: columns are of many types
Statement = Executable | Prepared
Effect = Callable[[], None]


class Transaction(ABC):
    """One transaction of one workspace. `now` is the time at which it began.

    `attempt` counts from 0 how often its operation has lost a race: who has lost one may lock what it decides on.
    """

    __slots__ = ("_last", "attempt", "dialect", "effects", "now", "workspace_id")

    def __init__(self, dialect: Dialect, workspace_id: UUID) -> None:
        self.dialect = dialect
        self.workspace_id = workspace_id
        self.now: datetime = utc_now()
        self.attempt = 0
        self.effects: list[Effect] = []
        self._last: dict[Callable[[Transaction, list[Any]], Awaitable[None]], list[Any]] = {}  # Any: items of any type

    @abstractmethod
    async def rows(self, statement: Statement, parameters: Parameters | None = None) -> Sequence[Row]:
        """Return all rows that the statement yields."""

    @abstractmethod
    async def run(self, statement: Statement, parameters: Parameters | Sequence[Parameters] | None = None) -> int:
        """Run a statement, once or once for each set of parameters; return the number of rows it touched."""

    async def run_alone(self, statement: Statement, parameters: Parameters | None = None) -> int:
        """As `run`, for the only statement with which an operation writes: it needs no transaction around it."""
        return await self.run(statement, parameters)

    @abstractmethod
    async def copy_alone(self, table: Table, columns: Columns) -> None:
        """Insert rows of this workspace, given by columns of one length, in the fastest way that the database has.

        As `run_alone`: it is the only statement with which an operation writes.
        """

    @abstractmethod
    async def lock(self, chosen: Select[Any]) -> None:  # Any: of any columns
        """Lock the rows that a SELECT ... FOR UPDATE chooses, in its order, until the end of the transaction."""

    async def first(self, statement: Statement, parameters: Parameters | None = None) -> Row | None:
        """Return the first row, or None."""
        found = await self.rows(statement, parameters)
        return found[0] if found else None

    async def value(self, statement: Statement, parameters: Parameters | None = None) -> Any:  # Any: of any column
        """Return the first column of the first row, or None."""
        found = await self.rows(statement, parameters)
        return next(iter(found[0].values())) if found else None

    def write_last(self, write: Callable[["Transaction", list[T]], Awaitable[None]], items: Iterable[T]) -> None:
        """Have `write` called once before the commit, with all items that it is to write: one statement for them."""
        self._last.setdefault(write, []).extend(items)

    async def finish(self) -> None:
        """Write what is to be written last. Called by the database, at the end of the operation."""
        for write, items in self._last.items():
            await write(self, items)

    def after_commit(self, effect: Effect) -> None:
        """Call `effect` once the transaction is committed; never if it is rolled back."""
        self.effects.append(effect)


Operation = Callable[[Transaction], Awaitable[T]]


class Database(ABC):
    """A database, and the only place that commits."""

    dialect: Dialect

    @abstractmethod
    async def write(self, operation: Operation[T], *, workspace_id: UUID = DEFAULT_WORKSPACE_ID) -> T:
        """Run the operation in a transaction, commit it, run its effects, and return its result.

        Errors: whatever the operation raises, after a roll-back; `IntegrityConflict` where a constraint refused a
        row; `Unavailable` where the database is away, locked or overloaded.
        """

    @abstractmethod
    async def read(self, operation: Operation[T], *, workspace_id: UUID = DEFAULT_WORKSPACE_ID) -> T:
        """Run an operation that only reads, however long it may take, without holding up others."""

    @abstractmethod
    async def lookup(self, operation: Operation[T], *, workspace_id: UUID = DEFAULT_WORKSPACE_ID) -> T:
        """Run an operation that reads a few rows by their keys."""

    @abstractmethod
    async def run_sync(self, function: Callable[[Connection], T]) -> T:
        """Return what a function makes of a connection outside any transaction: for the schema, not for operations.

        Errors: `Unavailable` where the database is away; whatever the function raises.
        """

    def connections(self) -> tuple[int, int] | None:
        """Return how many connections are used and how many may be, where there is a pool of them."""
        return None

    @abstractmethod
    async def close(self) -> None:
        """Let what has been begun finish, and close all connections."""
