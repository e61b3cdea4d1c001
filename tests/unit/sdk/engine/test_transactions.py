"""Task runs in transactions: what is done together is committed or undone together, and told so."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from ostinato import flow, task
from ostinato.cache_policies import CacheKeyFnPolicy
from ostinato.locking.memory import MemoryLockManager
from ostinato.transactions import BaseTransaction, get_transaction, transaction
from tests.support.engine import FakeServer


@pytest.fixture
def calls() -> list[Any]:
    """What the functions of the test were called with."""
    return []


def _hooked(calls: list[Any], name: str, **options: Any) -> Any:
    def work(fail: bool = False) -> str:
        calls.append(name)
        if fail:
            raise ValueError(name)
        return name

    made = task(work, name=name, **options)

    def do(_: BaseTransaction) -> None:
        calls.append(f"do {name}")

    def undo(txn: BaseTransaction) -> None:
        calls.append(f"undo {name} {txn.get('why', '')}".rstrip())

    made.on_commit(do)
    made.on_rollback(undo)
    return made


def test_a_task_commits_when_it_is_done(server: FakeServer, calls: list[Any]) -> None:
    one = _hooked(calls, "one")
    one()
    with pytest.raises(ValueError, match="one"):
        one(fail=True)
    assert calls == ["one", "do one", "one"]


def test_tasks_of_a_transaction_are_undone_together(server: FakeServer, calls: list[Any]) -> None:
    one, two = _hooked(calls, "one", persist_result=True), _hooked(calls, "two")

    @flow
    def pipeline() -> None:
        with transaction() as txn:
            txn.set("why", "because")
            one()
            two.submit().wait()
            raise KeyError("no")

    assert pipeline(return_state=True).is_failed()
    assert calls == ["one", "two", "undo two because", "undo one because"]
    assert [states[-1] for states in server.task_states().values()] == ["RolledBack", "RolledBack"]
    told = server.task_events[-1]["payload"]["validated_state"]
    assert (told["type"], told["message"]) == ("COMPLETED", "Task rolled back as part of transaction")
    completed = next(event for event in server.task_events if event["event"].endswith("Completed"))
    key = completed["payload"]["validated_state"]["data"]["storage_key"]
    assert not Path(key).exists(), "what was undone is not stored"


def test_an_attempt_that_is_retried_undoes_only_itself(server: FakeServer, calls: list[Any]) -> None:
    """The reference undoes the whole transaction at the first failed attempt, although the task then succeeds."""
    one, inner = _hooked(calls, "one"), _hooked(calls, "inner")
    attempts: list[int] = []

    @task(retries=1)
    def flaky() -> None:
        inner()
        attempts.append(1)
        if len(attempts) == 1:
            raise ValueError("once")

    with transaction() as txn:
        one()
        flaky()
    assert txn.is_committed()
    assert calls == ["one", "inner", "undo inner", "inner", "do one", "do inner"]


def test_tasks_within_a_task_are_undone_with_it(server: FakeServer, calls: list[Any]) -> None:
    inner = _hooked(calls, "inner")

    @task
    def outer(fail: bool) -> None:
        inner()
        calls.append("outer")
        if fail:
            raise ValueError("outer")

    outer(False)
    assert outer(True, return_state=True).is_failed()
    assert calls == ["inner", "outer", "do inner", "inner", "outer", "undo inner"]


def test_a_commit_hook_that_fails_undoes_a_run_that_completed(server: FakeServer, calls: list[Any]) -> None:
    one = _hooked(calls, "one")

    @one.on_commit
    def fail(_: object) -> None:
        raise ValueError("hook")

    assert one(return_state=True).is_completed()
    assert calls == ["one", "do one", "undo one"]
    assert server.only_task_states() == ["Pending", "Running", "Completed", "RolledBack"]


def test_a_run_without_transaction_has_one_when_it_asks(server: FakeServer, calls: list[Any]) -> None:
    def note(txn: BaseTransaction) -> None:
        calls.append(txn.get("a"))

    @task
    def asking() -> None:
        txn = get_transaction()
        assert txn is not None
        assert txn is get_transaction()
        txn.set("a", 1)
        txn.stage(None, on_commit_hooks=[note])

    asking()
    assert calls == [1]
    assert get_transaction() is None


def test_a_crash_gives_the_lock_back(server: FakeServer) -> None:
    locks = MemoryLockManager()

    def crash_key(*_: object) -> str:
        return "crash"

    policy = CacheKeyFnPolicy(cache_key_fn=crash_key, isolation_level="SERIALIZABLE", lock_manager=locks)

    @task(cache_policy=policy)
    def crash() -> None:
        assert locks.is_locked("crash")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crash()
    assert not locks.is_locked("crash")
    assert server.only_task_states()[-1] == "Crashed"


def test_hooks_are_logged(server: FakeServer, calls: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        _hooked(calls, "one")()
    assert "Running commit hook" in caplog.text
    assert "Commit hook" in caplog.text
