"""The tree of settings: derived members, forms of values, and the way to child processes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ostinato.settings import Settings
from ostinato.settings.model import ui_url_of


def test_paths_are_below_home_unless_set() -> None:
    settings = Settings.model_validate({"home": "/a", "logging": {"config_path": "$PREFECT_HOME/own.yml"}})
    assert settings.profiles_path == Path("/a/profiles.toml")
    assert settings.results.local_storage_path == Path("/a/storage")
    assert settings.logging.config_path == Path("/a/own.yml")


@pytest.mark.parametrize(
    ("api_url", "ui_url"),
    [
        ("http://127.0.0.1:4200/api", "http://127.0.0.1:4200"),
        ("https://flows.example.org/api/v2", "https://flows.example.org/v2"),
        ("https://api.example.org", "https://api.example.org"),
    ],
)
def test_ui_url_follows_the_api_url(api_url: str, ui_url: str) -> None:
    assert ui_url_of(api_url) == ui_url
    assert Settings.model_validate({"api": {"url": api_url}}).ui.url == ui_url


def test_a_set_ui_url_stays() -> None:
    settings = Settings.model_validate({"api": {"url": "http://a/api"}, "ui": {"url": "http://b"}})
    assert settings.ui.url == "http://b"


def test_debug_mode_lowers_both_levels() -> None:
    logging = Settings.model_validate({"debug_mode": "true", "logging": {"level": "ERROR"}}).logging
    assert (logging.level, logging.internal_level) == ("DEBUG", "DEBUG")


def test_derived_members_are_not_handed_to_children() -> None:
    settings = Settings.model_validate({"debug_mode": True, "api": {"url": "http://a/api/", "key": "s3cret"}})
    assert settings.to_environment_variables() == {
        "OSTINATO_DEBUG_MODE": "true",
        "OSTINATO_API_URL": "http://a/api",
        "OSTINATO_API_KEY": "s3cret",
    }


def test_without_exclude_unset_every_value_is_there() -> None:
    variables = Settings().to_environment_variables(exclude_unset=False)
    assert variables["OSTINATO_CLIENT_MAX_RETRIES"] == "5"
    assert "OSTINATO_API_URL" not in variables


@pytest.mark.parametrize("url", ["bla", "ftp://a", "127.0.0.1:4200/api"])
def test_an_api_url_needs_its_scheme(url: str) -> None:
    with pytest.raises(ValidationError, match="http:// or https://"):
        Settings.model_validate({"api": {"url": url}})


@given(
    codes=st.frozensets(st.integers(100, 599)),
    delays=st.lists(st.floats(0, 1e6), min_size=1),
    headers=st.dictionaries(st.text(), st.text()),
    loggers=st.lists(st.text()),
    level=st.sampled_from(["debug", "INFO", "Warning"]),
)
def test_text_of_variables_reads_back(
    codes: frozenset[int], delays: list[float], headers: dict[str, str], loggers: list[str], level: str
) -> None:
    settings = Settings.model_validate(
        {
            "client": {"retry_extra_codes": codes, "custom_headers": headers},
            "tasks": {"default_retry_delay_seconds": delays},
            "logging": {"extra_loggers": loggers, "level": level},
        }
    )
    text = settings.to_environment_variables()
    again = Settings.model_validate(
        {
            "client": {
                "retry_extra_codes": text["OSTINATO_CLIENT_RETRY_EXTRA_CODES"],
                "custom_headers": text["OSTINATO_CLIENT_CUSTOM_HEADERS"],
            },
            "tasks": {"default_retry_delay_seconds": text["OSTINATO_TASKS_DEFAULT_RETRY_DELAY_SECONDS"]},
            "logging": {
                "extra_loggers": text["OSTINATO_LOGGING_EXTRA_LOGGERS"],
                "level": text["OSTINATO_LOGGING_LEVEL"],
            },
        }
    )
    assert again == settings


@pytest.mark.parametrize(("text", "value"), [("3", 3), ("0.5", 0.5), ("1,2.5", [1, 2.5]), ("[1, 2]", [1, 2])])
def test_a_delay_is_a_number_or_several(text: str, value: object) -> None:
    assert (
        Settings.model_validate({"tasks": {"default_retry_delay_seconds": text}}).tasks.default_retry_delay_seconds
        == value
    )
