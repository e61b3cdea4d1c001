"""How commands declare their options and arguments."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, cast

import typer

# Typer's own signatures name a generic class of click without its argument, which strict typing refuses everywhere.
option: Callable[..., Any] = cast(Any, typer).Option  # Any: see above
"""`typer.Option`, for use in `Annotated`."""

argument: Callable[..., Any] = cast(Any, typer).Argument  # Any: see above
"""`typer.Argument`, for use in `Annotated`."""

YesOption = Annotated[bool, option("-y", "--yes", "--accept-yes", help="Do not ask.")]
"""For commands that ask before they do what cannot be undone."""


def panel(title: str) -> Callable[..., Any]:  # Any: as of `option`
    """Return an `option` whose help stands in a box with a title, for commands that have many."""
    return partial(option, rich_help_panel=title)
