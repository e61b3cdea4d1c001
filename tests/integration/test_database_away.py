"""What clients are told while the database is away or busy: 503 and when to come again, never 500."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ostinato_core.settings import ServerSettings
from tests.support.client import Api
from tests.support.database import query, settings_of
from tests.support.ports import wait_until
from tests.support.postgres import Postgres
from tests.support.server import Server

UNAVAILABLE = {"exception_message": "Service Unavailable"}


@pytest.fixture
def on_postgres(postgres: Postgres, tmp_path: Path) -> Iterator[Server]:
    """A server on a Postgres database of its own."""
    server = Server(tmp_path, postgres.create_database())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Server]:
    """A server on SQLite that waits for other processes' locks for a moment only."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'ostinato.db'}"
    server = Server(tmp_path, url, {"OSTINATO_API_DATABASE_TIMEOUT": "0.3"})
    server.start()
    yield server
    server.stop()


async def test_connections_that_postgres_has_closed_are_replaced_unseen(on_postgres: Server, tmp_path: Path) -> None:
    settings: ServerSettings = settings_of(on_postgres.database_url, tmp_path)
    async with Api(on_postgres.api_url) as api:
        flow = await api.created("/flows/", {"name": "kept"})
        await asyncio.to_thread(
            query,
            settings,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'ostinato' AND pid <> pg_backend_pid()",
        )

        async def answered() -> bool:
            return (await api.get(f"/flows/{flow['id']}")).status == 200

        await wait_until(answered, what="reading after the connections were closed")
        made = await api.post("/flow_runs/", {"flow_id": flow["id"]})

    assert made.status == 201, made.body


async def test_while_postgres_is_gone_requests_are_told_to_come_again(tmp_path: Path) -> None:
    with Postgres() as own:
        server = Server(tmp_path, own.create_database())
        server.start()
    try:
        async with Api(server.api_url) as api:
            answers = [
                await api.post("/flows/", {"name": "later"}),
                await api.post("/flows/filter", {}),
                await api.get("/ready"),
            ]
            alive = await api.get("/health")
    finally:
        server.stop()

    assert [answer.status for answer in answers] == [503, 503, 503]
    assert [answer.json for answer in answers[:2]] == [UNAVAILABLE, UNAVAILABLE]
    assert all(float(answer.headers["Retry-After"]) > 0 for answer in answers[:2])
    assert answers[2].json == {"message": "Database is not available"}
    assert alive.status == 200
    logged = server.log.read_text()
    assert "is answered 503: POST /api/flows/: " in logged
    assert "later" not in logged


async def test_a_lock_of_another_process_on_sqlite_delays_writers_and_spares_readers(
    on_sqlite: Server, tmp_path: Path
) -> None:
    async with Api(on_sqlite.api_url) as api:
        flow = await api.created("/flows/", {"name": "locked"})
        other = sqlite3.connect(tmp_path / "ostinato.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            refused = await api.post("/flow_runs/", {"flow_id": flow["id"]})
            read = await api.get(f"/flows/{flow['id']}")
        finally:
            other.execute("ROLLBACK")
            other.close()
        accepted = await api.post("/flow_runs/", {"flow_id": flow["id"]})

    assert (refused.status, refused.json) == (503, UNAVAILABLE)
    assert "Retry-After" in refused.headers
    assert read.status == 200
    assert accepted.status == 201
