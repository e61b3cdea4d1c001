"""A task run as a transaction: its result is found under its key, or staged, and then stored or undone with others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ostinato.context import entered_transaction
from ostinato.engine.caching import key_of
from ostinato.engine.persistence import task_store
from ostinato.engine.steps import Emit, Offload, Plan
from ostinato.engine.task_run import changed, new_state
from ostinato.exceptions import SerializationError
from ostinato.states import InMemoryResult, State
from ostinato_wire.states import StateDetails, StateType

if TYPE_CHECKING:
    from ostinato.context import TaskRunContext
    from ostinato.engine.hooks import LoggerLike
    from ostinato.results import ResultRecord, ResultStore
    from ostinato.tasks import Task
    from ostinato.transactions import BaseTransaction

# Any below: results of users' functions, and tasks of whatever type.


def needs_transaction(task: Task[..., Any], persists: bool, outer: TaskRunContext | None) -> bool:
    """Whether a run of `task` that is called here must be a transaction from its beginning. Most need not."""
    return bool(
        persists
        or task.on_commit_hooks
        or task.on_rollback_hooks
        or entered_transaction.get() is not None
        or (outer is not None and outer.transaction is not None)
    )


class TaskTransaction:
    """The transaction of one attempt of a task run; it is that of the run's context."""

    def __init__(
        self, context: TaskRunContext, details: StateDetails, logger: LoggerLike, *, persists: bool = False
    ) -> None:
        self._context = context
        self._persists = persists
        self._task = context.task
        self._details = details
        self._logger = logger
        self._store: ResultStore | None = None
        self._key: str | None = None
        self._is_told = False
        self._is_hit = False

    def begin(self) -> Plan[State | None]:
        """Begin; return the state of the run if its result is stored already."""
        from ostinato.transactions import new_for_task

        is_shared = yield from self._choose_key()
        policy = self._task.cache_policy if is_shared else None
        made = new_for_task(
            self._context,
            store=self._store,
            key=self._key,
            overwrite=not is_shared or self._task.refreshes_cache,
            isolation_level=_level(policy.isolation_level if policy is not None else None, is_shared),
            logger=self._logger,
        )
        self._context.transaction = made
        made.after_rollback = self._tell_of_rollback
        yield from made.begin_plan()
        if not made.is_committed():
            return None
        record = yield from made.read_plan()
        yield from made.end_plan(failed=False)
        self._is_hit = True
        data = record.metadata if record is not None and not self._task.cache_result_in_memory else record
        return new_state(StateType.COMPLETED, "Cached", data=data, details=self._details)

    def _choose_key(self) -> Plan[bool]:
        """Find store and key; whether others may have the same key."""
        if not self._persists:
            return False
        try:
            shared = key_of(self._context)
        except Exception as error:  # a policy, or what it hashes, may be a user's
            self._logger.error("The cache key cannot be computed; the result is not stored: %s", error, exc_info=error)
            return False
        store = yield from task_store(self._task)
        key = shared or store.storage_key_fn()
        try:
            yield Offload(lambda: store.create_result_record(None, key))
        except Exception as error:  # a storage may be a user's
            self._logger.error("The storage cannot be used; the result is not stored: %s", error, exc_info=error)
            return False
        self._store, self._key = store, key
        self._context.result_store, self._context.persist_result = store, True
        return shared is not None

    def succeed(self, state: State) -> Plan[State]:
        """Stage the result and commit, or leave that to the transaction around; return the state to be told."""
        if self._is_hit:
            return state
        made = self._own()
        value = state.data.value if isinstance(state.data, InMemoryResult) else state.data
        record = None if self._store is None else (yield from self._record(value, self._key))
        made.stage(
            value if record is None else record, list(self._task.on_rollback_hooks), list(self._task.on_commit_hooks)
        )
        yield from made.end_plan(failed=False)
        if record is None or (made.is_committed() and not made.is_written) or made.is_rolled_back():
            return state
        return changed(state, data=record if self._in_memory(made) else record.metadata)

    def fail(self, state: State) -> Plan[State]:
        """Roll back and store the exception; return the state to be told."""
        yield from self.roll_back()
        store = self._store
        if store is None:
            return state
        try:
            record = yield from self._record(state.data, None)
            yield Offload(lambda: store.persist(record))
        except (SerializationError, OSError) as error:
            self._logger.debug("The exception of the run is not stored: %s", error)
            return state
        return changed(state, data=record)

    def roll_back(self, *, retried: bool = False) -> Plan[None]:
        """Undo what was done inside; of a run that is retried no more than that."""
        yield from self._own().end_plan(failed=True, retried=retried)

    def told(self) -> Plan[None]:
        """Note that the run's end has been told: what was undone since is told now."""
        self._is_told = True
        if self._own().is_rolled_back() and self._context.task_run.state_type is StateType.COMPLETED:
            yield from self._tell_of_rollback()

    def _tell_of_rollback(self) -> Plan[None]:
        if self._is_told:
            message = "Task rolled back as part of transaction"
            yield Emit(
                self._context.task_run.move_to(
                    new_state(StateType.COMPLETED, "RolledBack", message, details=self._details)
                )
            )

    def _own(self) -> BaseTransaction:
        from ostinato.transactions import transaction_of

        made = transaction_of(self._context)
        made.after_rollback = self._tell_of_rollback
        return made

    def _in_memory(self, made: BaseTransaction) -> bool:
        return self._task.cache_result_in_memory or not made.is_written

    def _record(self, value: Any, key: str | None) -> Plan[ResultRecord[Any]]:
        store, lasting = self._store, self._task.cache_expiration
        expiration = datetime.now(UTC) + lasting if lasting is not None and key is not None else None
        if store is None:
            raise RuntimeError("The run has no result store.")
        return (yield Offload(lambda: store.create_result_record(value, key, expiration)))


def _level(given: Any, is_shared: bool) -> Any:
    """Return the isolation of a run: a key that nobody else has needs no lock."""
    from ostinato.transactions import IsolationLevel

    if not is_shared:
        return IsolationLevel.READ_COMMITTED
    return None if given is None else IsolationLevel(given)
