"""Logging as people configure it: a file `logging.yml` in place of what is below, and variables for single values."""

from __future__ import annotations

import logging.config
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ostinato.logging.formatters import FLOW_RUN_FORMAT, FORMAT, TASK_RUN_FORMAT, TIME_FORMAT
from ostinato.settings.catalogue import find_setting
from ostinato.settings.errors import SettingsError

if TYPE_CHECKING:
    from ostinato.settings import Settings

# Any below: values of a YAML file.

PREFIXES = ("OSTINATO_LOGGING_", "PREFECT_LOGGING_")
SECTIONS = ("ROOT_", "LOGGERS_", "HANDLERS_", "FORMATTERS_")
_PLACEHOLDER = re.compile(r"\$\{?([A-Z][A-Z0-9_]+)\}?")

DEFAULT: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "standard": {
            "()": "ostinato.logging.formatters.console_formatter",
            "format": FORMAT,
            "flow_run_fmt": FLOW_RUN_FORMAT,
            "task_run_fmt": TASK_RUN_FORMAT,
            "datefmt": TIME_FORMAT,
        },
        "json": {"()": "ostinato.logging.formatters.JsonFormatter"},
    },
    "handlers": {
        "console": {"class": "ostinato.logging.console.ConsoleHandler", "formatter": "standard", "level": 0},
        "api": {"class": "ostinato.logging.handlers.ApiLogHandler", "level": 0},
    },
    "loggers": {
        "ostinato": {"level": "${OSTINATO_LOGGING_LEVEL}", "handlers": ["console"], "propagate": False},
        "ostinato.flow_runs": {"level": "NOTSET", "handlers": ["api"]},
        "ostinato.task_runs": {"level": "NOTSET", "handlers": ["api"]},
        "ostinato._internal": {"level": "${OSTINATO_LOGGING_INTERNAL_LEVEL}"},
    },
}
"""What is set up without a file (then by `ostinato.logging.setup`, which says the same without this module)."""


def configuration(settings: Settings) -> dict[str, Any]:
    """Return the configuration in force, as `logging.config.dictConfig` takes it.

    That is `logging.config_path` if it exists, else `DEFAULT`. `${NAME}` is the value of a setting or variable; a
    value anywhere in it is replaced by a variable such as `OSTINATO_LOGGING_LOGGERS_OSTINATO_FLOW_RUNS_LEVEL`, lists by
    texts with commas. Raises SettingsError for a file that is no configuration.
    """
    path = settings.logging.config_path
    found = _read(path) if path.is_file() else DEFAULT
    variables = {name.upper(): value for name, value in os.environ.items() if is_override(name) and value}
    return _filled(found, (), variables, settings)


def is_override(name: str) -> bool:
    """Whether an environment variable may stand for a value of the configuration."""
    return name.startswith(PREFIXES) and name.partition("_LOGGING_")[2].startswith(SECTIONS)


def apply(settings: Settings) -> None:
    """Set logging up by the configuration in force. Raises SettingsError for one that cannot be used."""
    wanted = configuration(settings)
    wanted.setdefault("version", 1)
    wanted.setdefault("disable_existing_loggers", False)
    try:
        logging.config.dictConfig(wanted)
    except (ValueError, TypeError, AttributeError, ImportError, KeyError) as error:
        cause = error.__cause__ or error
        raise SettingsError(f"{settings.logging.config_path} cannot be used: {error} ({cause})") from error


def _read(path: Path) -> dict[str, Any]:
    import yaml

    try:
        found: object = yaml.safe_load(path.read_text())
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from None
    if not isinstance(found, dict):
        raise SettingsError(f"{path} must be a mapping, as `logging.config.dictConfig` takes it.")
    return cast("dict[str, Any]", found)


def _filled(value: Any, path: tuple[str, ...], variables: Mapping[str, str], settings: Settings) -> Any:
    if isinstance(value, dict):
        members = cast("dict[Any, Any]", value)
        return {key: _filled(item, (*path, str(key)), variables, settings) for key, item in members.items()}
    text = _override(path, variables)
    if text is not None:
        return [item.strip() for item in text.split(",")] if isinstance(value, list) else _typed(text, value)
    return _PLACEHOLDER.sub(lambda found: _named(found, settings), value) if isinstance(value, str) else value


def _override(path: tuple[str, ...], variables: Mapping[str, str]) -> str | None:
    own = re.sub(r"[^A-Z0-9]+", "_", "_".join(path).upper())
    names = [prefix + name for prefix in PREFIXES for name in (own, own.replace("OSTINATO", "PREFECT"))]
    return next((variables[name] for name in names if name in variables), None)


def _typed(text: str, before: Any) -> Any:
    if isinstance(before, bool):
        return text.lower() in {"1", "true", "yes", "on"}
    return int(text) if isinstance(before, int) and text.isdigit() else text


def _named(found: re.Match[str], settings: Settings) -> str:
    name = found.group(1)
    setting = find_setting(name)
    if setting is None or not setting.path:
        return os.environ.get(name, found.group(0))
    value: Any = settings
    for step in setting.path:
        value = getattr(value, step)
    return setting.to_text(value)
