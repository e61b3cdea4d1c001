"""`ResultStore`: reads and writes records under keys, in one storage, with one serializer."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID
from weakref import WeakKeyDictionary

from uuid_utils.compat import uuid4

from ostinato.engine.drivers import adrive, drive
from ostinato.engine.steps import Either, Offload, Plan
from ostinato.exceptions import ConfigurationError
from ostinato.results.records import ResultRecord, ResultRecordMetadata
from ostinato.results.storage import (
    StorageReference,
    WritableFileSystem,
    block_id_of,
    location,
    resolve_storage,
    settled,
)
from ostinato.serializers import Serializer, resolve_serializer

if TYPE_CHECKING:
    from ostinato.flows import Flow
    from ostinato.locking.protocol import LockManager
    from ostinato.tasks import Task
    from ostinato.transactions import IsolationLevel

# Any below: results of users' functions, and flows and tasks of whatever type.

MAXIMUM_RECORDS = 1_000
MAXIMUM_BYTES = 64 * 1024 * 1024
"""What the memory of a store may hold."""


def _new_derived() -> WeakKeyDictionary[Any, Any]:
    return WeakKeyDictionary()


def new_key() -> str:
    """Return a key that nothing has."""
    return uuid4().hex


class _Memory:
    """The bytes of the records used last. Not the values: who changes a value must not change another's."""

    def __init__(self) -> None:
        self._blobs: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        with self._lock:
            if key in self._blobs:
                self._blobs.move_to_end(key)
            return self._blobs.get(key)

    def put(self, key: str, blob: bytes) -> None:
        with self._lock:
            self._size += len(blob) - len(self._blobs.pop(key, b""))
            self._blobs[key] = blob
            while len(self._blobs) > MAXIMUM_RECORDS or self._size > MAXIMUM_BYTES:
                self._size -= len(self._blobs.popitem(last=False)[1])


