"""What commands print: messages, tables, JSON and relative times, in the manner of the settings."""

import json
import os
import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ostinato.cli.lazy import CommandFailed
from ostinato.cli.params import option
from ostinato.settings import Settings, SettingsError, get_current_settings


@dataclass
class Choices:
    """What the global options and `-o` ask for."""

    prompt: bool | None = None
    json: bool = False


choices = Choices()

UUID_WIDTH = 36
WIDE = 250


def settings_or_defaults() -> Settings:
    """Return the settings in force; the defaults if they are invalid, so that a command can say so or mend it."""
    try:
        return get_current_settings()
    except SettingsError:
        return Settings()


@cache
def console(stderr: bool = False) -> Console:
    """Return the console of results, or of errors and notes."""
    settings = settings_or_defaults().cli
    no_color = True if not settings.colors else None
    stream = sys.stderr if stderr else sys.stdout
    # In a pipe nothing is gained by folding at 80 columns, and `grep` would lose what it looks for.
    width = None if stream.isatty() or os.environ.get("COLUMNS") else WIDE
    return Console(stderr=stderr, no_color=no_color, highlight=False, soft_wrap=not settings.wrap_lines, width=width)


def say(text: str, style: str | None = None) -> None:
    """Print one message, as it is (no markup)."""
    console().print(text, style=style, markup=False, soft_wrap=True)


def succeed(text: str) -> None:
    """Print the line that tells of success."""
    say(text, "green")


def warn(text: str) -> None:
    """Print a yellow note on stderr."""
    console(stderr=True).print(text, style="yellow", markup=False, soft_wrap=True)


def fail(text: str) -> NoReturn:
    """End the command with a red line and code 1."""
    raise CommandFailed(text)


@contextmanager
def checked() -> Generator[None]:
    """End the command with one line for each value that its block finds to be wrong."""
    try:
        yield
    except ValidationError as error:
        problems = [(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors()]
        fail("\n".join(f"{name}: {text.removeprefix('Value error, ')}" for name, text in problems))


def show_error(text: str) -> None:
    """Print the red line of a known problem: on stdout, or on stderr where stdout belongs to JSON."""
    console(stderr=choices.json).print(text, style="red", markup=False, soft_wrap=True)


def is_interactive() -> bool:
    """Whether questions may be asked: by `--prompt`, by the setting `cli.prompt`, else if there is a terminal."""
    if choices.prompt is not None:
        return choices.prompt
    from_settings = settings_or_defaults().cli.prompt
    return from_settings if from_settings is not None else sys.stdin.isatty() and sys.stdout.isatty()


def confirm(question: str) -> None:
    """Ask, if questions may be asked; a no ends the command with code 1."""
    if is_interactive() and not typer.confirm(question, default=False):
        fail("Operation cancelled.")


def _only_json(value: str | None) -> str | None:
    if value is None:
        return None
    if value.lower() != "json":
        fail("Only 'json' output format is supported.")
    choices.json = True
    return "json"


OutputOption = Annotated[
    str | None,
    option("-o", "--output", help="Print JSON for machines: json.", callback=_only_json, metavar="json"),
]
"""The option `-o json`; the parameter is `"json"` or None."""


def print_json(value: Any) -> None:  # any JSON value
    """Print a value as JSON with an indent of 2 and nothing around it."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under a title; ids are never cut or broken. Cells may hold markup (see `plain`)."""
    table = Table(title=title, title_style="bold")
    for column in columns:
        if column == "ID":
            table.add_column(column, style="cyan", no_wrap=True, min_width=UUID_WIDTH)
        else:
            table.add_column(column, overflow="fold", no_wrap=column == "State")
    for row in rows:
        table.add_row(*row)
    console().print(table)


def plain(text: object) -> str:
    """Return text for a cell, with markup in it disarmed."""
    return escape(str(text))


_UNITS = (
    (timedelta(days=365), "year"),
    (timedelta(days=30), "month"),
    (timedelta(weeks=1), "week"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
    (timedelta(seconds=1), "second"),
)


def relative(moment: datetime | None, now: datetime | None = None) -> str:
    """Return the distance of an aware time from now in words: `5 minutes ago`, `in 2 days`; empty for None."""
    if moment is None:
        return ""
    distance = moment - (now or datetime.now(UTC))
    size = abs(distance)
    for unit, name in _UNITS:
        count = size // unit
        if count:
            words = f"{count} {name}{'' if count == 1 else 's'}"
            return f"in {words}" if distance > timedelta(0) else f"{words} ago"
    return "just now"
