"""How commands declare their options and arguments."""

from collections.abc import Callable
from typing import Any

import typer

# Typer's own signatures name a generic class of click without its argument, which strict typing refuses everywhere.
option: Callable[..., Any] = typer.Option  # pyright: ignore[reportUnknownMemberType]
"""`typer.Option`, for use in `Annotated`."""

argument: Callable[..., Any] = typer.Argument  # pyright: ignore[reportUnknownMemberType]
"""`typer.Argument`, for use in `Annotated`."""
