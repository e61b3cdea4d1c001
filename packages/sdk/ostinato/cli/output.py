"""What commands print: messages, tables, JSON and relative times, in the manner of the settings."""

import json
import os
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ostinato.cli.lazy import CommandFailed
from ostinato.cli.params import option
from ostinato.settings import Settings, SettingsError, get_current_settings

Item = TypeVar("Item")


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


def note(text: str) -> None:
    """Print a note on stderr, beside what the command prints for other programs."""
    console(stderr=True).print(text, markup=False, soft_wrap=True)


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
        fail("\n".join(problems(error)))


def problems(error: ValidationError) -> list[str]:
    """Return a line for each value that is wrong: which one, and what about it."""
    found = [(".".join(map(str, each["loc"])), each["msg"].removeprefix("Value error, ")) for each in error.errors()]
    return [f"{name}: {text}" if name else text for name, text in found]


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


def insist(question: str, yes: bool = False) -> None:
    """Ask even where nobody can answer, unless `yes`: a script must not do such a thing by accident."""
    if yes:
        return
    if choices.prompt is False:
        fail("Operation cancelled: this is always asked, and --no-prompt forbids it.")
    try:
        agreed = typer.confirm(question, default=False)
    except typer.Abort:
        fail("Operation cancelled: nobody is there to answer.")
    if not agreed:
        fail("Operation cancelled.")


def ask(question: str, missing: str) -> str:
    """Return the answer to a question; where none may be asked, the command ends with `missing`."""
    if not is_interactive():
        fail(missing)
    return str(typer.prompt(question))


def choose(question: str, offered: Sequence[str], missing: str) -> str:
    """Return one of the texts offered; where no question may be asked, the command ends with `missing`."""
    if not is_interactive():
        fail(missing)
    for number, text in enumerate(offered, start=1):
        say(f"  {number:>2}  {text}")
    while True:
        answer = str(typer.prompt(question)).strip()
        if answer in offered:
            return answer
        if answer.isdigit() and 1 <= int(answer) <= len(offered):
            return offered[int(answer) - 1]
        warn(f"Give a number from 1 to {len(offered)}, or one of the names.")


_LONG = 5
"""Of fewer items the progress is not worth a bar."""


def progress(items: Sequence[Item], doing: str) -> Iterator[Item]:
    """Yield the items; show how far they are, on a terminal only, in a bar that is gone at the end."""
    if len(items) < _LONG or not sys.stderr.isatty():
        yield from items
        return
    from rich.progress import track

    yield from track(items, f"{doing} ...", console=console(stderr=True), transient=True)


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


def _a_form(value: str | None) -> str | None:
    if value is None:
        return None
    if value.lower() not in FORMS:
        fail("Only 'json' and 'yaml' output formats are supported.")
    choices.json = True
    return value.lower()


FORMS = ("json", "yaml")

FormOption = Annotated[
    str | None,
    option("-o", "--output", help="Print for machines: json or yaml.", callback=_a_form, metavar="json|yaml"),
]
"""The option `-o json|yaml`; the parameter is one of `FORMS` or None."""


def chosen_form(form: str | None, *, yaml: bool, json: bool) -> str | None:
    """Return the form of `-o`, `--yaml` and `--json`, of which one at most may be given."""
    chosen = [form] if form else []
    chosen += [name for name, given in (("yaml", yaml), ("json", json)) if given and name != form]
    if len(chosen) > 1:
        fail("Give only one of --yaml, --json and --output.")
    return _a_form(chosen[0]) if chosen else None


def print_document(value: Any, form: str) -> None:  # any JSON value
    """Print a value as JSON or YAML and nothing around it."""
    if form == "json":
        print_json(value)
        return
    import yaml  # late: only this needs it

    sys.stdout.write(yaml.safe_dump(value, sort_keys=False, allow_unicode=True))


def print_json(value: Any) -> None:  # any JSON value
    """Print a value as JSON with an indent of 2 and nothing around it."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


NARROW = 8
"""Columns that a cell of a table needs at least, unless all its words are shorter."""


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, wide: str = "ID") -> None:
    """Print rows under a title; ids, also those in column `wide` among other lines, are never cut or broken.

    Where the terminal is too narrow for all columns each row is printed as lines of its own.
    Cells may hold markup (see `plain`).
    """
    found = [list(row) for row in rows]
    if found and _least_width(columns, found, wide) > console().width:
        _print_records(title, columns, found)
        return
    table = Table(title=title, title_style="bold", show_lines=wide != "ID")
    for column in columns:
        if _holds_ids(column):
            table.add_column(column, style="cyan", no_wrap=True, min_width=UUID_WIDTH if column == "ID" else None)
        elif column == wide:
            table.add_column(column, overflow="fold", width=UUID_WIDTH)
        else:
            table.add_column(column, overflow="fold", no_wrap=column == "State")
    for row in found:
        table.add_row(*row)
    console().print(table)


def _holds_ids(column: str) -> bool:
    return column == "ID" or column.endswith(" ID")


def _least_width(columns: Sequence[str], rows: Sequence[Sequence[str]], wide: str) -> int:
    """Return how many columns of a terminal a table needs to be read."""
    total = 1
    for number, column in enumerate(columns):
        words = [word for cell in (column, *(row[number] for row in rows)) for word in _text(cell).split()]
        longest = max(map(len, words), default=0)
        kept = column == "State" or _holds_ids(column)
        total += (UUID_WIDTH if column == wide else longest if kept else min(longest, NARROW)) + 3
    return total


def _text(cell: str) -> str:
    return Text.from_markup(cell).plain


def _print_records(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    label = max(map(len, columns))
    out = console()
    out.print(f"[bold]{title}[/]")
    for row in rows:
        out.print()
        for column, cell in zip(columns, row, strict=True):
            first, *others = Text.from_markup(cell).wrap(out, max(out.width - label - 4, UUID_WIDTH)) or [Text()]
            out.print(Text(f"  {column:<{label}}  ", "dim") + first, soft_wrap=True)
            for line in others:
                out.print(Text(" " * (label + 4)) + line, soft_wrap=True)


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
    # `in 1 hour` was just asked for, and a moment of it is over.
    size = distance + timedelta(seconds=1) if distance > timedelta(0) else -distance
    for unit, name in _UNITS:
        count = size // unit
        if count:
            words = f"{count} {name}{'' if count == 1 else 's'}"
            return f"in {words}" if distance > timedelta(0) else f"{words} ago"
    return "just now"
