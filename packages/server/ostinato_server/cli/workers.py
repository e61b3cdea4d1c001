"""`server start --workers N`: the API in several processes, which share a PostgreSQL and a Redis."""

import os
import sys
from typing import TYPE_CHECKING, NoReturn

from ostinato_server.cli.output import fail

if TYPE_CHECKING:
    from ostinato_core.settings import ServerSettings

_OPTIONS = {
    "OSTINATO_SERVER_API_HOST": "api_host",
    "OSTINATO_SERVER_API_PORT": "api_port",
    "OSTINATO_SERVER_API_WORKERS": "api_workers",
    "OSTINATO_SERVER_API_KEEPALIVE_TIMEOUT": "api_keepalive_timeout",
    "OSTINATO_SERVER_LOGGING_LEVEL": "logging_level",
    "OSTINATO_SERVER_UI_ENABLED": "ui_enabled",
}
"""What options of the command say, as the processes read it."""


def check_shared(settings: "ServerSettings") -> None:
    """End the command, naming what is missing, where several processes could not share what they must."""
    missing: list[str] = []
    if not settings.database_url().startswith("postgresql"):
        missing.append("OSTINATO_API_DATABASE_CONNECTION_URL (a PostgreSQL)")
    if settings.redis_url is None:
        missing.append("OSTINATO_REDIS_URL (a Redis or Valkey)")
    if missing:
        fail(f"Several workers need what they can share. Set {' and '.join(missing)}, or leave out --workers.")


def become_workers(settings: "ServerSettings") -> NoReturn:
    """Bring the database up to date, and go on as gunicorn with `api_workers` processes."""
    from ostinato_core.encryption.source import ensure_key_file
    from ostinato_migrator.migrate import upgrade

    ensure_key_file(settings)
    if settings.database_migrate_on_start:
        upgrade(settings)
    environment = os.environ | {name: str(getattr(settings, member)) for name, member in _OPTIONS.items()}
    application = ["-c", "python:ostinato_api.gunicorn", "ostinato_api.gunicorn:application"]
    os.execve(sys.executable, [sys.executable, "-m", "gunicorn", *application], environment)  # noqa: S606 - fixed words
