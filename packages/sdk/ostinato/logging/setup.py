"""Hangs the handlers on the loggers, once per process, when a logger is first asked for."""

from __future__ import annotations

import logging
import os
from threading import RLock
from typing import TYPE_CHECKING

from ostinato.logging.console import ConsoleFormatter, ConsoleHandler, wants_color
from ostinato.logging.handlers import ApiLogHandler
from ostinato.logging.names import FLOW_RUNS, INTERNAL, ROOT, TASK_RUNS
from ostinato.settings import get_current_settings

if TYPE_CHECKING:
    from ostinato.settings import Settings

_lock = RLock()
_configured: list[logging.Logger] = []


def configure_logging(*, again: bool = False) -> None:
    """Set up the loggers by the settings in force; later calls do nothing unless `again`.

    Raises SettingsError for a configuration of one's own that cannot be used (`ostinato.logging.configuration`).
    """
    if _configured and not again:
        return
    with _lock:
        if _configured and not again:
            return
        _configure()


def _configure() -> None:
    for logger in _configured:
        logger.handlers = [h for h in logger.handlers if not isinstance(h, ConsoleHandler | ApiLogHandler)]
    _configured.clear()
    settings = get_current_settings()
    if _is_custom(settings):
        from ostinato.logging.configuration import apply

        apply(settings)
    else:
        _set_up(settings)
    _configured.extend([logging.getLogger(ROOT), logging.getLogger(FLOW_RUNS), logging.getLogger(TASK_RUNS)])
    _add_extra(settings)


def _is_custom(settings: Settings) -> bool:
    """Whether there is a configuration of one's own; setting up without takes a fraction of the time."""
    if settings.logging.config_path.is_file():
        return True
    sections = ("LOGGING_ROOT_", "LOGGING_LOGGERS_", "LOGGING_HANDLERS_", "LOGGING_FORMATTERS_")
    return any(name.startswith(("OSTINATO_", "PREFECT_")) and any(s in name for s in sections) for name in os.environ)


def _set_up(settings: Settings) -> None:
    console = ConsoleHandler()
    console.setFormatter(_formatter(settings))
    root = logging.getLogger(ROOT)
    root.setLevel(settings.logging.level)
    root.addHandler(console)
    root.propagate = False
    logging.getLogger(INTERNAL).setLevel(settings.logging.internal_level)
    to_api = ApiLogHandler()
    for name in (FLOW_RUNS, TASK_RUNS):
        logging.getLogger(name).addHandler(to_api)


def _formatter(settings: Settings) -> logging.Formatter:
    if not settings.logging.markup:
        return ConsoleFormatter(colored=wants_color(settings.logging.colors))
    from ostinato.logging.formatters import console_formatter

    return console_formatter()


def _add_extra(settings: Settings) -> None:
    """Let the records of other loggers go where those of runs go."""
    if not settings.logging.extra_loggers:
        return
    console, to_api = ConsoleHandler(), ApiLogHandler()
    console.setFormatter(_formatter(settings))
    for name in settings.logging.extra_loggers:
        logger = logging.getLogger(name)
        logger.addHandler(console)
        logger.addHandler(to_api)
        if logger.level == logging.NOTSET:
            logger.setLevel(settings.logging.level)
        _configured.append(logger)
