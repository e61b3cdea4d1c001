"""Retention on a real Postgres: whole partitions are dropped, and the disk has their space back."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from ostinato_core.db.open import open_database
from ostinato_core.db.partitions import ensure_partitions, existing_partitions
from ostinato_core.ids import new_id
from ostinato_core.retention import partitions
from ostinato_core.retention.deleted import Deleted
from ostinato_core.retention.policy import Policy
from ostinato_core.retention.preview import Preview
from ostinato_core.retention.sweep import Retention
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_migrator.connect import run_on
from ostinato_migrator.migrate import upgrade
from tests.integration.core.past_runs import History
from tests.support.clock import driven_clock
from tests.support.workspace import Workspace

NOW = datetime(2031, 5, 17, 12, tzinfo=UTC)


@pytest.fixture
def settings(on_postgres: ServerSettings) -> ServerSettings:
    """Settings of a Postgres database with its tables."""
    upgrade(on_postgres)
    return on_postgres


@pytest.fixture
async def history(settings: ServerSettings) -> AsyncIterator[History]:
    """A maker of runs, in a database with partitions of most of a year up to a present that is driven."""
    with driven_clock(NOW):
        database = open_database(settings)
        for days in (360, 330, 300, 270, 240, 210, 180, 150, 120, 90, 60, 20, 12, 8, 0):
            await database.run_sync(lambda connection, days=days: ensure_partitions(connection, NOW - timedelta(days)))
        yield History(Workspace(database, new_id()))
        await database.close()


async def names(database: Database, table: str, before: datetime = NOW) -> list[str]:
    """Return the partitions of a table that end before a time."""
    found = await database.run_sync(lambda connection: existing_partitions(connection, table))
    return [partition.name for partition in found if partition.end < before]


async def sweep(history: History, **settings: Any) -> list[Deleted]:  # Any: values of settings
    """Do a whole round."""
    return [deleted async for deleted in Retention(history.workspace.database, policy(**settings)).round(whole=True)]


def policy(**settings: Any) -> Policy:  # Any: as above
    """Return the policy of settings."""
    return Policy.of(ServerSettings.model_validate({f"retention_{name}": value for name, value in settings.items()}))


async def test_lines_go_by_whole_partitions(history: History) -> None:
    for days in (200, 40, 20, 1):
        await history.run(days)
    database = history.workspace.database
    wanted = policy(logs_keep="30d")
    (foretold,) = await Preview(database, wanted).look()

    told = await sweep(history, logs_keep="30d")

    dropped = [deleted for deleted in told if deleted.kind == "logs" and deleted.rule == "age"]
    assert await names(database, "logs") == ["logs_203104"]
    # The lines of 40 days ago are in April's, which goes when all of it is older than 30 days.
    assert (await history.counts())["logs"] == 9
    assert sum(deleted.rows for deleted in dropped) == foretold.rows
    assert sum(deleted.bytes for deleted in dropped) == foretold.bytes > 0


async def test_partitions_that_no_run_needs_go_before_the_runs(history: History) -> None:
    for days in (300, 250, 100, 1):
        await history.run(days)
    # It began with the oldest, and has not ended for long.
    await history.run(20, start_time=NOW - timedelta(days=210), expected_start_time=NOW - timedelta(days=210))
    database = history.workspace.database

    told = await sweep(history, flow_runs_keep="90d")

    dropped = {deleted.kind for deleted in told if deleted.rule == "no run needs them"}
    assert dropped == {"logs", "task run states"}
    assert await history.counts() == {
        "flow_runs": 2,
        "flow_run_states": 2,
        "flow_run_inputs": 2,
        "artifacts": 2,
        "task_runs": 4,
        "task_run_states": 4,
        "logs": 6,
    }
    # Nothing is left in those after the start of the long run, so they go the next time.
    await sweep(history, flow_runs_keep="90d")
    assert await names(database, "task_run_states") == ["task_run_states_203104"]


async def test_a_partition_of_events_goes_unless_one_of_them_is_kept_longer(history: History) -> None:
    for days in (20, 15, 10, 3):
        await history.event(days, "other")
    await history.event(15, "billing.paid")
    database = history.workspace.database

    told = await sweep(history, events_keep="7d", events='{"billing.*": "30d"}')

    assert await history.events() == ["billing.paid", "other"]
    kept = (NOW - timedelta(days=15)).strftime("events_%Y%m%d")
    week = [(NOW - timedelta(days=days)).strftime("events_%Y%m%d") for days in (7, 6, 5, 4, 3, 2, 1)]
    assert set(await names(database, "events")) <= {kept, *week}
    assert kept in await names(database, "events")
    assert sum(deleted.rows for deleted in told if deleted.kind == "events") == 3


async def test_a_partition_in_use_is_left_and_goes_the_next_time(
    history: History, settings: ServerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "ATTEMPTS", 2)
    monkeypatch.setattr(partitions, "PAUSE", 0.01)
    await history.run(200)
    database = history.workspace.database
    with ThreadPoolExecutor(1) as threads:
        held, release = threading.Event(), threading.Event()

        def read(connection: Connection) -> None:
            connection.execute(text("LOCK TABLE logs IN ACCESS SHARE MODE"))
            held.set()
            release.wait(30)

        reader = threads.submit(run_on, settings, read)
        assert held.wait(30)
        told = await sweep(history, logs_keep="30d")
        release.set()
        reader.result(30)
    assert not [deleted for deleted in told if deleted.kind == "logs" and deleted.rows]
    assert (await history.counts())["logs"] == 3

    await sweep(history, logs_keep="30d")

    assert "logs" not in await history.counts()
    assert await names(database, "logs") == []


async def test_two_at_once_drop_each_partition_once(history: History) -> None:
    for days in (300, 200, 100):
        await history.run(days)
        await history.event(days, "other")

    told = await asyncio.gather(*(sweep(history, logs_keep="30d", events_keep="7d") for _ in range(3)))

    rows = [deleted.rows for each in told for deleted in each if deleted.rule == "age"]
    assert sum(rows) == 9
    assert await history.events() == []
