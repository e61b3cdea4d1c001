"""Typer's makers of options and arguments, with a type that strict checking can follow."""

from typing import Any

import typer


def option(*names: str, **settings: Any) -> Any:  # Any: typer's own types, which are of many kinds
    """Return `typer.Option(*names, **settings)`; without names the parameter's own is used."""
    return typer.Option(*names, **settings)  # pyright: ignore[reportUnknownMemberType] - typer leaves a type open


def argument(**settings: Any) -> Any:  # Any: as above
    """Return `typer.Argument(**settings)`."""
    return typer.Argument(**settings)  # pyright: ignore[reportUnknownMemberType] - as above
