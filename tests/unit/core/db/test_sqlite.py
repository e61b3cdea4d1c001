"""SQLite's write-ahead log is bounded: what a burst of writes has made of it goes back, and nothing is lost."""

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
