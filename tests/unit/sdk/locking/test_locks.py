"""Lock managers: one holder at a time, among threads, event loops and processes; the dead hold nothing."""

from __future__ import annotations

import asyncio
import json
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ostinato.locking.filesystem import FileSystemLockManager
from ostinato.locking.memory import MemoryLockManager
from ostinato.locking.polling import PollingLockManager
from ostinato.locking.protocol import LockManager
from ostinato.locking.redis import RedisLockManager
from tests.support.redis import RedisServer


@pytest.fixture(params=["memory", "folder", "redis"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> PollingLockManager:
    """Each kind of lock manager."""
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis")
        return RedisLockManager(url=server.url)
    return MemoryLockManager() if request.param == "memory" else FileSystemLockManager(tmp_path / "locks")


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """A key of the test's own: the locks in memory are the process's."""
    return f"{request.node.name}/a b"


def test_one_holder_at_a_time(manager: PollingLockManager, key: str) -> None:
    assert isinstance(manager, LockManager)
    assert manager.acquire_lock(key, "one")
    assert manager.acquire_lock(key, "one"), "who has it gets it again"
    assert not manager.acquire_lock(key, "two", acquire_timeout=0.01)
    assert (manager.is_locked(key), manager.is_lock_holder(key, "one")) == (True, True)
    assert not manager.is_lock_holder(key, "two")
    assert not manager.wait_for_lock(key, timeout=0.01)
    with pytest.raises(ValueError, match="'two' does not hold the lock"):
        manager.release_lock(key, "two")
    manager.release_lock(key, "one")
    assert manager.wait_for_lock(key)
    with pytest.raises(ValueError, match="does not hold"):
        manager.release_lock(key, "one")


def test_waiting_ends_with_the_release(manager: PollingLockManager, key: str) -> None:
    manager.acquire_lock(key, "one")
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(manager.acquire_lock, key, "two")
        manager.release_lock(key, "one")
        assert waiting.result(20)
    assert manager.is_lock_holder(key, "two")
    manager.release_lock(key, "two")


async def test_an_event_loop_goes_on_while_it_waits(manager: PollingLockManager, key: str) -> None:
    assert await manager.aacquire_lock(key, "one")
    waiting = asyncio.create_task(manager.aacquire_lock(key, "two"))
    await asyncio.sleep(0)
    assert not waiting.done()
    manager.release_lock(key, "one")
    assert await waiting
    manager.release_lock(key, "two")
    assert await manager.await_for_lock(key)


def test_a_lock_that_is_held_too_long_is_free(manager: PollingLockManager, key: str) -> None:
    manager.acquire_lock(key, "one", hold_timeout=0)
    assert not manager.is_locked(key)
    assert manager.acquire_lock(key, "two", acquire_timeout=0)
    manager.release_lock(key, "two")


def test_many_threads_never_hold_it_together(manager: PollingLockManager, key: str) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        manager.acquire_lock(key, str(number))
        inside.append(number)
        most.append(len(inside))
        inside.remove(number)
        manager.release_lock(key, str(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    assert (max(most), len(most)) == (1, 40)


def test_a_lock_in_redis_ends_by_itself_and_travels(redis: RedisServer) -> None:
    manager = RedisLockManager(port=redis.port, prefix="mine:")
    manager.acquire_lock("k", "one", hold_timeout=0.01)
    assert manager.acquire_lock("k", "two", acquire_timeout=20)
    copy = pickle.loads(pickle.dumps(manager))
    assert copy == manager
    assert copy != RedisLockManager(port=redis.port)
    assert copy.is_lock_holder("k", "two")
    assert not RedisLockManager(port=redis.port).is_locked("k"), "another prefix is another lock"


def test_memory_is_one_for_the_process() -> None:
    assert MemoryLockManager() is MemoryLockManager()


def test_files_are_those_that_other_clients_write(tmp_path: Path) -> None:
    manager = FileSystemLockManager(tmp_path)
    manager.acquire_lock("k", "one", hold_timeout=60)
    content = json.loads((tmp_path / "k.lock").read_text())
    assert content["holder"] == "one"
    assert datetime.fromisoformat(content["expiration"]) > datetime.now(UTC)
    assert pickle.loads(pickle.dumps(manager)) == manager
    expired = str(datetime.now(UTC) - timedelta(seconds=1))
    (tmp_path / "theirs.lock").write_text(json.dumps({"holder": "they", "expiration": None}))
    assert manager.is_lock_holder("theirs", "they")
    (tmp_path / "theirs.lock").write_text(json.dumps({"holder": "they", "expiration": expired}))
    assert manager.acquire_lock("theirs", "we", acquire_timeout=0)
    (tmp_path / "torn.lock").write_text("{")
    assert manager.is_locked("torn")


def test_keys_stay_in_their_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leads out"):
        FileSystemLockManager(tmp_path / "locks").acquire_lock("../k", "one")


HOLD = """
import sys
from ostinato.locking.filesystem import FileSystemLockManager
FileSystemLockManager(sys.argv[1]).acquire_lock("k", "the dead")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_process_that_died_holds_nothing(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdin is not None
    assert child.stdout.readline() == "held\n"
    manager = FileSystemLockManager(tmp_path)
    assert not manager.acquire_lock("k", "the living", acquire_timeout=0)
    child.kill()
    child.wait()
    child.stdin.close()
    child.stdout.close()
    assert manager.acquire_lock("k", "the living", acquire_timeout=0)
