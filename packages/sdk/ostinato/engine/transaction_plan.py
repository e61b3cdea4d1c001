"""What a transaction does, step by step, and what users ask of it; `ostinato.transactions` has its public classes."""

from __future__ import annotations

import copy
import logging
import threading
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from uuid_utils.compat import uuid4

from ostinato.context import FlowRunContext, TaskRunContext
from ostinato.engine.steps import Call, Either, Offload, Plan
from ostinato.exceptions import ConfigurationError, SerializationError
from ostinato.utilities.annotations import NotSet

if TYPE_CHECKING:
    from ostinato.engine.hooks import LoggerLike
    from ostinato.results import ResultRecord, ResultStore

# Any below: values and hooks of users.

Hook = Callable[..., Any]


class CommitMode(StrEnum):
    """When a transaction is committed: at its own end, at the end of the outermost one, or only by `commit()`."""

    EAGER = "EAGER"
    LAZY = "LAZY"
    OFF = "OFF"


class IsolationLevel(StrEnum):
    """Whether several may have the same key at a time."""

    READ_COMMITTED = "READ_COMMITTED"
    SERIALIZABLE = "SERIALIZABLE"


class TransactionState(StrEnum):
    """How far a transaction has come."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    STAGED = "STAGED"
    COMMITTED = "COMMITTED"
    ROLLED_BACK = "ROLLED_BACK"


FINAL = frozenset({TransactionState.COMMITTED, TransactionState.ROLLED_BACK})


class BaseTransaction:
    """What sync and async transactions share. A transaction with a key is known to others by it, through its store.

    `on_commit_hooks` and `on_rollback_hooks` are called with the transaction. `write_on_commit` keeps the staged value
    under the key; `overwrite` ignores what is there already.
    """

    def __init__(
        self,
        store: ResultStore | None = None,
        key: str | None = None,
        commit_mode: CommitMode | None = None,
        isolation_level: IsolationLevel | None = None,
        overwrite: bool = False,
        write_on_commit: bool = True,
        logger: LoggerLike | None = None,
        parent: BaseTransaction | None = None,
    ) -> None:
        if key is not None and store is None:
            from ostinato.results import get_result_store

            store = get_result_store()
        self.store, self.key, self.parent = store, key, parent
        self.children: list[BaseTransaction] = []
        self.commit_mode = commit_mode or (parent.commit_mode if parent is not None else CommitMode.LAZY)
        self.isolation_level = isolation_level or self._inherited_level()
        self.overwrite, self.write_on_commit = overwrite, write_on_commit
        self.logger: LoggerLike = logger or _logger()
        self.state = TransactionState.PENDING
        self.on_commit_hooks: list[Hook] = []
        self.on_rollback_hooks: list[Hook] = []
        self.within = TaskRunContext.get()
        self.after_rollback: Callable[[], Plan[None]] | None = None
        self.is_written = False
        """Whether the staged value is in the store."""
        self.must_be_written = True
        """Whether it is an error if it cannot be: what is done once for its key must be known to be done."""
        self._values: dict[str, Any] = {}
        self._staged: Any = None
        self._found: ResultRecord[Any] | None = None
        self._holder = str(uuid4())
        self._has_lock = False
        self._has_ended = False
        self._claimed = False
        self._claim_lock = threading.Lock()

    def _inherited_level(self) -> IsolationLevel:
        level = self.parent.isolation_level if self.parent is not None else IsolationLevel.READ_COMMITTED
        supported = self.store is None or self.store.supports_isolation_level(level)
        return level if supported else IsolationLevel.READ_COMMITTED

    # What users ask and tell.

    def set(self, name: str, value: Any) -> None:
        """Keep a value for hooks and for transactions inside of this one."""
        self._values[name] = value

    def get(self, name: str, default: Any = NotSet) -> Any:
        """Return a copy of a value that this transaction or one around it has.

        Raises ValueError if none has it and there is no `default`.
        """
        transaction: BaseTransaction | None = self
        while transaction is not None:
            if name in transaction._values:
                return copy.deepcopy(transaction._values[name])
            transaction = transaction.parent
        if default is NotSet:
            raise ValueError(f"No value {name!r} has been set in this transaction or in one around it.")
        return default

    def stage(
        self,
        value: Any,
        on_rollback_hooks: list[Hook] | None = None,
        on_commit_hooks: list[Hook] | None = None,
    ) -> None:
        """Give the value that the commit writes under the key, and what is called then, or when it is undone."""
        if self.state in FINAL:
            return
        self._staged = value
        self.on_rollback_hooks += on_rollback_hooks or []
        self.on_commit_hooks += on_commit_hooks or []
        self.state = TransactionState.STAGED

    def is_pending(self) -> bool:
        """Whether it has not begun."""
        return self.state is TransactionState.PENDING

    def is_active(self) -> bool:
        """Whether it has begun and nothing is staged."""
        return self.state is TransactionState.ACTIVE

    def is_staged(self) -> bool:
        """Whether a value waits for the commit."""
        return self.state is TransactionState.STAGED

    def is_committed(self) -> bool:
        """Whether it is committed; at its beginning: whether another one with its key was."""
        return self.state is TransactionState.COMMITTED

    def is_rolled_back(self) -> bool:
        """Whether it was undone."""
        return self.state is TransactionState.ROLLED_BACK

    def get_parent(self) -> BaseTransaction | None:
        """Return the transaction around this one."""
        return self.parent

    @classmethod
    def get_active(cls) -> BaseTransaction | None:
        """Return the innermost transaction here."""
        from ostinato.transactions import get_transaction

        return get_transaction()

    # Plans; the drivers of the engine carry them out.

    def begin_plan(self) -> Plan[None]:
        """Take the lock of the key if others may not have it meanwhile, and look whether a record is there already."""
        yield from self._take_lock()
        try:
            self.state = TransactionState.ACTIVE
            self._found = yield from self._look_up()
        except BaseException:
            self._release()
            raise
        if self._found is not None:
            self.state = TransactionState.COMMITTED
        if self.parent is not None:
            self.parent.children.append(self)

    def _take_lock(self) -> Plan[None]:
        store, key = self.store, self.key
        if store is None or key is None or self.isolation_level is not IsolationLevel.SERIALIZABLE:
            return
        manager = store.lock_manager
        if manager is None:
            raise ConfigurationError(
                "A SERIALIZABLE transaction needs a lock manager: give one to the result store, or to the cache policy "
                "by `configure(lock_manager=...)`; ostinato.locking has some."
            )
        if not self._is_held_by_an_ancestor(key):
            yield Either(
                lambda: manager.acquire_lock(key, self._holder), lambda: manager.aacquire_lock(key, self._holder)
            )
            self._has_lock = True

    def _is_held_by_an_ancestor(self, key: str) -> bool:
        ancestor = self.parent
        while ancestor is not None:
            if ancestor._has_lock and ancestor.key == key:
                self._holder = ancestor._holder
                return True
            ancestor = ancestor.parent
        return False

    def _release(self) -> None:
        if not self._has_lock or self.store is None or self.store.lock_manager is None or self.key is None:
            return
        self._has_lock = False
        try:
            self.store.lock_manager.release_lock(self.key, self._holder)
        except ValueError:  # it expired, or somebody removed it
            self.logger.warning("The lock of the key %r was lost before the transaction ended.", self.key)

    def _look_up(self) -> Plan[ResultRecord[Any] | None]:
        if self.store is None or self.key is None or self.overwrite:
            return None
        self._is_held_by_an_ancestor(self.key)  # then it is ours, too
        try:
            return (yield from self.store.find_plan(self.key, self._holder))
        except Exception as error:  # noqa: BLE001 - a storage may be a user's, and what is stored may be anything
            self.logger.warning("The stored result %r cannot be read and is made anew: %r", self.key, error)
            return None

    def read_plan(self) -> Plan[ResultRecord[Any] | None]:
        """Return the record under the key; None if there is none."""
        if self._found is not None or self.store is None or self.key is None:
            return self._found
        return (yield from self.store.find_plan(self.key, self._holder))

    def end_plan(self, *, failed: bool, retried: bool = False) -> Plan[None]:
        """End the block: commit, hand over to the transaction around it, or roll back.

        A failure undoes the transaction around it, too, unless the block is `retried`.
        """
        self._has_ended = True
        parent = self.parent
        if failed or (parent is not None and parent.is_rolled_back()):
            if retried and parent is not None:
                parent.children.remove(self)
            yield from self.rollback_plan(upwards=not retried)
        elif self.commit_mode is CommitMode.EAGER or parent is None or parent.is_committed():
            off = self.commit_mode is CommitMode.OFF
            yield from (self.rollback_plan() if off else self.commit_plan())
        self._release_if_final()

    def _release_if_final(self) -> None:
        if self.state in FINAL:
            self._release()

    def _claim(self) -> bool:
        """Whether the caller is the one who ends it: threads that fail together must not undo it twice."""
        with self._claim_lock:
            if self._claimed or self.state in FINAL:
                return False
            self._claimed = True
            return True

    def commit_plan(self) -> Plan[bool]:
        """Commit what is inside, call the hooks and write the value; whether that is done. An error rolls back."""
        if not self._claim():
            return False
        try:
            for child in [child for child in self.children if child._has_ended]:
                if child.state not in FINAL and not (yield from child.commit_plan()):
                    raise _ChildFailed(f"A transaction inside of it could not be committed: {child.key or 'no key'}.")
            for hook in self.on_commit_hooks:
                yield from self._call(hook, "commit")
            yield from self._write()
        except Exception:
            self.logger.exception("An error was encountered while committing transaction %r", self.key)
            yield from self._undo(upwards=True)
            return False
        self.state = TransactionState.COMMITTED
        self._release()
        return True

    def _write(self) -> Plan[None]:
        from ostinato.results import ResultRecord

        store, key, staged = self.store, self.key, self._staged
        if store is None or key is None or not self.write_on_commit:
            return

        def write() -> None:
            record = staged if isinstance(staged, ResultRecord) else store.create_result_record(staged, key)  # pyright: ignore[reportUnknownVariableType] - of whatever value
            store.persist(record)  # pyright: ignore[reportUnknownArgumentType] - as above

        try:
            yield Offload(write)
            self.is_written = True
        except Exception as error:  # a storage may be a user's
            if self.must_be_written and not isinstance(error, SerializationError):
                raise
            self.logger.warning("The result of transaction %r is not stored: %r", key, error)

    def rollback_plan(self, upwards: bool = True) -> Plan[bool]:
        """Call the hooks, the last first, and undo what is inside; whether this call did it."""
        if not self._claim():
            return False
        yield from self._undo(upwards)
        return True

    def _undo(self, upwards: bool) -> Plan[None]:
        for hook in reversed(self.on_rollback_hooks):
            try:
                yield from self._call(hook, "rollback")
            except Exception:  # noqa: BLE001, S112 - a user's function may raise anything; it is in the log
                continue
        self.state = TransactionState.ROLLED_BACK
        self._release()
        if self.after_rollback is not None:
            yield from self.after_rollback()
        for child in reversed(self.children):
            if child._has_ended:
                yield from child.rollback_plan(upwards=False)
        if upwards and self.parent is not None:
            yield from self.parent.rollback_plan()

    def _call(self, hook: Hook, kind: str) -> Plan[None]:
        name = getattr(hook, "__name__", type(hook).__name__)
        self.logger.info("Running %s hook %r", kind, name)
        try:
            yield Call(hook, (self,))
        except Exception:
            self.logger.exception("An error was encountered while running %s hook %r", kind, name)
            raise
        self.logger.info("%s hook %r finished running successfully", kind.capitalize(), name)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(key={self.key!r}, state={self.state.value})"


class _ChildFailed(RuntimeError):
    """A transaction inside could not be committed; its own log tells why."""


def _logger() -> LoggerLike:
    if FlowRunContext.get() is None and TaskRunContext.get() is None:
        return logging.getLogger("ostinato.transactions")
    from ostinato.logging import get_run_logger

    return get_run_logger()
