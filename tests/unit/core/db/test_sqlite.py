"""SQLite: its log is bounded, a commit takes in what fits its time, and closing waits for threads at work."""

import asyncio
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from ostinato_core.db import sqlite
from ostinato_core.db.sqlite import SqliteDatabase
from ostinato_core.transaction import Transaction
from tests.support.ports import wait_until

BOUND = 200_000
"""Bytes of the log past which this test's database shrinks it."""


async def test_a_log_that_grew_past_its_bound_shrinks_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "CHECKPOINT_EVERY", 0.01)
    monkeypatch.setattr(sqlite, "CHECKPOINT_BYTES", BOUND)
    monkeypatch.setattr(sqlite, "RESTART_BYTES", BOUND)
    database = SqliteDatabase(tmp_path / "ostinato.db")
    log = tmp_path / "ostinato.db-wal"

    async def make(tx: Transaction) -> None:
        await tx.run(text("CREATE TABLE lines (line TEXT)"))

    async def write(tx: Transaction) -> None:
        await tx.run(text("INSERT INTO lines VALUES (:line)"), [{"line": "x" * 1000} for _ in range(1000)])

    async def has_shrunk() -> bool:
        return log.stat().st_size < BOUND

    try:
        await database.write(make)
        await database.write(write)
        assert log.stat().st_size > BOUND
        await wait_until(has_shrunk, seconds=5, what="a write-ahead log below its bound")
        rows = await database.read(lambda tx: tx.value(text("SELECT count(*) FROM lines")))
    finally:
        await database.close()

    assert rows == 1000


async def test_others_come_to_their_turn_between_writers_that_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "GROUP_SECONDS", 0.0)
    database = SqliteDatabase(None)
    turns: list[str] = []

    async def write(tx: Transaction) -> None:
        turns.append("writer")

    async def take_turns() -> None:
        while turns.count("writer") < 3:
            turns.append("other")
            await asyncio.sleep(0)

    await asyncio.gather(take_turns(), *(database.write(write) for _ in range(3)))
    await database.close()

    assert ("writer", "writer") not in pairwise(turns)


async def test_a_connection_on_which_a_thread_is_at_work_is_not_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, closing = threading.Event(), threading.Event()
    moved: list[int] = []

    class Threads(ThreadPoolExecutor):
        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            closing.set()
            super().shutdown(wait, cancel_futures=cancel_futures)

    def move_log(connection: sqlite3.Connection, how: str) -> None:
        begun.set()
        closing.wait()
        moved.append(len(connection.execute(f"PRAGMA wal_checkpoint({how})").fetchall()))

    monkeypatch.setattr(sqlite, "ThreadPoolExecutor", Threads)
    monkeypatch.setattr(sqlite, "_move_log", move_log)
    monkeypatch.setattr(sqlite, "CHECKPOINT_EVERY", 0.0)
    monkeypatch.setattr(sqlite, "CHECKPOINT_BYTES", 0)
    database = SqliteDatabase(tmp_path / "ostinato.db")
    await database.write(lambda tx: tx.run(text("CREATE TABLE lines (line TEXT)")))
    await asyncio.to_thread(begun.wait)
    await database.close()

    assert moved[0] == 1
