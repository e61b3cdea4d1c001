"""Members of a request that this server does not know: they are accepted, and named in the answer (pain point 27).

A body is first read as if unknown members were forbidden, which costs no more than to ignore them. Only where that
fails it is read again, ignoring them; the first failure then names them.
"""

import logging
from collections.abc import Callable
from typing import Final, Literal, TypeVar

from pydantic import ValidationError

T = TypeVar("T")

logger = logging.getLogger("ostinato.server.api")

HEADER: Final = "X-Ostinato-Unknown-Fields"
MOST_NAMES: Final = 20
MOST_CHARACTERS: Final = 80
REMEMBERED: Final = 1000
"""Names that are remembered, so that each is logged once."""

_logged: set[str] = set()

Extra = Literal["forbid"] | None


def read_ignoring_unknown(validate: Callable[[Extra], T]) -> tuple[T, list[str]]:
    """Return what `validate` reads, and the paths of the members that it does not know. Errors: ValidationError."""
    try:
        return validate("forbid"), []
    except ValidationError as error:
        strict = error
    return validate(None), _names(strict)


def _names(error: ValidationError) -> list[str]:
    """Return the paths of unknown members, each once; places in lists are `[]`."""
    found: dict[str, None] = {}
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        if problem["type"] == "extra_forbidden":
            found[".".join("[]" if isinstance(part, int) else part for part in problem["loc"])] = None
            if len(found) > MOST_NAMES:
                break
    return list(found)


def header_value(names: list[str]) -> str:
    """Return the header's value: a bounded list that a header can hold, whatever the client sent."""
    shown = [_printable(name) for name in names[:MOST_NAMES]]
    return ", ".join([*shown, "..."] if len(names) > MOST_NAMES else shown)


def log_once(operation: str, names: list[str]) -> None:
    """Log what has not been logged before for this operation."""
    for name in map(_printable, names[:MOST_NAMES]):
        key = f"{operation} {name}"
        if key not in _logged and len(_logged) < REMEMBERED:
            _logged.add(key)
            logger.info("%s: the field %r is not known to this server, it is ignored", operation, name)


def _printable(name: str) -> str:
    plain = "".join(char if " " < char <= "~" and char not in ',"' else "?" for char in name)
    return plain if len(plain) <= MOST_CHARACTERS else plain[: MOST_CHARACTERS - 3] + "..."
