"""Typer's makers of options and arguments, with a type that strict checking can follow."""

from typing import Any

import typer


def option(*names: str, **settings: Any) -> Any:  # Any: typer's own types, which are of many kinds
    """Return `typer.Option(*names, **settings)`; without names the parameter's own is used."""
    return typer.Option(*names, **settings)  # pyright: ignore[reportUnknownMemberType] - typer leaves a type open


def argument(**settings: Any) -> Any:  # Any: as above
    """Return `typer.Argument(**settings)`."""
    return typer.Argument(**settings)  # pyright: ignore[reportUnknownMemberType] - as above


def new_group(summary: str) -> typer.Typer:
    """Return a group of commands that looks like those of the rest of the command line."""
    return typer.Typer(
        help=summary,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        suggest_commands=False,  # click does so, too
        # A traceback that shows local variables would show passwords.
        pretty_exceptions_enable=False,
    )
