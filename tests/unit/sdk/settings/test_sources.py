"""Which origin of a value wins, and what broken or strange origins do."""

from pathlib import Path

import pytest

from ostinato.settings import ProfileNotFound, SettingsError, SettingsWarning, load_settings
from ostinato.settings.sources import read_sources


def write_every_file(folder: Path, home: Path) -> None:
    """Give `client.max_retries` another value in each file; the number tells the rank."""
    (folder / ".env").write_text("OSTINATO_CLIENT_MAX_RETRIES=2\n")
    (folder / "ostinato.toml").write_text("[client]\nmax_retries = 3\n")
    (folder / "pyproject.toml").write_text("[tool.ostinato.client]\nmax_retries = 4\n")
    home.mkdir()
    (home / "profiles.toml").write_text('active = "mine"\n[profiles.mine]\nOSTINATO_CLIENT_MAX_RETRIES = "6"\n')


def test_the_order_of_origins(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_every_file(tmp_path, home)
    monkeypatch.setenv("PREFECT_CLIENT_MAX_RETRIES", "1")
    assert load_settings().client.max_retries == 1
    monkeypatch.delenv("PREFECT_CLIENT_MAX_RETRIES")
    for rank, name in ((2, ".env"), (3, "ostinato.toml"), (4, "pyproject.toml"), (6, "home/profiles.toml")):
        assert load_settings().client.max_retries == rank
        (tmp_path / name).unlink()
    assert load_settings().client.max_retries == 5


def test_within_an_origin_our_name_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://theirs/api")
    assert load_settings().api.url == "http://theirs/api"
    monkeypatch.setenv("OSTINATO_API_URL", "http://ours/api")
    assert load_settings().api.url == "http://ours/api"


@pytest.mark.parametrize(
    ("name", "text", "path", "value"),
    [
        ("PREFECT_INTERNAL_LOGGING_LEVEL", "info", "logging.internal_level", "INFO"),
        ("OSTINATO_LOGGING_SETTINGS_PATH", "/x.yml", "logging.config_path", Path("/x.yml")),
        ("PREFECT_LOCAL_STORAGE_PATH", "/s", "results.local_storage_path", Path("/s")),
        ("PREFECT_FLOW_DEFAULT_RETRIES", "2", "flows.default_retries", 2),
        ("PREFECT_TASK_DEFAULT_RETRY_DELAY_SECONDS", "1,2", "tasks.default_retry_delay_seconds", [1, 2]),
        ("PREFECT_RUNNER_HEARTBEAT_FREQUENCY", "60", "flows.heartbeat_frequency", 60),
        ("PREFECT_SERVER_ALLOW_EPHEMERAL_MODE", "1", "server.ephemeral.enabled", True),
        ("PREFECT_DEFAULT_RESULT_STORAGE_BLOCK", "s3/x", "results.default_storage_block", "s3/x"),
    ],
)
def test_older_names(name: str, text: str, path: str, value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, text)
    found: object = load_settings()
    for step in path.split("."):
        found = getattr(found, step)
    assert found == value


def test_empty_variables_count_as_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("OSTINATO_API_URL=http://file/api\n")
    monkeypatch.setenv("OSTINATO_API_URL", "")
    assert load_settings().api.url == "http://file/api"


def test_a_profile_asked_for_outranks_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_API_URL", "http://env/api")
    assert load_settings(read_sources("local")).api.url == "http://127.0.0.1:4200/api"


def test_without_a_file_the_ephemeral_profile_is_in_force() -> None:
    assert read_sources().profile.name == "ephemeral"
    assert load_settings().server.ephemeral.enabled


def test_the_environment_picks_a_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_PROFILE", "local")
    assert read_sources().profile.name == "local"
    monkeypatch.setenv("OSTINATO_PROFILE", "nowhere")
    with pytest.raises(ProfileNotFound, match="Unknown profile 'nowhere'"):
        read_sources()


def test_a_profile_of_the_other_program_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_PROFILE", "cloud")
    assert read_sources().profile.name == "ephemeral"
    monkeypatch.setenv("PREFECT_PROFILE", "local")
    assert read_sources().profile.name == "local"


def test_an_unknown_active_profile_falls_back(home: Path) -> None:
    home.mkdir()
    (home / "profiles.toml").write_text('active = "gone"\n')
    assert read_sources().profile.name == "ephemeral"


def test_in_test_mode_profiles_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_TESTING_TEST_MODE", "true")
    assert not load_settings().server.ephemeral.enabled


@pytest.mark.parametrize("name", ["ostinato.toml", "pyproject.toml"])
def test_a_broken_settings_file_is_an_error_that_names_it(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("[client\n")
    with pytest.raises(SettingsError, match=f"{name} is not valid TOML"):
        load_settings()


@pytest.mark.parametrize("text", ["[profiles\n", "profiles = 3\n", "active = 3\n", "[profiles]\nx = 1\n"])
def test_a_broken_profiles_file_is_a_warning(text: str, home: Path) -> None:
    home.mkdir()
    (home / "profiles.toml").write_text(text)
    with pytest.warns(SettingsWarning, match="profiles.toml"):
        assert load_settings().server.ephemeral.enabled


@pytest.mark.parametrize("text", ["tool = 3\n", "[tool]\nostinato = 3\n", "[tool.other]\nx = 1\n"])
def test_other_tables_of_pyproject_do_not_matter(text: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert load_settings().client.max_retries == 5


def test_a_wrong_value_is_named_with_its_origin_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PREFECT_CLIENT_MAX_RETRIES=hunter2\n")
    with pytest.raises(SettingsError, match=r"OSTINATO_CLIENT_MAX_RETRIES \(from \.env file\)") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_mappings_in_toml(tmp_path: Path) -> None:
    (tmp_path / "ostinato.toml").write_text('[client.custom_headers]\nX-Team = "data"\n')
    assert load_settings().client.custom_headers == {"X-Team": "data"}


def test_profiles_path_can_be_elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    (home / "other.toml").write_text('active = "a"\n[profiles.a]\nPREFECT_API_URL = "http://a/api"\n')
    monkeypatch.setenv("PREFECT_PROFILES_PATH", "$PREFECT_HOME/other.toml")
    assert load_settings().api.url == "http://a/api"
