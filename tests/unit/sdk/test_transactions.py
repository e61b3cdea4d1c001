"""Transactions: what is done together is committed or undone together, in sync and in async code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ostinato.exceptions import ConfigurationError
from ostinato.locking.filesystem import FileSystemLockManager
from ostinato.locking.memory import MemoryLockManager
from ostinato.results import ResultStore
from ostinato.transactions import (
    AsyncTransaction,
    CommitMode,
    IsolationLevel,
    TransactionState,
    atransaction,
    get_transaction,
    transaction,
)


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    """A store with locks."""
    return ResultStore(result_storage=tmp_path / "results", lock_manager=MemoryLockManager())


class Notes:
    """Hooks that note when they are called."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def hook(self, name: str) -> Callable[[Any], None]:
        def note(txn: Any) -> None:
            self.taken.append(f"{name} {txn.state.value}")

        return note

    def stage(self, txn: Any, name: str) -> None:
        txn.stage(name, on_rollback_hooks=[self.hook(f"undo {name}")], on_commit_hooks=[self.hook(f"do {name}")])


@pytest.fixture
def notes() -> Notes:
    """What the hooks of the test noted."""
    return Notes()


def test_an_end_commits_children_first(notes: Notes) -> None:
    with transaction() as outer:
        notes.stage(outer, "outer")
        with transaction() as inner:
            notes.stage(inner, "inner")
            assert inner.get_parent() is outer
            assert get_transaction() is inner
        assert not inner.is_committed()
    assert get_transaction() is None
    assert (outer.is_committed(), inner.is_committed()) == (True, True)
    assert notes.taken == ["do inner STAGED", "do outer STAGED"]


def test_an_error_undoes_in_reverse_and_is_raised(notes: Notes) -> None:
    with pytest.raises(KeyError), transaction() as outer:  # noqa: PT012 - the block is what is tested
        for name in ("one", "two"):
            with transaction() as inner:
                inner.stage(name, [notes.hook(f"undo {name} first"), notes.hook(f"undo {name} last")])
        notes.stage(outer, "outer")
        raise KeyError("no")
    assert outer.is_rolled_back()
    assert [taken.removesuffix(" STAGED") for taken in notes.taken] == [
        "undo outer",
        "undo two last",
        "undo two first",
        "undo one last",
        "undo one first",
    ]


def test_a_failed_child_undoes_its_parent_even_if_the_error_is_caught(notes: Notes) -> None:
    with transaction() as outer:
        with transaction() as done:
            notes.stage(done, "done")
        try:
            with transaction():
                raise KeyError("no")
        except KeyError:
            assert outer.is_rolled_back()
        with transaction() as later:
            notes.stage(later, "later")
        assert later.is_rolled_back(), "what is done in it afterwards is undone at once"
    assert outer.state is TransactionState.ROLLED_BACK
    assert notes.taken == ["undo done STAGED", "undo later STAGED"]


def test_a_commit_hook_that_fails_undoes_all(notes: Notes, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: object) -> None:
        raise ValueError("hook")

    with transaction() as outer, transaction() as inner:
        inner.stage(1, [notes.hook("undo inner")], [fail])
    assert (outer.state, inner.state) == (TransactionState.ROLLED_BACK, TransactionState.ROLLED_BACK)
    assert notes.taken == ["undo inner STAGED"]
    assert "An error was encountered while running commit hook 'fail'" in caplog.text


def test_a_rollback_hook_that_fails_keeps_no_other_from_running(notes: Notes) -> None:
    def fail(_: object) -> None:
        raise ValueError("hook")

    with transaction() as txn:
        txn.stage(1, [notes.hook("first"), fail])
        assert txn.rollback()
        assert not txn.rollback()
    assert notes.taken == ["first STAGED"]


@pytest.mark.parametrize(
    ("mode", "within", "state"),
    [
        (CommitMode.EAGER, None, TransactionState.COMMITTED),
        (None, CommitMode.EAGER, TransactionState.COMMITTED),
        (None, None, TransactionState.STAGED),
        (CommitMode.LAZY, CommitMode.EAGER, TransactionState.STAGED),
        (None, CommitMode.OFF, TransactionState.STAGED),
    ],
)
def test_commit_modes(mode: CommitMode | None, within: CommitMode | None, state: TransactionState) -> None:
    with transaction(commit_mode=within):
        with transaction(commit_mode=mode) as inner:
            inner.stage(1)
        assert inner.state is state


