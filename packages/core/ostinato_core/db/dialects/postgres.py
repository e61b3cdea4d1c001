"""Postgres' spelling: JSON is jsonb with containment operators, times are timestamptz."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Float,
    Integer,
    Interval,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    func,
    literal,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.dialects.sqlite import Insert

from ostinato_core.db.types import Id, Timestamp


class PostgresDialect:
    """See `Dialect`."""

    name = "postgresql"
    keeps_statistics = True
    locks_rows = True
    chains_writes = True

    def insert(self, table: Table) -> Insert:
        # The two Insert classes share no base that has on_conflict_*, but have the same methods.
        return insert(table)  # pyright: ignore[reportReturnType]

    def is_one_of(self, column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
        # One parameter: the statement stays the same, and there is no limit on the number of values.
        return column == any_(literal(list(values), ARRAY(column.type)))

    def is_in(self, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
        return column == any_(bindparam(name, type_=ARRAY(Text)))

    def unindexed(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return column

    def contains_all(self, column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
        return type_coerce(column, JSONB).contains(list(values))

    def contains_any(self, column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
        return type_coerce(column, JSONB).has_any(cast(literal(list(values), ARRAY(Text)), ARRAY(Text)))

    def is_empty_list(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        return func.jsonb_array_length(type_coerce(column, JSONB)) == literal(0, Integer)

    def json_text(self, column: ColumnElement[Any], *path: str) -> ColumnElement[str]:
        return type_coerce(column, JSONB)[path].astext

    def json_id(self, column: ColumnElement[Any], *path: str) -> ColumnElement[UUID]:
        return cast(self.json_text(column, *path), Id)

    def seconds_between(self, later: ColumnElement[Any], earlier: ColumnElement[Any]) -> ColumnElement[float]:
        # Unlike extract(), which counts in exact decimals, this is a float at once.
        return func.date_part("epoch", later - earlier, type_=Float)

    def bucket(self, column: ColumnElement[Any], start: datetime, width: timedelta) -> ColumnElement[Any]:
        begin = func.date_bin(literal(width, Interval), column, literal(start, Timestamp()))
        return type_coerce(begin, Timestamp())

    def merged(self, column: ColumnElement[Any], members: Mapping[str, Any]) -> ColumnElement[Any]:
        return type_coerce(column, JSONB).concat(literal(dict(members), JSONB))
