"""A text that whatever a regular expression matches holds: databases look for it first, at a tenth of the cost."""

import re
from collections.abc import Iterator

LEAST = 3
"""Letters from which on a text tells something."""
_MOST = 200

_PIECE = re.compile(
    r"""
      \\(?P<digit>\d)                                  # the beginning of a letter's number
    | \\(?P<escaped>[\W_])
    | \\.                                              # a kind of letters, a place, an unseen letter
    | \[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]          # one of many letters
    | (?P<open>\()
    | (?P<close>\))
    | (?P<maybe>[*?]|\{\d*,?\d*\})                     # what stands before may be missing
    | [.^$+{]
    | (?P<plain>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OTHER_CASES = frozenset("ks")
"""Letters that are also the lower case of others than those of ASCII."""


def required_text(pattern: str) -> str:
    """Return the longest text in lower case that every match of a pattern holds, in any case; "" where none is sure.

    The pattern is one that `patterns.check` lets pass. Only letters of ASCII count: of others databases know no case.
    """
    if "|" in pattern:
        return ""
    longest = max(_runs(pattern), key=len, default="")[:_MOST]
    return longest if len(longest) >= LEAST else ""


def _runs(pattern: str) -> Iterator[str]:
    """Yield the texts that stand outside of groups."""
    run, depth = "", 0
    for piece in _PIECE.finditer(pattern):
        if piece["digit"]:
            return
        depth += bool(piece["open"]) - bool(piece["close"])
        letter = (piece["escaped"] or piece["plain"] or "").lower()
        if depth == 0 and letter.isascii() and letter not in _OTHER_CASES and letter:
            run += letter
            continue
        yield run[:-1] if piece["maybe"] else run
        run = ""
    yield run
