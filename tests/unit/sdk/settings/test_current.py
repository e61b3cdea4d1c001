"""The settings in force: temporary changes, threads, and what children are given."""

import threading
from contextvars import copy_context
from pathlib import Path

import pytest

from ostinato.context import SettingsContext
from ostinato.settings import (
    OSTINATO_API_URL,
    PREFECT_API_URL,
    Profile,
    ProfileNotFound,
    SettingsError,
    get_current_profile,
    get_current_settings,
    resolved_environment,
    temporary_settings,
    use_profile,
)
from ostinato.settings.current import reread_sources
from tests.support.settings import install


def test_changes_end_with_the_block() -> None:
    with temporary_settings({"api.url": "http://a/api"}) as settings:
        assert get_current_settings() is settings
        with temporary_settings({"PREFECT_API_KEY": "k", "OSTINATO_CLIENT_MAX_RETRIES": "0"}) as inner:
            assert (inner.api.url, inner.client.max_retries) == ("http://a/api", 0)
    assert get_current_settings().api.url is None


def test_defaults_can_be_restored() -> None:
    with (
        temporary_settings({"api.url": "http://a/api", "client.max_retries": 1}),
        temporary_settings(restore_defaults=["api.url", "OSTINATO_CLIENT_MAX_RETRIES", "ui.url"]) as settings,
    ):
        assert (settings.api.url, settings.client.max_retries, settings.ui.url) == (None, 5, None)


@pytest.mark.parametrize("name", ["api.urls", "OSTINATO_NOTHING", "api"])
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="Unknown setting"), temporary_settings({name: "x"}):
        pass


def test_wrong_values_are_refused() -> None:
    with (
        pytest.raises(SettingsError, match="OSTINATO_CLIENT_MAX_RETRIES: Input should be greater"),
        temporary_settings({"client.max_retries": -1}),
    ):
        pass


def test_a_thread_with_the_context_sees_the_change() -> None:
    seen: list[str | None] = []
    with temporary_settings({"api.url": "http://a/api"}):
        context = copy_context()
    thread = threading.Thread(target=lambda: seen.append(context.run(get_current_settings).api.url))
    thread.start()
    thread.join()
    assert seen == ["http://a/api"]


def test_children_are_given_files_profile_and_contributed_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = """
from typing import Annotated
from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, NoDecode

class Contributed(BaseSettings):
    port: int = Field(1, validation_alias=AliasChoices("OSTINATO_DEMO_PORT", "PREFECT_DEMO_PORT"))
    hosts: list[str] = Field([], validation_alias="OSTINATO_DEMO_HOSTS")
    origins: Annotated[list[str], NoDecode] = Field([], validation_alias="OSTINATO_DEMO_ORIGINS")
    host: str = Field("x", validation_alias="OSTINATO_DEMO_HOST")
"""
    install(tmp_path, monkeypatch, "demo_settings", source, "[ostinato.settings]\ndemo = demo_settings:Contributed\n")
    (tmp_path / "ostinato.toml").write_text(
        '[demo]\nport = 7\nhosts = ["a"]\norigins = ["b", "c"]\nhost = "file"\n[logging]\nlevel = "ERROR"\n'
    )
    monkeypatch.setenv("PREFECT_DEMO_HOST", "env")
    reread_sources()
    with temporary_settings({"api.url": "http://a/api"}):
        environment = resolved_environment()
    assert {name: environment.get(f"OSTINATO_{name}") for name in ("DEMO_PORT", "DEMO_HOSTS", "DEMO_ORIGINS")} == {
        "DEMO_PORT": "7",
        "DEMO_HOSTS": '["a"]',
        "DEMO_ORIGINS": "b,c",
    }
    assert "OSTINATO_DEMO_HOST" not in environment
    assert environment["PREFECT_DEMO_HOST"] == "env"
    assert environment["OSTINATO_LOGGING_LEVEL"] == "ERROR"
    assert environment["OSTINATO_SERVER_EPHEMERAL_ENABLED"] == "true"
    assert environment["OSTINATO_API_URL"] == "http://a/api"


def test_defaults_are_for_what_nobody_has_set() -> None:
    with (
        temporary_settings({"api.url": "http://a/api"}),
        temporary_settings(set_defaults={"api.url": "http://b/api", "client.max_retries": 1}) as settings,
    ):
        assert (settings.api.url, settings.client.max_retries) == ("http://a/api", 1)


def test_a_setting_has_a_name_to_import() -> None:
    with temporary_settings({PREFECT_API_URL: "http://a/api"}):
        assert OSTINATO_API_URL.value() == "http://a/api"
    assert OSTINATO_API_URL.value() is None
    assert PREFECT_API_URL == "OSTINATO_API_URL"


def test_a_profile_is_used_for_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    with use_profile("local") as settings:
        assert settings.api.url == "http://127.0.0.1:4200/api"
        assert SettingsContext.get().profile.name == get_current_profile().name == "local"
    assert get_current_profile().name == "ephemeral"
    monkeypatch.setenv("OSTINATO_API_URL", "http://env/api")
    with use_profile("local") as settings:
        assert settings.api.url == "http://env/api"
    with use_profile("local", override_environment_variables=True) as settings:
        assert settings.api.url == "http://127.0.0.1:4200/api"
    mine = Profile("mine", {"PREFECT_API_KEY": "k"})
    with (
        temporary_settings({"client.max_retries": 1}),
        use_profile(mine) as around,
        use_profile(mine, include_current_context=False) as alone,
    ):
        assert (around.client.max_retries, alone.client.max_retries) == (1, 5)
        assert alone.api.url == "http://env/api"
    with pytest.raises(ProfileNotFound), use_profile("nobody"):
        pass
