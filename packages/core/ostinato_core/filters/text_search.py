r"""The grammar of text searches (behaviour.md, section 3).

Terms are separated by blanks. `"..."` is a phrase, in which `\"` and `\\` stand for a quote and a backslash; a phrase
also begins within a word, and one that is not closed reaches to the end. `-` or `!` before a term excludes it, `+`
requires it; such a sign before a blank says nothing. Terms of blanks only say nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, true

_EXCLUDE = "-!"
_REQUIRE = "+"


@dataclass(frozen=True, slots=True)
class TextQuery:
    """Terms of which one must occur (if there are any), none may occur, and all must occur."""

    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    all: tuple[str, ...] = ()

    def matches(self, text: str) -> bool:
        """Whether a text fits, in any case."""
        lower = text.lower()
        return (
            (not self.any or any(term.lower() in lower for term in self.any))
            and not any(term.lower() in lower for term in self.none)
            and all(term.lower() in lower for term in self.all)
        )

    def condition(self, contains: Callable[[str], ColumnElement[bool]]) -> ColumnElement[bool]:
        """Return the same as SQL, where `contains` makes the condition that one term occurs."""
        parts: list[ColumnElement[bool]] = []
        if self.any:
            parts.append(or_(*map(contains, self.any)))
        parts.extend(~contains(term) for term in self.none)
        parts.extend(map(contains, self.all))
        return and_(*parts) if parts else true()


def parse(query: str) -> TextQuery:
    """Return what a query asks for. Every text is a query."""
    any_: list[str] = []
    none: list[str] = []
    all_: list[str] = []
    position = 0
    while position < len(query):
        sign = query[position]
        terms = none if sign in _EXCLUDE else all_ if sign in _REQUIRE else any_
        if terms is not any_:
            position += 1
        term, position = _term(query, position)
        if term.strip():
            terms.append(term)
    return TextQuery(_once(any_), _once(none), _once(all_))


def _term(query: str, position: int) -> tuple[str, int]:
    """Return the term that begins at `position`, and where the next one may begin."""
    if position < len(query) and query[position] == '"':
        return _phrase(query, position + 1)
    end = position
    while end < len(query) and not query[end].isspace() and query[end] != '"':
        end += 1
    blank = end < len(query) and query[end].isspace()
    return query[position:end], end + 1 if blank else end


def _phrase(query: str, position: int) -> tuple[str, int]:
    letters: list[str] = []
    while position < len(query) and query[position] != '"':
        if query[position] == "\\" and query[position + 1 : position + 2] in ('"', "\\"):
            position += 1
        letters.append(query[position])
        position += 1
    return "".join(letters), position + 1


def _once(terms: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(terms))
