"""The API under gunicorn: `gunicorn -c python:ostinato_api.gunicorn ostinato_api.gunicorn:application`.

The names in lower case are gunicorn's settings; `application` makes what each of its workers serves.
"""

import math
import sys
from contextlib import AsyncExitStack
from typing import Final

from aiohttp import web

from ostinato_api import draining
from ostinato_api.app import create_app
from ostinato_api.services import open_services, serving
from ostinato_core.errors import Fact
from ostinato_core.json_log import JsonFormatter, configure_logging
from ostinato_core.memory import settle
from ostinato_core.settings import server_settings

APP_LOAD_ERROR: Final = 4
"""The exit code at which gunicorn gives up instead of starting the worker anew."""

_settings = server_settings()
bind = f"{_settings.api_host}:{_settings.api_port}"
workers = _settings.api_workers
worker_class = "ostinato_api.gunicorn_worker.DrainingWorker"
# After this gunicorn kills: those under way get their time after the leave, which takes its own.
graceful_timeout = _settings.api_drain_timeout + math.ceil(draining.OPEN_SECONDS + draining.INSIDE_SECONDS) + 1
# A worker that starts may wait for the migrator; one that serves gives signs of life all the time.
timeout = int(_settings.api_schema_timeout) + 60
worker_tmp_dir = "/dev/shm" if sys.platform == "linux" else None  # noqa: S108 - memory, not a shared folder
accesslog = None
errorlog = "-"
loglevel = _settings.logging_level.lower()
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonFormatter}},
    "handlers": {"json": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "WARNING", "handlers": ["json"]},
    "loggers": {"gunicorn.error": {"level": loglevel.upper(), "handlers": ["json"], "propagate": False}},
}


async def application() -> web.AppRunner:
    """Return what serves an application, which holds what it stands on until it is cleaned up.

    A fact that keeps it from starting is told in one line, and ends gunicorn.
    """
    settings = server_settings()
    configure_logging(settings.logging_level)
    async with AsyncExitStack() as stack:
        try:
            services = await stack.enter_async_context(open_services(settings))
            await stack.enter_async_context(serving(services, schema_within=settings.api_schema_timeout))
        except Fact as fact:
            sys.stderr.write(f"{fact}\n")
            sys.exit(APP_LOAD_ERROR)
        app = create_app(services, ui=settings.ui_folder)
        held = stack.pop_all()
    app.on_cleanup.append(lambda _app: held.aclose())
    settle()
    runner = web.AppRunner(
        app,
        access_log=None,
        keepalive_timeout=settings.api_keepalive_timeout,
        shutdown_timeout=settings.api_drain_timeout,
    )
    draining.is_served_by(runner)
    return runner
