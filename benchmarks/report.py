"""What was measured, as tables for the terminal, as `results.md`, and as JSON."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psutil
from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

WIDTH = 200
_STYLES = {"✓": "green", "✗": "bold red"}


@dataclass(frozen=True)
class Table:
    """One comparison; the first `named` columns are text, the others figures."""

    title: str
    header: list[str]
    rows: list[list[str]]
    notes: list[str] = field(default_factory=list[str])
    named: int = 2


@dataclass(frozen=True)
class Moment:
    """When something happened, and how busy the machine was: its load average of a minute."""

    time: datetime
    load: float

    @classmethod
    def now(cls) -> "Moment":
        """Return this moment."""
        return cls(datetime.now(UTC), os.getloadavg()[0])


def machine() -> str:
    """Describe this machine without naming it."""
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB memory, {system}, Python {platform.python_version()}"


def circumstances(began: Moment, ended: Moment) -> str:
    """Say when it was measured, on what, and how busy that was."""
    seconds = (ended.time - began.time).total_seconds()
    took = f"{seconds / 60:.0f} minutes" if seconds > 300 else f"{seconds:.0f} s"
    loads = f"load average {began.load:.1f} at the beginning, {ended.load:.1f} at the end"
    return f"{began.time:%Y-%m-%d %H:%M} UTC, {took}: {machine()}; {loads}"


def print_tables(console: Console, tables: Iterable[Table]) -> None:
    """Print the tables."""
    for table in tables:
        shown = RichTable(box=box.SIMPLE_HEAD, title=table.title, title_justify="left", title_style="bold")
        for number, name in enumerate(table.header):
            shown.add_column(name, justify="left" if number < table.named else "right", no_wrap=number >= table.named)
        before = ""
        for row in table.rows:
            # What a group of rows has in common is said once.
            shown.add_row(*(_cell("" if not number and value == before else value) for number, value in enumerate(row)))
            before = row[0]
        console.print(shown)


def wide_console() -> Console:
    """Return a console on which the tables have room, also where there is no terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)


def markdown(tables: Iterable[Table], made: str, notes: Sequence[str]) -> str:
    """Return the same as a Markdown document."""
    lines = ["# Benchmark results", "", f"Made by `make bench`, {made}.", "", *(f"- {note}" for note in notes)]
    for table in tables:
        lines += ["", f"## {table.title}", "", *(f"{note}\n" for note in table.notes)]
        lines += ["| " + " | ".join(table.header) + " |"]
        lines += ["|" + "---|" * table.named + "--:|" * (len(table.header) - table.named)]
        lines += ["| " + " | ".join(row) + " |" for row in table.rows]
    return "\n".join([*lines, ""])


def _cell(value: str) -> Text:
    return Text(value, style=_STYLES.get(value[-1:], ""))
