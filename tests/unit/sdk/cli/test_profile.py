"""`ostinato profile`: the file of profiles as commands change it."""

from pathlib import Path

import pytest

from tests.support.cli import Cli


def test_a_life(cli: Cli, home: Path) -> None:
    assert cli.ok("profile", "ls", "-o", "json").json() == []
    cli.ok("profile", "create", "a", "--from", "local")
    cli.ok("profiles", "rename", "a", "b")
    assert cli.ok("profile", "inspect", "b").out == "OSTINATO_API_URL='http://127.0.0.1:4200/api'\n"
    assert cli.ok("profile", "ls", "-o", "json").json() == [{"name": "b", "active": False}]
    cli.ok("--no-prompt", "profile", "delete", "b")
    assert cli.ok("profile", "ls", "-o", "json").json() == []


def test_use_of_an_ephemeral_profile_asks_no_server(cli: Cli, home: Path) -> None:
    outcome = cli.ok("profile", "use", "test")
    assert "Profile 'test' is active." in outcome.out
    assert 'active = "test"' in (home / "profiles.toml").read_text()


def test_use_of_a_profile_without_a_server_fails_but_stays(cli: Cli, home: Path) -> None:
    cli.ok("profile", "create", "empty")
    outcome = cli("profile", "use", "empty")
    assert outcome.code == 1
    assert "ostinato config set OSTINATO_API_URL=URL" in outcome.out
    assert 'active = "empty"' in (home / "profiles.toml").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("create", "here"), "Profile 'here' already exists."),
        (("create", "x", "--from", "none"), "Unknown profile 'none'."),
        (("use", "none"), "Unknown profile 'none'."),
        (("delete", "here"), "Profile 'here' is active and cannot be deleted."),
        (("delete", "local"), "Unknown profile 'local'."),
        (("rename", "none", "x"), "Unknown profile 'none'."),
        (("rename", "here", "there"), "Profile 'there' already exists."),
        (("inspect", "none"), "Unknown profile 'none'."),
    ],
)
def test_refusals(arguments: tuple[str, ...], message: str, cli: Cli, home: Path) -> None:
    home.mkdir()
    (home / "profiles.toml").write_text('active = "here"\n[profiles.here]\n[profiles.there]\n')
    outcome = cli("profile", *arguments)
    assert outcome.code == 1
    assert message in outcome.out


def test_renaming_the_active_one_keeps_it_active(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    (home / "profiles.toml").write_text('active = "a"\n[profiles.a]\n')
    monkeypatch.setenv("OSTINATO_PROFILE", "a")
    assert "OSTINATO_PROFILE still names 'a'" in cli.ok("profile", "rename", "a", "b").err
    assert 'active = "b"' in (home / "profiles.toml").read_text()


def test_inspect_defaults_to_the_active_one(cli: Cli) -> None:
    outcome = cli.ok("profile", "inspect")
    assert outcome.out == "OSTINATO_SERVER_EPHEMERAL_ENABLED='true'\n"
    assert "defaulting to 'ephemeral'" in outcome.err
    cli.ok("profile", "create", "empty")
    assert cli.ok("profile", "inspect", "empty").out == "Profile 'empty' is empty.\n"
    assert cli.ok("profile", "inspect", "empty", "-o", "json").json() == {}


def test_populate_defaults_adds_what_is_missing(cli: Cli, home: Path) -> None:
    home.mkdir()
    (home / "profiles.toml").write_text('active = "local"\n[profiles.local]\nOSTINATO_API_URL = "http://mine/api"\n')
    out = cli.ok("profile", "populate-defaults").out
    assert "Add 'ephemeral'" in out
    assert "Add 'local'" not in out
    assert "http://mine/api" in (home / "profiles.toml").read_text()
    assert "saved already" in cli.ok("profile", "populate-defaults").out


def test_a_profile_for_one_command_outranks_the_environment(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_API_URL", "http://env/api")
    assert "OSTINATO_API_URL='http://127.0.0.1:4200/api' (from profile)" in cli.ok("-p", "local", "config", "view").out
    outcome = cli("--profile", "none", "config", "view")
    assert (outcome.code, outcome.out, outcome.err) == (1, "", "Unknown profile 'none'.\n")
