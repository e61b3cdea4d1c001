"""`ostinato version`: versions of Ostinato and of what it runs on, without asking any server."""

import platform
import re
import sqlite3
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distributions, requires, version
from typing import Annotated

import pydantic

from ostinato.cli import output
from ostinato.cli.lazy import new_app
from ostinato.cli.params import option
from ostinato.settings import Settings, get_current_profile
from ostinato.settings.catalogue import find_setting
from ostinato.settings.current import process_sources
from ostinato_wire import API_VERSION

SERVER = "ostinato-server"
"""The distribution that brings the server."""

app = new_app("Show versions of Ostinato and what it runs on.")


_EXTRA = re.compile(r"""([\w.-]+).*; extra == ['"]([\w-]+)['"]""")
"""A requirement of an extra, as the metadata of a distribution have it: the name, and the extra."""
_GROUP = "ostinato."
"""How the entry-point groups begin through which a distribution brings commands, settings or blocks."""


@app.command("version")
def show(
    omit_integrations: Annotated[bool, option("--omit-integrations", help="Leave out what extends Ostinato.")] = False,
) -> None:
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
    }
    _say_lines(lines)
    output.say("Server:")
    _say_lines(_of_server(), indent="  ")
    integrations = {} if omit_integrations else dict(sorted(_integrations()))
    if integrations:
        output.say("Integrations:")
        _say_lines(integrations, indent="  ")


def _say_lines(lines: dict[str, str], indent: str = "") -> None:
    for key, value in lines.items():
        output.say(f"{indent}{key + ':':<{21 - len(indent)}} {value}")


def server_type(settings: Settings) -> str:
    """Return what kind of server commands talk to: `server`, `ephemeral` or `unconfigured`."""
    if settings.api.url:
        return "server"
    return "ephemeral" if settings.server.ephemeral.enabled else "unconfigured"


def _of_server() -> dict[str, str]:
    """Return what is told of the server of this machine; the version of a PostgreSQL is known to that alone."""
    try:
        lines = {"Version": version(SERVER)}
    except PackageNotFoundError:
        return {"Version": "not installed"}
    setting = find_setting("OSTINATO_API_DATABASE_CONNECTION_URL")
    found = process_sources().find(setting) if setting is not None else None
    database = str(found[0]).partition(":")[0].partition("+")[0] if found else "sqlite"
    lines["Database"] = database
    return lines | ({"SQLite version": sqlite3.sqlite_version} if database == "sqlite" else {})


def _integrations() -> Iterator[tuple[str, str]]:
    """Yield name and version of each library of an extra, and each distribution that extends us, that are installed."""
    for requirement in requires("ostinato") or ():
        wanted = _EXTRA.match(requirement)
        if wanted is None or wanted[1] == SERVER:
            continue
        try:
            yield wanted[1], version(wanted[1])
        except PackageNotFoundError:
            continue
    for found in distributions():
        if found.name != SERVER and any(point.group.startswith(_GROUP) for point in found.entry_points):
            yield found.name, found.version
