"""Upgrades: again and again, two at once, over locks, of databases that cannot be upgraded, and in memory."""

import asyncio
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url

from ostinato_core.db.open import open_database
from ostinato_core.db.revision import REVISION, SchemaNotReady, revision_of, wait_for_revision
from ostinato_core.settings import ServerSettings
from ostinato_migrator import chain
from ostinato_migrator.check import current, head
from ostinato_migrator.errors import DatabaseUnreachable, RightsMissing, UnknownSchema
from ostinato_migrator.migrate import downgrade, reset, stamp, upgrade, upgrade_connection
from tests.support.database import query, settings_of
from tests.support.postgres import Postgres


def test_an_upgrade_is_done_once(settings: ServerSettings) -> None:
    assert current(settings) is None
    assert upgrade(settings)
    assert current(settings) == head()
    assert not upgrade(settings)


def test_of_many_at_once_one_upgrades_and_the_others_find_nothing_to_do(settings: ServerSettings) -> None:
    together = threading.Barrier(4)

    def run() -> bool:
        together.wait()
        return upgrade(settings)

    with ThreadPoolExecutor(4) as pool:
        done = [future.result() for future in [pool.submit(run) for _ in range(4)]]
    assert sorted(done) == [False, False, False, True]


def test_a_reset_leaves_an_empty_database_at_head(settings: ServerSettings) -> None:
    upgrade(settings)
    query(settings, "INSERT INTO csrf_tokens VALUES (" + ", ".join(_token(settings)) + ")")
    reset(settings)
    assert query(settings, "SELECT * FROM csrf_tokens") == []
    assert current(settings) == REVISION


def _token(settings: ServerSettings) -> list[str]:
    now = "now()" if "postgresql" in settings.database_url() else "0"
    return [f"'{1:032x}'", now, now, "'client'", "'token'", now]


def test_a_stamp_only_records(settings: ServerSettings) -> None:
    stamp(settings, "head")
    assert current(settings) == REVISION
    with pytest.raises(Exception, match="workspaces"):
        query(settings, "SELECT * FROM workspaces")
    stamp(settings, "base")
    assert current(settings) is None


def test_a_database_of_a_newer_version_is_left_as_it_is(settings: ServerSettings) -> None:
    upgrade(settings)
    query(settings, "UPDATE alembic_version SET version_num = '9999'")
    for attempt in (upgrade, downgrade, reset):
        with pytest.raises(UnknownSchema, match=r"'9999'.*newer version.*backup"):
            attempt(settings)
    assert current(settings) == "9999"


def test_a_failed_migration_leaves_nothing_and_can_be_run_again(settings: ServerSettings) -> None:
    query(settings, "CREATE TABLE events (id INTEGER)")
    with pytest.raises(Exception, match="events"):
        upgrade(settings)
    assert current(settings) is None
    query(settings, "DROP TABLE events")
    assert upgrade(settings)


def test_a_killed_migrator_can_be_run_again(on_postgres: ServerSettings, tmp_path: Path) -> None:
    # The first migrator waits for the table that it wants to make, in the midst of its transaction, and is killed.
    async def hold_and_kill() -> None:
        url = make_url(on_postgres.database_url()).set(drivername="postgresql")
        holder = await asyncpg.connect(url.render_as_string(hide_password=False))
        try:
            async with holder.transaction():
                await holder.execute("CREATE TABLE events (id int)")
                command = (sys.executable, "-m", "ostinato_migrator")
                process = await asyncio.create_subprocess_exec(*command, env=_environment(on_postgres))
                waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                while not await holder.fetchval(waiting):
                    assert process.returncode is None
                    await asyncio.sleep(0.02)
                process.kill()
                await process.wait()
                await holder.execute("DROP TABLE events")
        finally:
            await holder.close()

    asyncio.run(hold_and_kill())
    assert upgrade(on_postgres)


def test_a_migration_that_cannot_have_its_lock_is_tried_again(
    on_postgres: ServerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(on_postgres)
    monkeypatch.setattr(chain, "LOCK_TIMEOUT", "20ms")
    waited = threading.Event()

    def note_the_wait(seconds: float) -> None:
        waited.set()
        threading.Event().wait(seconds)

    monkeypatch.setattr(chain.time, "sleep", note_the_wait)

    async def hold() -> bool:
        url = make_url(on_postgres.database_url()).set(drivername="postgresql")
        holder = await asyncpg.connect(url.render_as_string(hide_password=False))
        try:
            async with holder.transaction():
                await holder.execute("LOCK TABLE csrf_tokens IN ACCESS SHARE MODE")
                downgrading = asyncio.create_task(asyncio.to_thread(downgrade, on_postgres, "base"))
                assert await asyncio.to_thread(waited.wait, 20)
            return await downgrading
        finally:
            await holder.close()

    assert asyncio.run(hold())
    assert current(on_postgres) is None


def test_the_container_entry_upgrades_and_tells_by_its_exit_code(settings: ServerSettings) -> None:
    command = [sys.executable, "-m", "ostinato_migrator"]
    first, second = (subprocess.run(command, env=_environment(settings), capture_output=True, text=True) for _ in "12")
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout.endswith(": upgraded\n")
    assert second.stdout.endswith(": already up to date\n")
    query(settings, "UPDATE alembic_version SET version_num = '9999'")
    third = subprocess.run(command, env=_environment(settings), capture_output=True, text=True)
    assert third.returncode == 1
    assert third.stderr.count("newer version") == 1
    assert "Traceback" not in third.stderr


def _environment(settings: ServerSettings) -> dict[str, str]:
    ours = {"OSTINATO_HOME": str(settings.home), "OSTINATO_API_DATABASE_CONNECTION_URL": settings.database_url()}
    return os.environ | ours


async def test_a_database_in_memory_is_upgraded_on_its_own_connection(tmp_path: Path) -> None:
    settings = settings_of("sqlite+aiosqlite:///:memory:", tmp_path)
    assert not upgrade(settings)
    database = open_database(settings)
    try:
        with pytest.raises(SchemaNotReady, match=f"needs {REVISION}"):
            await wait_for_revision(database, seconds=0)
        assert await database.run_sync(upgrade_connection)
        assert await database.run_sync(revision_of) == REVISION
        assert not await database.run_sync(upgrade_connection)
        await wait_for_revision(database, seconds=0)
    finally:
        await database.close()


def test_rights_that_are_missing_are_named_for_the_administrator(postgres: Postgres, tmp_path: Path) -> None:
    administrator = settings_of(postgres.create_database(), tmp_path)
    name = make_url(administrator.database_url()).database
    query(administrator, f'CREATE ROLE "weak_{name}" LOGIN')
    weak = make_url(administrator.database_url()).set(username=f"weak_{name}")
    settings = settings_of(weak.render_as_string(hide_password=False), tmp_path)
    with pytest.raises(RightsMissing, match="GRANT CREATE ON SCHEMA public"):
        upgrade(settings)
    query(administrator, f'GRANT CREATE ON SCHEMA public TO "weak_{name}"')
    with pytest.raises(RightsMissing, match=f"CREATE EXTENSION pg_trgm;.*{name}"):
        upgrade(settings)
    query(administrator, "CREATE EXTENSION pg_trgm")
    assert upgrade(settings)


def test_a_database_that_does_not_exist_is_named(postgres: Postgres, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachable, match=r"nowhere.*does not exist"):
        upgrade(settings_of(postgres.url("nowhere"), tmp_path))
