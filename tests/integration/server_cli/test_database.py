"""`server database`: what it does, what it asks, and what it prints."""

import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from ostinato_migrator import chain
from tests.integration.server_cli.conftest import Environment, Invoke


@pytest.fixture
def masked(database: str) -> str:
    """The database's URL as it may be printed."""
    return database.replace("geheim", "***")


def test_an_upgrade_and_a_downgrade_say_where_and_that_they_are_done(invoke: Invoke, masked: str) -> None:
    up = invoke("database", "upgrade", "-y")
    assert up.exit_code == 0, up.stderr
    assert up.stdout.splitlines() == [
        "Running upgrade migrations ...",
        "Migrations succeeded!",
        f"Ostinato database at {masked} upgraded!",
    ]
    assert invoke("database", "upgrade", "-y").exit_code == 0, "it may be run again"
    down = invoke("database", "downgrade", "-y", "-r", "-1")
    assert down.exit_code == 0, down.stderr
    assert down.stdout.splitlines()[-1] == f"Ostinato database at {masked} downgraded!"
    assert "geheim" not in up.output + down.output


def test_a_reset_says_that_it_is_done(invoke: Invoke, masked: str) -> None:
    result = invoke("database", "reset", "-y")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[-1] == f"Ostinato database at {masked} reset!"


@pytest.mark.parametrize("command", ["upgrade", "downgrade", "reset"])
def test_it_asks_first_naming_the_database_without_its_password(invoke: Invoke, masked: str, command: str) -> None:
    refused = invoke("database", command, input="n\n")
    assert refused.exit_code == 1
    assert f"Are you sure you want to {command} the Ostinato database at {masked}?" in refused.stdout
    assert refused.stderr == f"Database {command} aborted!\n"
    assert "CREATE TABLE flows" in invoke("database", "upgrade", "--dry-run").stdout, "nothing was done"


def test_without_anybody_to_ask_it_fails_and_says_how_to_answer(invoke: Invoke, database: str) -> None:
    result = invoke("database", "upgrade", input="")
    assert result.exit_code == 1
    assert "pass -y" in result.stderr


def test_a_yes_is_an_answer(invoke: Invoke, masked: str) -> None:
    result = invoke("database", "upgrade", input="y\n")
    assert result.exit_code == 0
    assert f"Ostinato database at {masked} upgraded!" in result.stdout


def test_a_dry_run_prints_sql_and_changes_nothing(invoke: Invoke, database: str) -> None:
    for _ in range(2):
        result = invoke("database", "upgrade", "--dry-run")
        assert result.exit_code == 0, result.stderr
        assert "CREATE TABLE flow_runs" in result.stdout
        assert "Running" not in re.sub(r"^--.*$", "", result.stdout, flags=re.MULTILINE)
    assert invoke("database", "upgrade", "-y").exit_code == 0
    assert invoke("database", "upgrade", "--dry-run").stdout == "", "nothing is left to do"
    down = invoke("database", "downgrade", "--dry-run", "-r", "base").stdout
    assert "DROP TABLE flow_runs" in down
    assert "CREATE TABLE" not in down
    assert invoke("database", "upgrade", "--dry-run").stdout == "", "it is still there"


def test_the_sql_of_a_dry_run_makes_the_database(invoke: Invoke, environment: Environment, tmp_path: Path) -> None:
    script = invoke("database", "upgrade", "--dry-run").stdout
    by_hand = tmp_path / "by_hand.db"
    with sqlite3.connect(by_hand) as connection:
        connection.executescript(script)
    connection.close()
    environment["OSTINATO_API_DATABASE_CONNECTION_URL"] = f"sqlite+aiosqlite:///{by_hand}"
    assert invoke("database", "upgrade", "--dry-run").stdout == ""


def test_a_dry_run_of_a_postgres_that_is_away_starts_from_nothing(invoke: Invoke, environment: Environment) -> None:
    environment["OSTINATO_API_DATABASE_CONNECTION_URL"] = "postgresql+asyncpg://u:geheim@127.0.0.1:1/db"
    result = invoke("database", "upgrade", "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.startswith("BEGIN;")
    assert "CREATE TABLE events_default PARTITION OF events DEFAULT;" in result.stdout
    assert result.stdout.rstrip().endswith("COMMIT;")


def test_a_stamp_records_a_revision(invoke: Invoke, database: str) -> None:
    result = invoke("database", "stamp", "head")
    assert result.stdout.splitlines()[-1] == "Stamping database with revision succeeded!"
    assert invoke("database", "upgrade", "--dry-run").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("upgrade", "-y", "-r", "nonsense"), "There is no revision 'nonsense'"),
        (("downgrade", "-y"), "There is no revision '-1' from here"),
        (("stamp", "nonsense"), "There is no revision 'nonsense'"),
    ],
)
def test_what_cannot_be_done_is_one_line_on_stderr(
    invoke: Invoke, database: str, arguments: tuple[str, ...], message: str
) -> None:
    result = invoke("database", *arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith(message)
    assert result.stderr.count("\n") == 1
    assert "succeeded" not in result.stdout


def test_a_setting_that_is_not_valid_is_named(invoke: Invoke, environment: Environment) -> None:
    environment["OSTINATO_SERVER_API_PORT"] = "ninety"
    result = invoke("database", "upgrade", "-y")
    assert result.exit_code == 1
    assert "OSTINATO_SERVER_API_PORT is not valid" in result.stderr


def test_a_database_in_memory_is_left_to_its_server(invoke: Invoke, environment: Environment) -> None:
    environment["OSTINATO_API_DATABASE_CONNECTION_URL"] = "sqlite+aiosqlite:///:memory:"
    result = invoke("database", "upgrade", "-y")
    assert result.exit_code == 1
    assert "lives in its server" in result.stderr


def test_a_new_revision_goes_on_where_the_chain_ends(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "FOLDER", shutil.copytree(chain.FOLDER, tmp_path / "chain"))
    last = int(chain.revisions()[-1])
    assert invoke("database", "upgrade", "-y").exit_code == 0
    result = invoke("database", "revision", "-m", "add a thing", "--autogenerate")
    assert result.exit_code == 0, result.stderr
    written = tmp_path / "chain" / "versions" / f"{last + 1:04}_add_a_thing.py"
    assert f"down_revision = '{last:04}'" in written.read_text()
    assert str(written) in result.stdout
    upgraded = invoke("database", "upgrade", "-y", "-r", "+1")
    assert upgraded.exit_code == 0, upgraded.stderr
