"""Regular expressions in searches: RE2's, which take time in proportion to the text, whatever somebody types.

SQLite has none: connections get a function for it. Postgres has its own, which spell some things in another way.
"""

import re
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from ostinato_core.errors import Invalid

FUNCTION = "ostinato_matches"
"""The function of SQLite: (text, pattern) -> 1 or 0."""

_OTHERWISE = {r"\b": r"\y", r"\B": r"\Y", r"\z": r"\Z"}
"""What Postgres spells in another way."""
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ONLY_RE2 = re.compile(r"\\[pPQECx]|\(\?(?!:)")


def check(pattern: str) -> None:
    """Errors: Invalid for a pattern that not all databases understand alike."""
    try:
        _compiled(pattern)
    except _library().error as error:
        why = error.args[0]
        raise Invalid(f"Invalid pattern: {why.decode() if isinstance(why, bytes) else why}.") from error
    if (found := _ONLY_RE2.search(_ESCAPED.sub(_keep_letters, pattern))) is not None:
        raise Invalid(f"Invalid pattern: {found[0]!r} is not supported.")


def _keep_letters(escape: re.Match[str]) -> str:
    return escape[0] if escape[1].isalpha() else ""


def for_postgres(pattern: str) -> str:
    """Return the pattern in the words of Postgres."""
    return _ESCAPED.sub(lambda escape: _OTHERWISE.get(escape[0], escape[0]), pattern)


def matches(text: str, pattern: str) -> bool:
    """Whether the text holds what the pattern says, in any case."""
    return _compiled(pattern).Match(text) is not None


@cache
def _library() -> Any:  # Any: it has no types
    """Return RE2 when it is first needed: most servers never do, and it takes memory."""
    return import_module("re2")


@lru_cache(maxsize=32)
def _compiled(pattern: str) -> Any:  # Any: the library has no types
    """Return a set of one pattern: it says whether, and not where, at half the cost."""
    re2 = _library()
    options = re2.Options()
    options.case_sensitive = False
    options.dot_nl = True  # as in Postgres, and of use with tracebacks
    options.log_errors = False
    re2.compile(pattern, options)  # says what is wrong, which a set does not
    only = re2.Set.SearchSet(options)
    only.Add(pattern)
    only.Compile()
    return only
