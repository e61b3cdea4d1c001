"""Hangs the handlers on the loggers, once per process, when a logger is first asked for."""

from __future__ import annotations

import logging
from threading import RLock

from ostinato.logging.console import ConsoleFormatter, ConsoleHandler, wants_color
from ostinato.logging.handlers import ApiLogHandler
from ostinato.logging.names import FLOW_RUNS, INTERNAL, ROOT, TASK_RUNS
from ostinato.settings import get_current_settings

_lock = RLock()
_configured: list[logging.Logger] = []


def configure_logging(*, again: bool = False) -> None:
    """Set up the loggers by the settings in force; later calls do nothing unless `again`."""
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
    settings = get_current_settings().logging
    console = ConsoleHandler()
    console.setFormatter(ConsoleFormatter(colored=wants_color(settings.colors)))
    root = logging.getLogger(ROOT)
    root.setLevel(settings.level)
    root.addHandler(console)
    root.propagate = False
    logging.getLogger(INTERNAL).setLevel(settings.internal_level)
    to_api = ApiLogHandler()
    for name in (FLOW_RUNS, TASK_RUNS):
        logging.getLogger(name).addHandler(to_api)
    extra = [logging.getLogger(name) for name in settings.extra_loggers]
    for logger in extra:
        logger.addHandler(console)
        logger.addHandler(to_api)
        if logger.level == logging.NOTSET:
            logger.setLevel(settings.level)
    _configured.extend([root, logging.getLogger(FLOW_RUNS), logging.getLogger(TASK_RUNS), *extra])
