"""Transactions: tasks that succeed or are undone together, and blocks of code that run once for a key.

Every task run is one; `with transaction():` joins those inside of it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from ostinato.context import TaskRunContext, entered_transaction
from ostinato.engine.drivers import adrive, drive
from ostinato.engine.transaction_plan import BaseTransaction, CommitMode, IsolationLevel, TransactionState

if TYPE_CHECKING:
    from ostinato.engine.hooks import LoggerLike
    from ostinato.results import ResultRecord, ResultStore

__all__ = [
    "AsyncTransaction",
    "BaseTransaction",
    "CommitMode",
    "IsolationLevel",
    "Transaction",
    "TransactionState",
    "atransaction",
    "get_transaction",
    "transaction",
]

# Any below: options of transactions, and results of users' functions.


class Transaction(BaseTransaction):
    """A transaction of sync code."""

    def begin(self) -> None:
        """Begin; `with transaction()` does so."""
        drive(self.begin_plan())

    def read(self) -> ResultRecord[Any] | None:
        """Return the record under the key; None if there is none."""
        return drive(self.read_plan())

    def commit(self) -> bool:
        """Commit now; whether that is done. An error is logged, and rolls back."""
        return drive(self.commit_plan())

    def rollback(self) -> bool:
        """Undo it now, and the transactions around it; whether this call did it."""
        return drive(self.rollback_plan())


class AsyncTransaction(BaseTransaction):
    """A transaction of async code."""

    async def begin(self) -> None:
        """Begin; `async with atransaction()` does so."""
        await adrive(self.begin_plan())

    async def read(self) -> ResultRecord[Any] | None:
        """Return the record under the key; None if there is none."""
        return await adrive(self.read_plan())

    async def commit(self) -> bool:
        """Commit now; whether that is done. An error is logged, and rolls back."""
        return await adrive(self.commit_plan())

    async def rollback(self) -> bool:
        """Undo it now, and the transactions around it; whether this call did it."""
        return await adrive(self.rollback_plan())


def get_transaction() -> BaseTransaction | None:
    """Return the innermost transaction: a `with transaction()` block, or the task run. None outside of both."""
    context, entered = TaskRunContext.get(), entered_transaction.get()
    if context is None or (entered is not None and entered.within is context):
        return entered
    return transaction_of(context)


def transaction_of(context: TaskRunContext) -> BaseTransaction:
    """Return the transaction of a task run; it is made when first asked for."""
    if context.transaction is None:
        context.transaction = new_for_task(context)
        context.transaction.state = TransactionState.ACTIVE
        if context.transaction.parent is not None:
            context.transaction.parent.children.append(context.transaction)
    return context.transaction


def around(context: TaskRunContext) -> BaseTransaction | None:
    """Return the transaction around a task run, seen from within it or from where it is called."""
    entered = entered_transaction.get()
    if entered is not None and entered.within is context.outer:
        return entered
    return transaction_of(context.outer) if context.outer is not None else entered


def new_for_task(context: TaskRunContext, **options: Any) -> BaseTransaction:
    """Return a new transaction for a task run; `options` are those of the class."""
    kind = AsyncTransaction if context.task.isasync else Transaction
    made = kind(parent=around(context), **options)
    made.within = context
    made.must_be_written = False  # a run that completed stays completed
    return made


@contextmanager
def transaction(
    key: str | None = None,
    store: ResultStore | None = None,
    commit_mode: CommitMode | None = None,
    isolation_level: IsolationLevel | None = None,
    overwrite: bool = False,
    write_on_commit: bool = True,
    logger: LoggerLike | None = None,
) -> Generator[Transaction]:
    """Let the tasks inside succeed or be undone together: an error rolls back those that were done.

    With a `key` the block is known by it: once it is committed, `is_committed()` is true from the beginning of the
    next one with the same key. `store` keeps that; default: that of the run. See `CommitMode` and `IsolationLevel`.
    """
    made = Transaction(
        store, key, commit_mode, isolation_level, overwrite, write_on_commit, logger, parent=get_transaction()
    )
    made.begin()
    token = entered_transaction.set(made)
    failed = True
    try:
        yield made
        failed = False
    finally:
        entered_transaction.reset(token)
        drive(made.end_plan(failed=failed))


@asynccontextmanager
async def atransaction(
    key: str | None = None,
    store: ResultStore | None = None,
    commit_mode: CommitMode | None = None,
    isolation_level: IsolationLevel | None = None,
    overwrite: bool = False,
    write_on_commit: bool = True,
    logger: LoggerLike | None = None,
) -> AsyncGenerator[AsyncTransaction]:
    """As `transaction`, for async code: waiting for a lock, hooks and storage leave the event loop free."""
    made = AsyncTransaction(
        store, key, commit_mode, isolation_level, overwrite, write_on_commit, logger, parent=get_transaction()
    )
    await made.begin()
    token = entered_transaction.set(made)
    failed = True
    try:
        yield made
        failed = False
    finally:
        entered_transaction.reset(token)
        await adrive(made.end_plan(failed=failed))
