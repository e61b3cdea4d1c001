"""Result stores: records under keys in folders and at URLs, with metadata apart, expiry and locks."""

from __future__ import annotations

import asyncio
import json
import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.exceptions import ConfigurationError, SerializationError
from ostinato.locking.memory import MemoryLockManager
from ostinato.results import ResultRecord, ResultRecordMetadata, ResultStore, get_result_store
from ostinato.results.storage import LocalStorage, checked_reference, resolve_storage
from ostinato.serializers import resolve_serializer
from ostinato.settings import temporary_settings
from ostinato.states import State
from ostinato.transactions import IsolationLevel


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    """A store in a folder."""
    return ResultStore(result_storage=tmp_path / "results")


class Shelf:
    """A storage as a user may write one: its methods are coroutines, and it says KeyError for what it has not."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def read_path(self, path: str) -> bytes:
        return self.kept[path]

    async def write_path(self, path: str, content: bytes) -> None:
        self.kept[path] = content


@pytest.mark.parametrize("serializer", ["pickle", "json", "compressed/json"])
def test_what_was_written_is_read(store: ResultStore, serializer: str) -> None:
    store.serializer = resolve_serializer(serializer)
    store.write({"a": [1]}, key="sub/k")
    assert (store.exists("sub/k"), store.exists("other")) == (True, False)
    assert store.read("sub/k").result == {"a": [1]}
    assert pickle.loads(pickle.dumps(store)).read("sub/k").result == {"a": [1]}, "without the memory of the other"
    with pytest.raises(ValueError, match="no result under the key 'other'"):
        store.read("other")


def test_the_file_is_one_that_every_client_reads(store: ResultStore, tmp_path: Path) -> None:
    store.write(2, key="k")
    file = tmp_path / "results" / "k"
    assert json.loads(file.read_text()) == {
        "metadata": {
            "storage_key": str(file),
            "expiration": None,
            "serializer": {"type": "pickle", "picklelib": "cloudpickle", "picklelib_version": None},
            "prefect_version": "3.8.4",
            "storage_block_id": None,
        },
        "result": "gAVLAi4=\n",
    }
    assert [path.name for path in file.parent.iterdir()] == ["k"], "nothing else is left behind"


@given(value=st.integers() | st.text() | st.lists(st.floats(allow_nan=False)), minutes=st.integers(-5, 5))
def test_records_come_back_from_their_bytes(value: Any, minutes: int) -> None:
    metadata = ResultRecordMetadata(storage_key="k", expiration=datetime.now(UTC) + timedelta(minutes=minutes))
    record = ResultRecord[Any](metadata=metadata, result=value)
    back = ResultRecord[Any].deserialize(record.serialize())
    assert (back.result, back.metadata, back.expiration) == (value, metadata, metadata.expiration)
    apart = ResultRecord[Any].deserialize_from_result_and_metadata(
        record.serialize_result(), record.serialize_metadata()
    )
    assert (apart.result, apart.serializer) == (value, metadata.serializer)


def test_bytes_without_metadata_are_a_value_of_the_serializer_that_is_known() -> None:
    serializer = resolve_serializer("json")
    assert ResultRecord[Any].deserialize(b'{"x": 3}', backup_serializer=serializer).result == {"x": 3}
    with pytest.raises(ValueError, match="metadata"):
        ResultRecord[Any].deserialize(b'{"x": 3}')


def test_what_has_expired_is_not_there(store: ResultStore) -> None:
    store.write(1, key="old", expiration=datetime.now(UTC))
    store.write(1, key="new", expiration=datetime.now(UTC) + timedelta(hours=1))
    assert (store.exists("old"), store.exists("new")) == (False, True)


def test_a_value_read_twice_is_two_values(store: ResultStore) -> None:
    store.write([1], key="k")
    store.read("k").result.append(2)
    assert store.read("k").result == [1]


def test_a_store_without_memory_sees_what_others_write(tmp_path: Path) -> None:
    store = ResultStore(result_storage=tmp_path, cache_result_in_memory=False)
    store.write(1, key="k")
    ResultStore(result_storage=tmp_path).write(2, key="k")
    assert store.read("k").result == 2


def test_metadata_may_be_kept_apart(tmp_path: Path) -> None:
    options: dict[str, Any] = {"result_storage": tmp_path / "values", "metadata_storage": str(tmp_path / "keys")}
    ResultStore(**options).write([4], key="k")
    assert (tmp_path / "values" / "k").read_bytes() == b"gAWVBgAAAAAAAABdlEsEYS4=\n"
    assert json.loads((tmp_path / "keys" / "k").read_text())["storage_key"] == str(tmp_path / "values" / "k")
    assert ResultStore(**options).read("k").result == [4]
    (tmp_path / "values" / "k").unlink()
    assert not ResultStore(**options).exists("k")


def test_any_object_that_keeps_bytes_is_a_storage() -> None:
    shelf = Shelf()
    ResultStore(result_storage=shelf).write("text", key="k")
    assert list(shelf.kept) == ["k"]
    assert ResultStore(result_storage=shelf).read("k").result == "text"
    assert not ResultStore(result_storage=shelf).exists("other")


async def test_async_spellings(tmp_path: Path) -> None:
    store = ResultStore(result_storage=Shelf(), lock_manager=MemoryLockManager())
    await store.awrite(1, key="async")
    assert await store.aexists("async")
    assert (await store.aread("async")).result == 1
    assert await store.aacquire_lock("async", "one")
    reading = asyncio.create_task(store.aread("async", "two"))
    await asyncio.sleep(0)
    assert not reading.done(), "who has not the lock waits"
    assert (await store.aread("async", "one")).result == 1
    store.release_lock("async", "one")
    assert (await reading).result == 1
    assert await store.await_for_lock("async")


def test_what_another_holds_is_not_overwritten(tmp_path: Path) -> None:
    store = ResultStore(result_storage=tmp_path, lock_manager=MemoryLockManager())
    assert store.acquire_lock("mine")
    assert (store.is_locked("mine"), store.is_lock_holder("mine")) == (True, True)
    store.write(1, key="mine")
    with pytest.raises(RuntimeError, match="locked by another"):
        store.write(1, key="mine", holder="other")
    store.release_lock("mine")
    assert store.wait_for_lock("mine")


def test_locks_need_a_manager(store: ResultStore) -> None:
    assert not store.supports_isolation_level(IsolationLevel.SERIALIZABLE)
    assert store.supports_isolation_level(IsolationLevel.READ_COMMITTED)
    with pytest.raises(ConfigurationError, match="no lock manager"):
        store.acquire_lock("k")


def test_a_value_that_cannot_be_stored_leaves_nothing(store: ResultStore, tmp_path: Path) -> None:
    with pytest.raises(SerializationError):
        store.write(_Unpicklable(), key="k")
    assert not list(tmp_path.iterdir())


class _Unpicklable:
    def __reduce__(self) -> str:
        raise TypeError("never")


def test_keys_stay_in_their_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leads out"):
        LocalStorage(tmp_path / "inside").write_path("../outside", b"")


def test_the_settings_choose_the_folder_and_the_serializer(tmp_path: Path) -> None:
    settings = {"results.local_storage_path": tmp_path, "results.default_serializer": "json"}
    with temporary_settings(settings):
        store = get_result_store()
        store.write({"a": 1}, key="k")
    assert json.loads(json.loads((tmp_path / "k").read_text())["result"]) == {"a": 1}


def test_results_are_kept_at_urls() -> None:
    store = ResultStore(result_storage="memory://bucket/results")
    record = store.create_result_record([1], key="sub/k")
    assert record.metadata.storage_key == "memory://bucket/results/sub/k"
    store.persist(record)
    assert pickle.loads(pickle.dumps(store)).read("sub/k").result == [1]
    assert not store.exists("other")
    assert State.model_validate({"type": "COMPLETED", "data": record.metadata.model_dump()}).result() == [1]
    with pytest.raises(ValueError, match="leads out"):
        store.write(1, key="../k")


def test_references_name_storages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve_storage("./results") == LocalStorage(tmp_path / "results")
    assert resolve_storage(tmp_path) == LocalStorage(tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert resolve_storage("a/b") == LocalStorage(tmp_path / "a" / "b"), "a folder that is there"
    shelf = Shelf()
    assert resolve_storage(shelf) is shelf


def test_blocks_must_have_been_saved() -> None:
    class Saved(Shelf):
        _block_document_id: UUID | None = UUID(int=1)

    class Unsaved(Shelf):
        _block_document_id: UUID | None = None

    assert checked_reference(Saved(), "result_storage") is not None
    with pytest.raises(TypeError, match="has not been saved"):
        checked_reference(Unsaved(), "result_storage")
    with pytest.raises(TypeError, match="got int"):
        checked_reference(7, "result_storage")
    store = ResultStore(result_storage=Saved())
    record = store.create_result_record(1, key="k")
    assert (record.metadata.storage_key, record.metadata.storage_block_id) == ("k", UUID(int=1))
    assert store.result_storage_block_id == UUID(int=1)
