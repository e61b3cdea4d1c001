"""What the two databases spell differently. Everything else in the core is the same SQL for both."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, Table
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

Insert = PostgresInsert | SqliteInsert


class Dialect(Protocol):
    """The differences between the databases, as functions that build SQL."""

    name: str
    keeps_statistics: bool
    """Whether the database knows how many rows of a table have a value, and chooses indexes by it."""
    locks_rows: bool
    """Whether rows can be locked, and those that are can be passed over: else nothing happens at the same time."""
    chains_writes: bool
    """Whether one statement can write to several tables (WITH ... INSERT), and it pays to do so."""

    def insert(self, table: Table) -> SqliteInsert:
        """Return an INSERT that knows ON CONFLICT; both databases' constructs have the same methods."""
        ...

    def is_one_of(self, column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
        """Whether `column` equals one of any number of `values`; null where it is null. None of them match nothing."""
        ...

    def is_found(self, column: ColumnElement[Any], found: Select[Any]) -> ColumnElement[bool]:
        """Whether `column` equals one of the few values that a SELECT finds, which is run first."""
        ...

    def with_first(self, outer: FromClause, table: Table, first: Select[Any]) -> tuple[FromClause, FromClause]:
        """Join to each row of `outer` those of `table` that `first` finds for it; return the join, and the rows in it.

        `first` selects columns of the table, among them `id`, refers to `outer`, and may have an order and a limit.
        """
        ...

    def is_in(self, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        """Whether a column of texts or ids equals one of the list that is bound as the parameter `name`."""
        ...

    def is_like(self, column: ColumnElement[str], pattern: str, escape: str) -> ColumnElement[bool]:
        """Whether a text is like a pattern of LIKE, in any case of its letters; on SQLite of ASCII ones."""
        ...

    def is_matched(self, column: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
        """Whether a text holds, in any case, what a regular expression says that `patterns.check` has let pass."""
        ...

    def unindexed(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """`column` for a comparison by which the database shall not look for rows, where it would choose badly."""
        ...

    def contains_all(self, column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
        """Whether the JSON list in `column` holds all of `values`."""
        ...

    def contains_any(self, column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
        """Whether the JSON list in `column` holds one of `values`."""
        ...

    def is_empty_list(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Whether the JSON list in `column` has no members."""
        ...

    def json_text(self, column: ColumnElement[Any], *path: str) -> ColumnElement[str]:
        """The member at `path` of the JSON object in `column`, as text."""
        ...

    def json_id(self, column: ColumnElement[Any], *path: str) -> ColumnElement[UUID]:
        """The member at `path` of the JSON object in `column`, which is an id or null, as an id."""
        ...

    def difference(self, later: ColumnElement[Any], earlier: ColumnElement[Any]) -> ColumnElement[Any]:
        """The time from `earlier` to `later`, two time columns or values, as `seconds` takes it. Sums are exact."""
        ...

    def seconds(self, difference: ColumnElement[Any]) -> ColumnElement[float]:
        """The seconds of a difference, or of a sum of differences."""
        ...

    def seconds_between(self, later: ColumnElement[Any], earlier: ColumnElement[Any]) -> ColumnElement[float]:
        """Seconds from `earlier` to `later`, two time columns or values."""
        ...

    def earlier(self, moment: datetime | ColumnElement[Any], seconds: ColumnElement[float]) -> ColumnElement[Any]:
        """The time so many seconds before a moment, a value or a time column."""
        ...

    def bucket(self, column: ColumnElement[Any], start: datetime, width: timedelta) -> ColumnElement[Any]:
        """When the interval begins in which a time lies, where intervals follow each other from `start` on."""
        ...

    def times(self, begins: Sequence[datetime], ends: Sequence[datetime]) -> FromClause:
        """Spans of time as a table with the columns `begin` and `end`."""
        ...

    def texts(self, values: Sequence[str]) -> FromClause:
        """Texts as a table with the column `value`."""
        ...

    def members_of(self, json_list: ColumnElement[Any]) -> FromClause:
        """The members of a column of JSON lists of texts, as a table with the column `value` to join to its own."""
        ...

    def before(self, text: ColumnElement[str], separator: str) -> ColumnElement[str]:
        """What of a text stands before the first `separator`, one character: all of it, where there is none."""
        ...

    def merged(self, column: ColumnElement[Any], members: Mapping[str, Any]) -> ColumnElement[Any]:
        """The JSON object in `column` with `members` put in, which hold no objects and no nulls."""
        ...
