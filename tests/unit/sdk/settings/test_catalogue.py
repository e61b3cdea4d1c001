"""The list of settings: own ones, and those found in models of other distributions."""

from pathlib import Path

import pytest
from pydantic import AliasChoices, BaseModel, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ostinato.settings import SettingsWarning
from ostinato.settings.catalogue import all_settings, contributed_settings, find_setting, own_settings
from tests.support.settings import install


class Database(BaseModel):
    url: SecretStr | None = None
    size: int = Field(default=5, ge=1)


class Api(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="OSTINATO_API_")
    port: int = 4200


class Contributed(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="OSTINATO_SERVER_", env_nested_delimiter="__")
    database: Database = Field(default_factory=Database)
    api: Api = Field(default_factory=Api)
    level: str = Field(default="INFO", validation_alias=AliasChoices("PREFECT_SERVER_LEVEL", "OSTINATO_OLD_LEVEL"))
    hosts: list[str] = []
    needed: int

    @field_validator("level")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in {"INFO", "ERROR"}:
            raise ValueError("no such level")
        return value


def test_names_of_a_contributed_model() -> None:
    found = {setting.name: setting.accepted for setting in contributed_settings(Contributed)}
    assert found == {
        "OSTINATO_SERVER_DATABASE__URL": ("OSTINATO_SERVER_DATABASE__URL", "PREFECT_SERVER_DATABASE__URL"),
        "OSTINATO_SERVER_DATABASE__SIZE": ("OSTINATO_SERVER_DATABASE__SIZE", "PREFECT_SERVER_DATABASE__SIZE"),
        "OSTINATO_API_PORT": ("OSTINATO_API_PORT", "PREFECT_API_PORT"),
        "OSTINATO_SERVER_LEVEL": (
            "OSTINATO_SERVER_LEVEL",
            "OSTINATO_OLD_LEVEL",
            "PREFECT_SERVER_LEVEL",
            "PREFECT_OLD_LEVEL",
        ),
        "OSTINATO_SERVER_HOSTS": ("OSTINATO_SERVER_HOSTS", "PREFECT_SERVER_HOSTS"),
        "OSTINATO_SERVER_NEEDED": ("OSTINATO_SERVER_NEEDED", "PREFECT_SERVER_NEEDED"),
    }


def test_secrets_and_defaults_of_a_contributed_model() -> None:
    found = {setting.name: setting for setting in contributed_settings(Contributed)}
    assert [name for name, setting in found.items() if setting.secret] == ["OSTINATO_SERVER_DATABASE__URL"]
    assert found["OSTINATO_SERVER_DATABASE__SIZE"].default == 5


@pytest.mark.parametrize(
    ("name", "good", "bad", "reason"),
    [
        ("OSTINATO_SERVER_DATABASE__SIZE", "2", "0", "greater than or equal to 1"),
        ("OSTINATO_SERVER_LEVEL", "ERROR", "loud", "no such level"),
        ("OSTINATO_SERVER_HOSTS", '["a"]', "a", "valid list"),
        ("OSTINATO_API_PORT", "1", "x", "valid integer"),
    ],
)
def test_values_are_checked_by_their_own_model(name: str, good: str, bad: str, reason: str) -> None:
    setting = {setting.name: setting for setting in contributed_settings(Contributed)}[name]
    setting.check(good)
    with pytest.raises(ValueError, match=reason):
        setting.check(bad)


def test_every_own_setting_takes_its_default_and_is_explained() -> None:
    for setting in own_settings().values():
        assert setting.field.description
        assert setting.name == "OSTINATO_" + "_".join(setting.path).upper()
    assert {name for name, setting in own_settings().items() if setting.secret} == {
        "OSTINATO_API_KEY",
        "OSTINATO_API_AUTH_STRING",
    }


def test_settings_are_found_by_any_name_in_any_case() -> None:
    for name in ("OSTINATO_INTERNAL_LOGGING_LEVEL", "prefect_logging_internal_level"):
        setting = find_setting(name)
        assert setting is not None
        assert setting.name == "OSTINATO_LOGGING_INTERNAL_LEVEL"


def test_a_distribution_that_cannot_be_imported_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(
        tmp_path, monkeypatch, "broken_demo", "import nothing_of_the_kind\n", "[ostinato.settings]\nx = broken_demo:X\n"
    )
    with pytest.warns(SettingsWarning, match="broken_demo:X are left out"):
        assert all_settings().keys() >= own_settings().keys()
