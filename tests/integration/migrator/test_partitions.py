"""Partitions on a real Postgres: rows find theirs, and whatever is in the way, nothing fails."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from ostinato_core.db.partitions import ensure_partitions, planned
from ostinato_core.settings import ServerSettings
from ostinato_migrator.connect import run_on
from ostinato_migrator.migrate import upgrade
from tests.support.database import query

LATER = datetime(2040, 5, 17, 12, tzinfo=UTC)


@pytest.fixture
def settings(on_postgres: ServerSettings) -> ServerSettings:
    """Settings of a Postgres database with its tables."""
    upgrade(on_postgres)
    return on_postgres


def ensure(settings: ServerSettings, now: datetime) -> int:
    def run(connection: Connection) -> int:
        return ensure_partitions(connection, now)

    return run_on(settings, run)


def insert_log(settings: ServerSettings, when: datetime) -> str:
    """Insert a line and return the partition that it landed in."""
    id_ = "00000000-0000-7000-8000-000000000001"
    ((name,),) = query(
        settings,
        "INSERT INTO logs (id, workspace_id, timestamp, name, level, message) "
        f"VALUES ('{id_}', '{id_}', '{when.isoformat()}', 'a', 20, 'b') RETURNING tableoid::regclass::text",
    )
    return name


def test_partitions_are_made_once(settings: ServerSettings) -> None:
    assert ensure(settings, LATER) == len(list(planned(LATER)))
    assert ensure(settings, LATER) == 0
    assert ensure(settings, LATER + timedelta(days=1)) == 1


def test_an_upgrade_brings_those_of_the_present(settings: ServerSettings) -> None:
    assert ensure(settings, datetime.now(UTC)) == 0
    assert insert_log(settings, datetime.now(UTC)) == f"logs_{datetime.now(UTC):%Y%m}"


def test_a_row_of_another_time_lands_in_the_default_partition(settings: ServerSettings) -> None:
    assert insert_log(settings, datetime(1999, 1, 1, tzinfo=UTC)) == "logs_default"


def test_a_range_whose_rows_are_in_the_default_partition_is_left_out(
    settings: ServerSettings, caplog: pytest.LogCaptureFixture
) -> None:
    insert_log(settings, LATER)
    assert ensure(settings, LATER) == len(list(planned(LATER))) - 1
    assert "logs_204005" in caplog.text
    assert insert_log(settings, LATER) == "logs_default"


def test_several_processes_may_make_them_at_once(settings: ServerSettings) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = [future.result() for future in [pool.submit(ensure, settings, LATER) for _ in range(4)]]
    assert sum(made) == len(list(planned(LATER)))


def test_sqlite_has_none(on_sqlite: ServerSettings) -> None:
    upgrade(on_sqlite)
    assert ensure(on_sqlite, LATER) == 0
