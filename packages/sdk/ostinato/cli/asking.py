"""Questions on the terminal: a text, yes or no, one of several. Only asked where `output.is_interactive()`."""

from collections.abc import Sequence
from typing import TypeVar

import typer

from ostinato.cli import output

T = TypeVar("T")


def text(question: str, default: str | None = None) -> str:
    """Return an answer that is not empty, or the default."""
    while True:
        answer = str(typer.prompt(question, default=default or "", show_default=bool(default))).strip()
        if answer:
            return answer
        output.say("An answer is needed.", "yellow")


def yes(question: str, default: bool = False) -> bool:
    """Return whether the answer is yes."""
    return typer.confirm(question, default=default)


def choose(title: str, columns: Sequence[str], rows: Sequence[tuple[T, Sequence[str]]]) -> T:
    """Show a table of choices, each a value and its cells, and return the value of the one that is chosen."""
    output.print_table(title, ["#", *columns], [(str(n), *cells) for n, (_, cells) in enumerate(rows, start=1)])
    while True:
        answer = str(typer.prompt("Number", default="1")).strip()
        if answer.isdecimal() and 1 <= int(answer) <= len(rows):
            return rows[int(answer) - 1][0]
        output.say(f"A number from 1 to {len(rows)} is needed.", "yellow")
