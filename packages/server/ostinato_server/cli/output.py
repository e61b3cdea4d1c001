"""What the server commands print: results on stdout, one red line on stderr where something is wrong."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import NoReturn

import typer

from ostinato_core.errors import Fact


def say(text: str = "") -> None:
    """Print a line."""
    typer.echo(text)


def succeed(text: str) -> None:
    """Print the line that tells of success."""
    typer.secho(text, fg="green")


def note(text: str) -> None:
    """Print a line that is not the result: on stderr, yellow."""
    typer.secho(text, fg="yellow", err=True)


def fail(text: str) -> NoReturn:
    """End the command with a red line and code 1."""
    typer.secho(text, fg="red", err=True)
    raise typer.Exit(1)


def is_interactive() -> bool:
    """Whether somebody is there to answer a question."""
    return sys.stdin.isatty()


@contextmanager
def facts_as_lines() -> Generator[None]:
    """End the command with the message of a fact, where one is raised."""
    try:
        yield
    except Fact as error:
        fail(error.message)