def test_without_automatic_commit_it_is_undone_unless_committed() -> None:
    with transaction(commit_mode=CommitMode.OFF) as undone:
        pass
    with transaction(commit_mode=CommitMode.OFF) as kept:
        assert kept.commit()
    assert (undone.is_rolled_back(), kept.is_committed()) == (True, True)


def test_values_are_seen_within_and_are_copies() -> None:
    with transaction() as outer:
        outer.set("list", [1])
        with transaction() as inner:
            inner.get("list").append(2)
            assert (inner.get("list"), inner.get("other", None)) == ([1], None)
            inner.set("own", 1)
        with pytest.raises(ValueError, match="No value 'own'"):
            outer.get("own")


def test_a_key_makes_a_block_run_once(store: ResultStore, notes: Notes) -> None:
    for _ in range(2):
        with transaction(key="once", store=store) as txn:
            if not txn.is_committed():
                notes.taken.append("work")
                txn.stage({"rows": 3})
        record = txn.read()
        assert record is not None
        assert (notes.taken, record.result) == (["work"], {"rows": 3})
    with transaction(key="once", store=store, overwrite=True) as again:
        assert not again.is_committed()
    with transaction(key="never", store=store, write_on_commit=False) as unwritten:
        unwritten.stage(1)
    assert not store.exists("never")
    with pytest.raises(KeyError), transaction(key="failed", store=store):
        raise KeyError("no")
    assert not store.exists("failed")


def test_a_value_that_cannot_be_stored_undoes_nothing(
    store: ResultStore, notes: Notes, caplog: pytest.LogCaptureFixture
) -> None:
    with transaction(key="k", store=store) as txn:
        txn.stage(MemoryLockManager()._guard, [notes.hook("undo")])  # pyright: ignore[reportPrivateUsage] - a lock
    assert (txn.is_committed(), notes.taken, store.exists("k")) == (True, [], False)
    assert "is not stored" in caplog.text


def test_serializable_lets_one_at_a_time_have_the_key(tmp_path: Path) -> None:
    shared = ResultStore(result_storage=tmp_path, lock_manager=FileSystemLockManager(tmp_path / "locks"))
    with transaction(key="a/b c", store=shared, isolation_level=IsolationLevel.SERIALIZABLE) as outer:
        assert shared.is_locked("a/b c")
        with transaction(key="a/b c", store=shared) as same:
            assert same.isolation_level is IsolationLevel.SERIALIZABLE, "and does not wait for itself"
        outer.stage(1)
    assert not shared.is_locked("a/b c")
    with pytest.raises(KeyError), transaction(
        key="k", store=shared, isolation_level=IsolationLevel.SERIALIZABLE
    ):  # fmt: skip
        raise KeyError("no")
    assert not shared.is_locked("k")


def test_serializable_needs_a_lock_manager(tmp_path: Path) -> None:
    unlocked = ResultStore(result_storage=tmp_path)
    with (
        pytest.raises(ConfigurationError, match="needs a lock manager"),
        transaction(key="k", store=unlocked, isolation_level=IsolationLevel.SERIALIZABLE),
    ):
        pass


async def test_many_async_blocks_with_one_key_do_the_work_once(store: ResultStore) -> None:
    work: list[int] = []

    async def once(number: int) -> Any:
        options: dict[str, Any] = {"store": store, "isolation_level": IsolationLevel.SERIALIZABLE}
        async with atransaction(key="many", **options) as txn:
            if not txn.is_committed():
                work.append(number)
                await asyncio.sleep(0)
                txn.stage(number)
        record = await txn.read()
        return record and record.result

    results = await asyncio.gather(*(once(number) for number in range(20)))
    assert len(work) == 1
    assert results == work * 20


async def test_async_hooks_are_awaited(store: ResultStore) -> None:
    told: list[str] = []

    async def tell(txn: object) -> None:
        await asyncio.sleep(0)
        told.append("told")

    async with atransaction() as txn:
        txn.stage(1, on_commit_hooks=[tell])
    begun: list[AsyncTransaction] = []
    with pytest.raises(KeyError):  # noqa: PT012 - the block is what is tested
        async with atransaction() as failed:
            begun.append(failed)
            failed.stage(1, on_rollback_hooks=[tell])
            raise KeyError("no")
    assert (txn.is_committed(), begun[0].is_rolled_back(), told) == (True, True, ["told", "told"])
    assert not await begun[0].commit()


def test_a_record_that_cannot_be_read_is_made_anew(
    store: ResultStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "k").write_text("no record")
    with transaction(key="k", store=store) as txn:
        assert not txn.is_committed()
        txn.stage(1)
    assert store.read("k").result == 1
    assert "cannot be read and is made anew" in caplog.text
