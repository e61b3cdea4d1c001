"""Commands that other installed distributions bring, and the environment that they are run with."""

import os
from importlib.metadata import EntryPoint, entry_points

import click
import typer

from ostinato.cli.lazy import CommandFailed, Entry

ENTRY_POINTS = "ostinato.cli"
"""Entry-point group: name of a command -> its typer app."""

_SUMMARIES = {"server": "Start, stop and look after a server."}
_EXTRAS = {"server": 'pip install "ostinato[server]"'}


def extension_entries() -> dict[str, Entry]:
    """Return the commands of other distributions, and those that a missing distribution would bring."""
    entries = {name: Entry(_SUMMARIES[name] + " (not installed)", _Missing(name)) for name in _EXTRAS}
    for found in entry_points(group=ENTRY_POINTS):
        summary = _SUMMARIES.get(found.name) or f"Commands of {found.value.partition('.')[0].partition(':')[0]}."
        entries[found.name] = Entry(summary, _Loader(found))
    return entries


class _Loader:
    """Imports the app of an entry point, after the resolved settings were put into the environment."""

    def __init__(self, entry_point: EntryPoint) -> None:
        self._entry_point = entry_point

    def __call__(self) -> click.Command:
        export_settings()
        try:
            app = self._entry_point.load()
        except ImportError as error:
            place = self._entry_point.value
            raise CommandFailed(f"{self._entry_point.name!r} cannot be loaded from {place}: {error}.") from None
        return typer.main.get_command(app)


def export_settings() -> None:
    """Put settings from files and the profile into `os.environ`: other distributions read only that.

    What the environment sets itself stays, unless `--profile` outranks it.
    """
    from ostinato.settings.current import environment_additions, process_sources

    os.environ.update(environment_additions(process_sources()))


class _Missing:
    """Tells what to install for a command that is not there."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self) -> click.Command:
        raise CommandFailed(f"The command {self._name!r} is not installed. Run: {_EXTRAS[self._name]}")
