"""Opening the database: secrets stay hidden, and what is wrong is said in one line."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from ostinato_core.db.revision import revision_of
from ostinato_core.settings import ServerSettings
from ostinato_migrator.connect import database_url, is_in_memory, masked, run_on
from ostinato_migrator.errors import DatabaseUnreachable, FolderUnusable, MigrationFailed
from tests.support.ports import free_port


def settings(home: Path, url: str | None = None) -> ServerSettings:
    return ServerSettings(home=home, database_connection_url=SecretStr(url) if url else None)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+asyncpg://user:geheim@host/db",
        "postgresql+asyncpg://user@host/db?password=geheim",
        "postgresql+asyncpg://user:ge%68eim@host:5432/db?ssl=require",
    ],
)
def test_a_masked_url_tells_no_password(url: str) -> None:
    assert "geheim" not in masked(make_url(url))
    assert masked(make_url(url)).startswith("postgresql+asyncpg://user")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite+aiosqlite:///:memory:", True),
        ("sqlite+aiosqlite://", True),
        ("sqlite+aiosqlite:///file::memory:?cache=shared&uri=true", True),
        ("sqlite+aiosqlite:////var/lib/ostinato.db", False),
        ("postgresql+asyncpg://host/db", False),
    ],
)
def test_a_database_in_memory_is_known_by_its_url(url: str, expected: bool) -> None:
    assert is_in_memory(make_url(url)) is expected


@pytest.mark.parametrize("url", ["mysql://host/db", "nonsense", "postgresql://u:${OSTINATO_API_DATABASE_PASSWORD}@h/d"])
def test_a_bad_url_is_refused_in_one_line(tmp_path: Path, url: str) -> None:
    with pytest.raises(MigrationFailed) as raised:
        database_url(settings(tmp_path, url))
    assert "\n" not in raised.value.message


def test_a_missing_folder_is_made_for_its_owner_only(tmp_path: Path) -> None:
    run_on(settings(tmp_path / "new" / "home"), revision_of)
    assert (tmp_path / "new" / "home").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FolderUnusable, match="set OSTINATO_HOME to a folder that you may write to"):
        run_on(settings(tmp_path / "file" / "home"), revision_of)


def test_a_file_that_is_no_database_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "ostinato.db").write_bytes(b"This is a letter, not a database. " * 40)
    with pytest.raises(DatabaseUnreachable, match=r"not a database.*check that it is there"):
        run_on(settings(tmp_path), revision_of)


def test_a_postgres_that_is_away_is_named_without_its_password(tmp_path: Path) -> None:
    port = free_port()
    url = f"postgresql+asyncpg://user:geheim@127.0.0.1:{port}/db"
    with pytest.raises(DatabaseUnreachable) as raised:
        run_on(settings(tmp_path, url), revision_of)
    assert f"user:***@127.0.0.1:{port}/db" in raised.value.message
    assert "geheim" not in raised.value.message
