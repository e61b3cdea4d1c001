"""`ostinato version`: versions of Ostinato and of what it runs on, without asking any server."""

import platform
import sqlite3
import sys
from importlib.metadata import PackageNotFoundError, version

import pydantic

from ostinato.cli import output
from ostinato.cli.lazy import new_app
from ostinato.settings import Settings, get_current_profile
from ostinato_wire import API_VERSION

app = new_app("Show versions of Ostinato and what it runs on.")


@app.command("version")
def show() -> None:
    """Show versions of Ostinato and of what it runs on."""
    settings = output.settings_or_defaults()
    lines = {
        "Version": version("ostinato"),
        "API version": API_VERSION,
        "Python version": platform.python_version(),
        "OS/Arch": f"{sys.platform}/{platform.machine()}",
        "Profile": get_current_profile().name,
        "Server type": server_type(settings),
        "Pydantic version": pydantic.VERSION,
        "SQLite version": sqlite3.sqlite_version,
        "Server version": _server_version(),
    }
    for key, value in lines.items():
        output.say(f"{key + ':':<21} {value}")


def server_type(settings: Settings) -> str:
    """Return what kind of server commands talk to: `server`, `ephemeral` or `unconfigured`."""
    if settings.api.url:
        return "server"
    return "ephemeral" if settings.server.ephemeral.enabled else "unconfigured"


def _server_version() -> str:
    try:
        return version("ostinato-server")
    except PackageNotFoundError:
        return "not installed"
