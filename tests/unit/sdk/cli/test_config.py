"""`ostinato config`: what is changed, shown, masked and refused."""

from pathlib import Path

import pytest

from tests.support.cli import Cli


def profiles(home: Path) -> str:
    return (home / "profiles.toml").read_text()


def test_set_writes_the_built_in_profile_with_its_values(cli: Cli, home: Path) -> None:
    outcome = cli.ok("config", "set", "PREFECT_API_URL=http://a/api", "OSTINATO_CLIENT_MAX_RETRIES=3")
    assert outcome.out.splitlines() == [
        "Set 'OSTINATO_API_URL' to 'http://a/api'.",
        "Set 'OSTINATO_CLIENT_MAX_RETRIES' to '3'.",
        "Updated profile 'ephemeral'.",
    ]
    assert profiles(home) == (
        'active = "ephemeral"\n\n[profiles.ephemeral]\nOSTINATO_API_URL = "http://a/api"\n'
        'OSTINATO_CLIENT_MAX_RETRIES = "3"\nOSTINATO_SERVER_EPHEMERAL_ENABLED = "true"\n'
    )


def test_set_replaces_an_older_name(cli: Cli, home: Path) -> None:
    home.mkdir()
    (home / "profiles.toml").write_text('active = "a"\n[profiles.a]\nPREFECT_API_URL = "http://old/api"\n')
    cli.ok("config", "set", "OSTINATO_API_URL=http://new/api")
    assert "old" not in profiles(home)


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("OSTINATO_NOTHING=1", "Unknown setting name 'OSTINATO_NOTHING'."),
        ("OSTINATO_API_URL", "Failed to parse argument 'OSTINATO_API_URL'. Use the format 'VAR=VAL'."),
        ("OSTINATO_HOME=/x", "'OSTINATO_HOME' cannot be kept in a profile. Set the environment variable instead."),
        ("OSTINATO_CLIENT_MAX_RETRIES=many", "Validation error(s) for setting OSTINATO_CLIENT_MAX_RETRIES"),
        ("OSTINATO_API_URL=a", "an URL must start with http:// or https://"),
        ("OSTINATO_API_URL=", "To remove it: ostinato config unset OSTINATO_API_URL"),
    ],
)
def test_nothing_is_saved_if_any_is_wrong(assignment: str, message: str, cli: Cli, home: Path) -> None:
    outcome = cli("config", "set", "OSTINATO_CLI_COLORS=false", assignment)
    assert outcome.code == 1
    assert message in outcome.out
    assert not home.exists()


def test_a_value_that_the_environment_outranks_is_noted(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://env/api")
    assert "unset PREFECT_API_URL" in cli.ok("config", "set", "OSTINATO_API_URL=http://a/api").err


def test_unset(cli: Cli, home: Path) -> None:
    cli.ok("config", "set", "OSTINATO_API_URL=http://a/api")
    assert cli.ok("config", "unset", "PREFECT_API_URL").out.startswith("Unset 'OSTINATO_API_URL'.")
    assert "API_URL" not in profiles(home)
    outcome = cli("config", "unset", "OSTINATO_API_URL", "-y")
    assert (outcome.code, outcome.out) == (1, "'OSTINATO_API_URL' is not set in profile 'ephemeral'.\n")


def test_view_tells_sources_and_masks_secrets(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("OSTINATO_API_KEY=hunter2\n")
    (tmp_path / "ostinato.toml").write_text("[client]\nmax_retries = 2\n")
    monkeypatch.setenv("OSTINATO_API_URL", "http://me:hunter2@a/api")
    outcome = cli.ok("config", "view")
    assert "hunter2" not in outcome.out
    lines = outcome.out.splitlines()
    assert lines[:3] == ["🚀 you are connected to:", "http://me:********@a", "OSTINATO_PROFILE='ephemeral'"]
    assert "OSTINATO_API_KEY='********' (from .env file)" in lines
    assert "OSTINATO_API_URL='http://me:********@a/api' (from env)" in lines
    assert "OSTINATO_CLIENT_MAX_RETRIES='2' (from ostinato.toml)" in lines
    assert "OSTINATO_SERVER_EPHEMERAL_ENABLED='true' (from profile)" in lines
    assert "OSTINATO_API_KEY='hunter2'" in cli.ok("config", "view", "--show-secrets", "--hide-sources").out.splitlines()


def test_view_shows_defaults_as_they_come_out(cli: Cli, home: Path) -> None:
    lines = cli.ok("config", "view", "--show-defaults").out.splitlines()
    assert f"OSTINATO_RESULTS_LOCAL_STORAGE_PATH='{home}/storage' (from defaults)" in lines
    assert "OSTINATO_API_KEY='********' (from defaults)" in lines


def test_view_as_json(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OSTINATO_HOME")
    monkeypatch.setenv("HOME", "/nowhere")
    monkeypatch.setenv("OSTINATO_API_URL", "http://a/api")
    url = {"name": "OSTINATO_API_URL", "value": "http://a/api", "source": "env"}
    ephemeral = {"name": "OSTINATO_SERVER_EPHEMERAL_ENABLED", "value": "true", "source": "profile"}
    assert cli.ok("config", "view", "-o", "json").json() == {
        "profile": "ephemeral",
        "settings": [url, ephemeral],
        "ui_url": "http://a",
    }
    document = cli.ok("config", "view", "-o", "json", "--hide-sources").json()
    assert document["settings"][0] == {"name": "OSTINATO_API_URL", "value": "http://a/api"}


def test_validate_renews_names_and_tells_unknown_ones(cli: Cli, home: Path, tmp_path: Path) -> None:
    home.mkdir()
    (home / "profiles.toml").write_text(
        'active = "a"\n[profiles.a]\nPREFECT_INTERNAL_LOGGING_LEVEL = "INFO"\nPREFECT_NOTHING = "1"\n'
    )
    (tmp_path / "ostinato.toml").write_text('[client]\nretries = 2\n[client.custom_headers]\nX-Any = "1"\n')
    outcome = cli.ok("config", "validate")
    assert outcome.out == "Configuration valid!\n"
    assert outcome.err.splitlines() == [
        "OSTINATO_CLIENT_RETRIES (from ostinato.toml) is not a setting; it is ignored.",
        "PREFECT_NOTHING (from profile) is not a setting; it is ignored.",
    ]
    assert "OSTINATO_LOGGING_INTERNAL_LEVEL" in profiles(home)


def test_validate_lists_every_wrong_value(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_CLIENT_MAX_RETRIES", "x")
    monkeypatch.setenv("OSTINATO_LOGGING_LEVEL", "LOUD")
    outcome = cli("config", "validate")
    assert outcome.code == 1
    assert [line.partition(":")[0] for line in outcome.out.splitlines()] == [
        "OSTINATO_CLIENT_MAX_RETRIES (from env)",
        "OSTINATO_LOGGING_LEVEL (from env)",
    ]


def test_a_wrong_profile_can_be_mended(cli: Cli, home: Path) -> None:
    home.mkdir()
    (home / "profiles.toml").write_text('active = "a"\n[profiles.a]\nOSTINATO_CLIENT_MAX_RETRIES = "x"\n')
    cli.ok("config", "set", "OSTINATO_CLIENT_MAX_RETRIES=1")
    assert "OSTINATO_CLIENT_MAX_RETRIES='1' (from profile)" in cli.ok("config", "view").out


def test_a_broken_file_is_one_line(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "ostinato.toml").write_text("[x\n")
    outcome = cli("config", "view")
    assert outcome.code == 1
    assert len(outcome.out.splitlines()) == 1
    assert "ostinato.toml is not valid TOML" in outcome.out
