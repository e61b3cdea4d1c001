"""SQLite's spelling: JSON is text read by json_each, times are microseconds."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    Float,
    FromClause,
    Function,
    Integer,
    Select,
    Table,
    Text,
    UnaryExpression,
    Uuid,
    and_,
    bindparam,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.sql.operators import custom_op

from ostinato_core.db import patterns
from ostinato_core.db.pattern_text import required_text
from ostinato_core.db.types import Id, Json, Timestamp, dumps, to_microseconds

FEW = 500
"""Values that are bound one by one; SQLite limits the number of parameters."""


_SPECIAL = frozenset('"\\,[]')
"""Characters by which a text may look like an end of one member of a list and the beginning of another."""


class SqliteDialect:
    """See `Dialect`."""

    name = "sqlite"
    keeps_statistics = False
    locks_rows = False
    chains_writes = False

    def insert(self, table: Table) -> Insert:
        return insert(table)

    def is_one_of(self, column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
        if len(values) <= FEW:
            return column.in_(values)
        plain = [value.hex if isinstance(value, UUID) else value for value in values]
        return column.in_(select(func.json_each(literal(dumps(plain), Text)).table_valued("value").c.value))

    def is_found(self, column: ColumnElement[Any], found: Select[Any]) -> ColumnElement[bool]:
        return column.in_(found)

    def with_first(self, outer: FromClause, table: Table, first: Select[Any]) -> tuple[FromClause, FromClause]:
        # It knows no LATERAL; but a list of ids may refer to the row beside it.
        found = table.alias()
        return outer.join(found, found.c.id.in_(first.with_only_columns(table.c.id))), found

    def is_in(self, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        value: ColumnElement[Any] = func.json_each(bindparam(name, type_=Json())).table_valued("value").c.value
        return column.in_(select(func.replace(value, "-", "") if isinstance(column.type, Uuid) else value))

    def is_like(self, column: ColumnElement[str], pattern: str, escape: str) -> ColumnElement[bool]:
        return column.like(pattern, escape=escape)  # LIKE itself tells no cases apart; ilike() makes lower texts first

    def is_matched(self, column: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
        is_matched = Function(patterns.FUNCTION, column, literal(pattern, Text), type_=Boolean)
        text = required_text(pattern)
        return and_(column.contains(text, autoescape=True), is_matched) if text else is_matched

    def unindexed(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return UnaryExpression(column, operator=custom_op[Any]("+"), type_=column.type)

    def contains_all(self, column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
        return and_(*(self._holds(column, value) for value in values))

    def contains_any(self, column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
        return or_(*(self._holds(column, value) for value in values))

    def is_empty_list(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        return func.json_array_length(type_coerce(column, Text)) == literal(0, Integer)

    def json_text(self, column: ColumnElement[Any], *path: str) -> ColumnElement[str]:
        where = "$" + "".join(f'."{part}"' for part in path)
        return type_coerce(func.json_extract(type_coerce(column, Text), where), Text)

    def json_id(self, column: ColumnElement[Any], *path: str) -> ColumnElement[UUID]:
        return type_coerce(func.replace(self.json_text(column, *path), "-", ""), Id)

    def difference(self, later: ColumnElement[Any], earlier: ColumnElement[Any]) -> ColumnElement[Any]:
        return _microseconds(later) - _microseconds(earlier)

    def seconds(self, difference: ColumnElement[Any]) -> ColumnElement[float]:
        return cast(difference, Float()) / 1_000_000.0

    def seconds_between(self, later: ColumnElement[Any], earlier: ColumnElement[Any]) -> ColumnElement[float]:
        return self.seconds(self.difference(later, earlier))

    def earlier(self, moment: datetime | ColumnElement[Any], seconds: ColumnElement[float]) -> ColumnElement[Any]:
        since = literal(moment, Timestamp()) if isinstance(moment, datetime) else moment
        return type_coerce(_microseconds(since) - cast(seconds * 1_000_000.0, BigInteger()), Timestamp())

    def bucket(self, column: ColumnElement[Any], start: datetime, width: timedelta) -> ColumnElement[Any]:
        since_start = _microseconds(column) - _microseconds(literal(start, Timestamp()))
        within = since_start % literal(width // timedelta(microseconds=1), BigInteger())
        return type_coerce(_microseconds(column) - within, Timestamp())

    def times(self, begins: Sequence[datetime], ends: Sequence[datetime]) -> FromClause:
        pairs = [[to_microseconds(begin), to_microseconds(end)] for begin, end in zip(begins, ends, strict=True)]
        pair = func.json_each(literal(dumps(pairs), Text)).table_valued("value").c.value
        begin, end = (type_coerce(func.json_extract(pair, f"$[{place}]"), Timestamp()) for place in (0, 1))
        # Else the JSON would be read again for each row that is compared.
        return select(begin.label("begin"), end.label("end")).cte("spans").prefix_with("MATERIALIZED")

    def texts(self, values: Sequence[str]) -> FromClause:
        return func.json_each(literal(dumps(list(values)), Text)).table_valued(column("value", Text))

    def members_of(self, json_list: ColumnElement[Any]) -> FromClause:
        members = func.json_each(type_coerce(json_list, Text))
        return members.table_valued(column("value", Text)).alias("members")

    def before(self, text: ColumnElement[str], separator: str) -> ColumnElement[str]:
        return func.substr(text, 1, func.instr(text.concat(separator), separator) - 1, type_=Text)

    def merged(self, column: ColumnElement[Any], members: Mapping[str, Any]) -> ColumnElement[Any]:
        return func.json_patch(type_coerce(column, Text), literal(dumps(members), Text))

    @staticmethod
    def _holds(column: ColumnElement[Any], value: str) -> ColumnElement[bool]:
        text = dumps(value)
        if not set(text[1:-1]) & _SPECIAL:
            # A list is stored without blanks, and a quote within a member is escaped: so the text tells, and faster.
            stored = type_coerce(column, Text)
            return or_(func.instr(stored, f"[{text}") > 0, func.instr(stored, f",{text}") > 0)
        members = func.json_each(type_coerce(column, Text)).table_valued("value")
        return select(literal(1)).select_from(members).where(members.c.value == value).exists()


def _microseconds(time: ColumnElement[Any]) -> ColumnElement[int]:
    """A time as the number that is stored; a value is bound as such, because a coerced one would lose its type."""
    if isinstance(time, BindParameter) and time.required:
        return cast(time, BigInteger())
    if isinstance(time, BindParameter):
        return literal(Timestamp().process_bind_param(time.value, sqlite.dialect()), BigInteger())
    return type_coerce(time, BigInteger())
