"""Logging by a file of one's own, by variables, as JSON and with markup."""

import json
import logging
from collections.abc import Generator
from pathlib import Path

import pytest

from ostinato.logging import flow_run_logger, get_logger
from ostinato.logging.configuration import DEFAULT, configuration
from ostinato.logging.formatters import JsonFormatter, MarkupFormatter, RunFormatter
from ostinato.logging.setup import configure_logging
from ostinato.settings import SettingsError, get_current_settings, temporary_settings
from tests.support.runs import flow_context

FILE = """
formatters:
  brief:
    (): ostinato.logging.formatters.RunFormatter
    format: "%(levelname)s %(message)s"
    flow_run_fmt: "run %(flow_run_name)s: %(message)s"
handlers:
  console:
    class: ostinato.logging.console.ConsoleHandler
    formatter: brief
loggers:
  ostinato:
    level: ${OSTINATO_LOGGING_LEVEL}
    handlers: [console]
    propagate: false
  shop:
    level: ${SHOP_LEVEL}
    handlers: [console]
"""


@pytest.fixture
def config(tmp_path: Path) -> Generator[Path]:
    """The path of a configuration; afterwards logging is as it was."""
    path = tmp_path / "logging.yml"
    with temporary_settings({"logging.config_path": path, "logging.to_api.enabled": False}):
        yield path
    configure_logging(again=True)
    for name in ("shop", "ostinato.flow_runs"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).setLevel(logging.NOTSET)
    configure_logging(again=True)


def test_a_file_replaces_what_is_set_up_otherwise(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHOP_LEVEL", "ERROR")
    config.write_text(FILE)
    with temporary_settings({"logging.level": "WARNING"}):
        configure_logging(again=True)
    get_logger("x").info("quiet")
    get_logger("x").warning("loud")
    logging.getLogger("shop").warning("quiet")
    logging.getLogger("shop").error("shop is loud")
    flow_run_logger(flow_context("red-fox").flow_run).warning("of a run")
    assert capsys.readouterr().err.splitlines() == ["WARNING loud", "ERROR shop is loud", "run red-fox: of a run"]


def test_a_variable_stands_for_any_value(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OSTINATO_LOGGING_LOGGERS_OSTINATO_FLOW_RUNS_LEVEL", "ERROR")
    monkeypatch.setenv("PREFECT_LOGGING_FORMATTERS_STANDARD_FLOW_RUN_FMT", "own %(message)s")
    configure_logging(again=True)
    logger = flow_run_logger(flow_context().flow_run)
    logger.warning("quiet")
    logger.error("loud")
    assert capsys.readouterr().err == "own loud\n"


def test_lists_are_texts_with_commas(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_LOGGING_LOGGERS_OSTINATO_HANDLERS", "console, api")
    monkeypatch.setenv("OSTINATO_LOGGING_LOGGERS_OSTINATO_PROPAGATE", "true")
    loggers = configuration(get_current_settings())["loggers"]
    assert loggers["ostinato"] == {"level": "INFO", "handlers": ["console", "api"], "propagate": True}
    assert DEFAULT["loggers"]["ostinato"]["propagate"] is False


@pytest.mark.parametrize("text", ["a: [", "- a", "handlers: {x: {class: no.such.Handler}}"])
def test_a_file_that_cannot_be_used_is_named(config: Path, text: str) -> None:
    config.write_text(text)
    with pytest.raises(SettingsError, match=r"logging\.yml"):
        configure_logging(again=True)
    config.unlink()


def test_the_standard_configuration_says_what_is_set_up_without(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import yaml

    configure_logging(again=True)
    get_logger("x").info("one")
    config.write_text(yaml.safe_dump(DEFAULT))
    configure_logging(again=True)
    get_logger("x").info("one")
    first, second = (line.partition(" | ")[2] for line in capsys.readouterr().err.splitlines())
    assert first == second == "INFO    | ostinato.x - one"


def test_json_has_what_extra_says() -> None:
    record = logging.makeLogRecord(
        {"name": "n", "levelname": "INFO", "msg": "%s rows", "args": (3,), "flow_run_id": "x"}
    )
    told = json.loads(JsonFormatter().format(record))
    assert (told["name"], told["level"], told["message"], told["flow_run_id"]) == ("n", "INFO", "3 rows", "x")


def test_markup_is_colour_on_a_terminal_and_nothing_elsewhere() -> None:
    record = logging.makeLogRecord({"name": "n", "levelname": "INFO", "msg": "%s [/x]", "args": ("loud",)})
    assert MarkupFormatter().format(record).endswith("n - loud [/x]")
    record.msg = "[bold]%s[/]"
    assert MarkupFormatter().format(record).endswith("n - loud")
    assert "\x1b[1mloud" in MarkupFormatter(colored=True).format(record)


def test_markup_is_a_setting(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with temporary_settings({"logging.markup": True}):
        configure_logging(again=True)
    get_logger("x").info("[bold]loud[/]")
    assert capsys.readouterr().err.endswith("ostinato.x - loud\n")


def test_a_template_of_runs_needs_no_run() -> None:
    record = logging.makeLogRecord({"name": "ostinato.flow_runs", "levelname": "INFO", "msg": "m"})
    formatter = RunFormatter("plain %(message)s", flow_run_fmt="%(flow_run_name)s")
    assert formatter.format(record) == "plain m"