@dataclass(kw_only=True, eq=False)
class ResultStore:
    """Keeps results. Without `result_storage` in the settings' default; the storage is looked up when first used.

    With `metadata_storage` the records' metadata are kept there, and the values alone in `result_storage`.
    A method with a leading `a` is the same for event loops.
    """

    result_storage: StorageReference | None = None
    metadata_storage: StorageReference | None = None
    lock_manager: LockManager | None = None
    cache_result_in_memory: bool = True
    serializer: Serializer[Any] = field(default_factory=lambda: _default_serializer())
    storage_key_fn: Callable[[], str] = new_key
    _memory: _Memory = field(default_factory=_Memory, repr=False)
    _resolving: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _derived: WeakKeyDictionary[Any, Any] = field(default_factory=lambda: _new_derived(), repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """Return what travels to another process: all but memory and locks."""
        return {name: value for name, value in vars(self).items() if name not in ("_memory", "_resolving", "_derived")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _memory=_Memory(), _resolving=threading.RLock(), _derived=_new_derived())

    def update_for_flow(self, flow: Flow[..., Any]) -> Self:
        """Return the store as `flow` wants it."""
        return self._updated(flow.result_storage, flow.result_serializer, flow.cache_result_in_memory)

    async def aupdate_for_flow(self, flow: Flow[..., Any]) -> Self:
        """As `update_for_flow`."""
        return self.update_for_flow(flow)

    def update_for_task(self, task: Task[..., Any]) -> Self:
        """Return the store as `task` and its cache policy want it; for all runs of the task it is the same."""
        if task not in self._derived:
            self._derived[task] = self._made_for(task)
        return self._derived[task]

    def _made_for(self, task: Task[..., Any]) -> Self:
        store = self._updated(task.result_storage, task.result_serializer, task.cache_result_in_memory)
        policy = task.cache_policy
        if policy is not None and (policy.key_storage is not None or policy.lock_manager is not None):
            store = replace(
                store, metadata_storage=policy.key_storage or store.metadata_storage,
                lock_manager=policy.lock_manager or store.lock_manager, _memory=_Memory(), _derived=_new_derived(),
            )  # fmt: skip
        return store

    async def aupdate_for_task(self, task: Task[..., Any]) -> Self:
        """As `update_for_task`."""
        return self.update_for_task(task)

    def _updated(
        self, storage: StorageReference | None, serializer: Serializer[Any] | str | None, in_memory: bool
    ) -> Self:
        changes: dict[str, Any] = {}
        if storage is not None and storage != self.result_storage:
            changes = {"result_storage": storage, "_memory": _Memory()}
        if serializer is not None:
            changes["serializer"] = resolve_serializer(serializer)
        if in_memory != self.cache_result_in_memory:
            changes["cache_result_in_memory"] = in_memory
        return replace(self, **changes, _derived=_new_derived()) if changes else self

    # Storage.

    def storage(self) -> WritableFileSystem:
        """Return the storage of results; a block is asked of the server, which may take a while."""
        with self._resolving:
            if self.result_storage is None or isinstance(self.result_storage, (str, os.PathLike, UUID)):
                from ostinato.results.defaults import default_storage

                self.result_storage = resolve_storage(self.result_storage or default_storage())
            return self.result_storage

    def _key_storage(self) -> WritableFileSystem | None:
        with self._resolving:
            if isinstance(self.metadata_storage, (str, os.PathLike, UUID)):
                self.metadata_storage = resolve_storage(self.metadata_storage)
            return self.metadata_storage

    @property
    def result_storage_block_id(self) -> UUID | None:
        """The id of the block that results are kept in, if they are kept in a saved one."""
        return block_id_of(self.storage())

    # Records.

    def create_result_record(
        self, obj: Any, key: str | None = None, expiration: datetime | None = None
    ) -> ResultRecord[Any]:
        """Return a record of `obj` that is not written yet; without `key` under a new one."""
        storage = self.storage()
        key = key or self.storage_key_fn()
        metadata = ResultRecordMetadata.model_construct(
            serializer=self.serializer,
            expiration=expiration,
            storage_key=location(storage, key),
            storage_block_id=block_id_of(storage),
        )
        record = ResultRecord[Any].model_construct(metadata=metadata, result=obj)
        record.key = key
        return record

    def load(self, key: str) -> ResultRecord[Any] | None:
        """Return the record under `key`; None if there is none, or if it has expired. Waits for no lock.

        Raises SerializationError or ValueError for what cannot be read, and what the storage raises.
        """
        keys = self._key_storage()
        remembered = self._memory.get(key)
        blob = _read(keys or self.storage(), key) if remembered is None else remembered
        record = None if blob is None else self._record(blob, key, apart=keys is not None)
        if record is None or record.metadata.is_expired():
            return None
        if self.cache_result_in_memory and remembered is None and blob is not None:
            self._memory.put(key, blob)
        return record

    def _record(self, blob: bytes, key: str, *, apart: bool) -> ResultRecord[Any] | None:
        if not apart:
            return ResultRecord[Any].deserialize(blob)
        result = _read(self.storage(), key)
        return None if result is None else ResultRecord[Any].deserialize_from_result_and_metadata(result, blob)

    def persist(self, record: ResultRecord[Any]) -> None:
        """Write a record. Raises SerializationError, or what the storage raises."""
        key, keys, results = record.key or self.storage_key_fn(), self._key_storage(), self.storage()
        if keys is None:
            blob = record.serialize()
            settled(results.write_path(key, blob))
        else:  # the value first: what the metadata tell of must be there
            settled(results.write_path(key, record.serialize_result()))
            blob = record.serialize_metadata()
            settled(keys.write_path(key, blob))
        if self.cache_result_in_memory:
            self._memory.put(key, blob)

    def find_plan(self, key: str, holder: str | None = None) -> Plan[ResultRecord[Any] | None]:
        """Return the record under `key` once no other holder has its lock; None if there is none."""
        manager = self.lock_manager
        if manager is not None and (holder is None or not manager.is_lock_holder(key, holder)):
            yield Either(lambda: manager.wait_for_lock(key), lambda: manager.await_for_lock(key))
        return (yield Offload(lambda: self.load(key)))

    def _read_record(self, key: str, holder: str | None = None) -> Plan[ResultRecord[Any]]:
        record = yield from self.find_plan(key, holder)
        if record is None:
            raise ValueError(f"There is no result under the key {key!r} in {location(self.storage(), key)!r}.")
        return record

    def exists(self, key: str) -> bool:
        """Whether there is a record under `key` that counts."""
        return self.load(key) is not None

    async def aexists(self, key: str) -> bool:
        """As `exists`."""
        return await asyncio.to_thread(self.exists, key)

    def read(self, key: str, holder: str | None = None) -> ResultRecord[Any]:
        """Return the record under `key`, once no other holder has its lock. Raises ValueError if there is none."""
        return drive(self._read_record(key, holder))

    async def aread(self, key: str, holder: str | None = None) -> ResultRecord[Any]:
        """As `read`."""
        return await adrive(self._read_record(key, holder))

    def write(
        self, obj: Any, key: str | None = None, expiration: datetime | None = None, holder: str | None = None
    ) -> None:
        """Keep `obj` under `key`. Raises RuntimeError if another holder has the lock, SerializationError."""
        self.persist_result_record(self.create_result_record(obj, key, expiration), holder)

    async def awrite(
        self, obj: Any, key: str | None = None, expiration: datetime | None = None, holder: str | None = None
    ) -> None:
        """As `write`."""
        await asyncio.to_thread(self.write, obj, key, expiration, holder or self.generate_default_holder())

    def persist_result_record(self, result_record: ResultRecord[Any], holder: str | None = None) -> None:
        """Write a record. Raises RuntimeError if another holder has the lock of its key, SerializationError."""
        key, manager = result_record.key, self.lock_manager
        locked = manager is not None and key is not None and manager.is_locked(key)
        if locked and not self.is_lock_holder(key or "", holder):
            raise RuntimeError(f"The key {key!r} is locked by another holder; acquire its lock before writing.")
        self.persist(result_record)

    async def apersist_result_record(self, result_record: ResultRecord[Any], holder: str | None = None) -> None:
        """As `persist_result_record`."""
        await asyncio.to_thread(self.persist_result_record, result_record, holder or self.generate_default_holder())

    # Locks.

    @staticmethod
    def generate_default_holder() -> str:
        """Return who asks for a lock unless told otherwise: this thread, and the asyncio task in it."""
        thread = threading.current_thread()
        parts: list[object] = [socket.gethostname(), os.getpid(), thread.ident, thread.name]
        with suppress(RuntimeError):  # no event loop runs in this thread
            parts += [id(task)] if (task := asyncio.current_task()) is not None else []
        return ":".join(map(str, parts))

    def supports_isolation_level(self, level: IsolationLevel) -> bool:
        """Whether transactions of the store can have the level: SERIALIZABLE needs a lock manager."""
        return level != "SERIALIZABLE" or self.lock_manager is not None

    def _locks(self) -> LockManager:
        if self.lock_manager is None:
            raise ConfigurationError(
                "This result store has no lock manager; give it one: ResultStore(lock_manager=...)."
            )
        return self.lock_manager

    def acquire_lock(self, key: str, holder: str | None = None, timeout: float | None = None) -> bool:
        """Wait for the lock of `key`, `timeout` seconds at most; whether `holder` has it. Raises ConfigurationError."""
        return self._locks().acquire_lock(key, holder or self.generate_default_holder(), timeout)

    async def aacquire_lock(self, key: str, holder: str | None = None, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - the name is the protocol's
        """As `acquire_lock`."""
        return await self._locks().aacquire_lock(key, holder or self.generate_default_holder(), timeout)

    def release_lock(self, key: str, holder: str | None = None) -> None:
        """Give the lock of `key` back. Raises ValueError if `holder` does not have it, ConfigurationError."""
        self._locks().release_lock(key, holder or self.generate_default_holder())

    def is_locked(self, key: str) -> bool:
        """Whether somebody has the lock of `key`. Raises ConfigurationError."""
        return self._locks().is_locked(key)

    def is_lock_holder(self, key: str, holder: str | None = None) -> bool:
        """Whether `holder` has the lock of `key`. Raises ConfigurationError."""
        return self._locks().is_lock_holder(key, holder or self.generate_default_holder())

    def wait_for_lock(self, key: str, timeout: float | None = None) -> bool:
        """Wait until nobody has the lock of `key`, `timeout` seconds at most. Raises ConfigurationError."""
        return self._locks().wait_for_lock(key, timeout)

    async def await_for_lock(self, key: str, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - the name is the protocol's
        """As `wait_for_lock`."""
        return await self._locks().await_for_lock(key, timeout)


def _read(storage: WritableFileSystem, key: str) -> bytes | None:
    """Return what is under `key`; None if there is nothing. Storages say so in several ways."""
    try:
        return settled(storage.read_path(key))
    except (FileNotFoundError, NotADirectoryError, KeyError, ValueError):
        return None


def _default_serializer() -> Serializer[Any]:
    from ostinato.settings import get_current_settings

    return resolve_serializer(get_current_settings().results.default_serializer)
