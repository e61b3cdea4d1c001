"""The statements that a server sends for one operation, as Postgres logs them, and copies of them for other runs."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from uuid_utils import uuid7

_EXECUTED = re.compile(
    r"LOG:  duration: [^\n]* ms  execute [^\n:]*: (?P<sql>[^\n]*(?:\n\t[^\n]*)*)\n[^\t\n][^\n]* DETAIL:  Parameters: "
    r"(?P<values>.*?)(?=\n[^\t]|\Z)",
    re.DOTALL,
)
_VALUE = re.compile(r"\$\d+ = (?:NULL|'((?:[^']|'')*)')")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_LIST_ITEM = re.compile(r'"((?:[^"\\]|\\.)*)"|([^",{}]+)')
_SET_VERSION = re.compile(r"\bversion=\$(\d+)")
_GUARD_VERSION = re.compile(r"\bversion = \$(\d+)")

READ: dict[str, Callable[[str], Any]] = {  # Any: what the driver takes
    "timestamptz": datetime.fromisoformat,
    "int4": int,
    "int8": int,
    "float8": float,
    "bool": "t".__eq__,
}
"""How values are read that Postgres logs as text, by type; the driver takes those of the other types as text."""


def reader(type_: str) -> Callable[[str], Any]:  # Any: what the driver takes
    """Return how text is read as a value of a type, which may be one of lists, as `uuid[]`."""
    if not type_.endswith("[]"):
        return READ.get(type_, str)
    read = READ.get(type_.removesuffix("[]"), str)

    def read_list(text: str) -> list[Any]:  # Any: as above
        items = ((quoted, plain) for quoted, plain in _LIST_ITEM.findall(text))
        return [None if plain == "NULL" else read(quoted or plain) for quoted, plain in items]

    return read_list


@dataclass(frozen=True)
class Statement:
    """A statement with the values of its parameters as text, None for null."""

    sql: str
    values: tuple[str | None, ...]

    @property
    def writes(self) -> bool:
        """Whether it is to be in a transaction."""
        return not self.sql.startswith("SELECT")


def in_log(log: str) -> Iterator[Statement]:
    """Yield the prepared statements with parameters that a piece of Postgres' log tells of (log_duration)."""
    for match in _EXECUTED.finditer(log):
        values = (_text(value) for value in _VALUE.finditer(match["values"]))
        yield Statement(match["sql"], tuple(values))


def _text(value: re.Match[str]) -> str | None:
    return None if value[1] is None else value[1].replace("''", "'").replace("\n\t", "\n")


def repeatable(statement: Statement) -> Statement:
    """Return a statement that can be run again: a version that it guards and counts up is then the one it has left."""
    new, guarded = _SET_VERSION.search(statement.sql), _GUARD_VERSION.search(statement.sql)
    if new is None or guarded is None:
        return statement
    values = list(statement.values)
    values[int(guarded[1]) - 1] = values[int(new[1]) - 1]
    return Statement(statement.sql, tuple(values))


def about(statements: Iterable[Statement], roots: Iterable[str], workspace_id: str) -> list[Statement]:
    """Return those of an operation: they name one of the ids `roots`, or what was made for it, as no loop does."""
    known, found = set(roots), list[Statement]()
    for statement in statements:
        if (named := _ids(statement)) & known:
            found.append(statement)
            known |= named - {workspace_id}
    return found


def _ids(statement: Statement) -> set[str]:
    return {id_ for value in statement.values if value for id_ in _UUID.findall(value)}


class Copies:
    """Copies of an operation's statements, each about runs of its own: all ids are new but those that are `known`."""

    def __init__(self, statements: Sequence[Statement], known: set[str]) -> None:
        self._statements = statements
        self._new = sorted(set[str]().union(*map(_ids, statements)) - known)

    def next(self) -> list[tuple[str | None, ...]]:
        """Return the values of each statement."""
        ids = {old: str(uuid7()) for old in self._new}

        def renewed(value: str | None) -> str | None:
            return value and _UUID.sub(lambda found: ids.get(found[0], found[0]), value)

        return [tuple(map(renewed, statement.values)) for statement in self._statements]
