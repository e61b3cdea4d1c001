"""What cannot be done does not hold up the rest of what a loop has found."""

import logging
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from ostinato_core.db.sqlite import SqliteDatabase
from ostinato_core.errors import IntegrityConflict, Unavailable
from ostinato_core.ids import DEFAULT_WORKSPACE_ID, new_id
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_scheduler.batches import act_on


@pytest.fixture
async def database() -> AsyncIterator[SqliteDatabase]:
    """An empty database in memory."""
    opened = SqliteDatabase(None)
    yield opened
    await opened.close()


def found(count: int, workspace_id: UUID = DEFAULT_WORKSPACE_ID) -> list[Row]:
    """Return so many rows as a loop finds them."""
    return [{"id": new_id(), "workspace_id": workspace_id} for _ in range(count)]


@pytest.mark.parametrize("bad", [(), (0,), (3, 6), (0, 1, 2, 3, 4, 5, 6, 7, 8)])
async def test_only_what_cannot_be_done_is_left(
    database: SqliteDatabase, caplog: pytest.LogCaptureFixture, bad: tuple[int, ...]
) -> None:
    rows = found(9)
    refused = {rows[number]["id"] for number in bad}
    done: list[UUID] = []

    async def act(tx: Transaction, ids: list[UUID]) -> int:
        if refused & set(ids):
            raise IntegrityConflict
        done.extend(ids)
        return len(ids)

    with caplog.at_level(logging.WARNING, "ostinato.server.loops"):
        assert await act_on(database, rows, act) == 9 - len(bad)

    assert done == [row["id"] for row in rows if row["id"] not in refused]
    assert len(caplog.records) == len(bad)


async def test_each_workspace_has_a_transaction_with_ids_in_order(database: SqliteDatabase) -> None:
    workspaces = sorted(new_id() for _ in range(2))
    rows = [*found(2, workspaces[1]), *reversed(found(3, workspaces[0]))]
    calls: list[tuple[UUID, list[UUID]]] = []

    async def act(tx: Transaction, ids: list[UUID]) -> int:
        calls.append((tx.workspace_id, ids))
        return len(ids)

    assert await act_on(database, [*rows, *rows[:1]], act) == 5
    assert [(workspace, len(ids)) for workspace, ids in calls] == list(zip(workspaces, (3, 2), strict=True))
    assert all(ids == sorted(ids) for _, ids in calls)


async def test_a_database_that_is_away_is_not_asked_for_each_row(database: SqliteDatabase) -> None:
    calls = 0

    async def act(tx: Transaction, ids: list[UUID]) -> int:
        nonlocal calls
        calls += 1
        raise Unavailable

    with pytest.raises(Unavailable):
        await act_on(database, found(8), act)
    assert calls == 1
