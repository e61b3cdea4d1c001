"""Postgres' spelling: JSON is jsonb with containment operators, times are timestamptz."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Float,
    FromClause,
    Integer,
    Interval,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.dialects.sqlite import Insert

from ostinato_core.db import patterns
from ostinato_core.db.types import Id, Json, Timestamp


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
        if len(values) == 1:
            return column == literal(values[0], column.type)  # of one value an index has the rows in order
        # One parameter: the statement stays the same, and there is no limit on the number of values.
        return column == any_(literal(list(values), ARRAY(column.type)))

    def is_found(self, column: ColumnElement[Any], found: Select[Any]) -> ColumnElement[bool]:
        # An array, because of a join the planner believes that it will soon be at its end.
        return column == any_(func.array(found.scalar_subquery(), type_=ARRAY(column.type)))

    def with_first(self, outer: FromClause, table: Table, first: Select[Any]) -> tuple[FromClause, FromClause]:
        found = first.lateral()
        return outer.join(found, true()), found

    def is_in(self, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        return column == any_(bindparam(name, type_=ARRAY(column.type)))

    def is_like(self, column: ColumnElement[str], pattern: str, escape: str) -> ColumnElement[bool]:
        return column.ilike(pattern, escape=escape)

    def is_matched(self, column: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
        return column.regexp_match(patterns.for_postgres(pattern), flags="i")

    def unindexed(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        # It keeps statistics, but none of what lists hold is known to a plan that is made for any parameters.
        return func.coalesce(column, column, type_=column.type) if isinstance(column.type, Json) else column

    def contains_all(self, column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
        return _has_members(column) & type_coerce(column, JSONB).contains(list(values))

    def contains_any(self, column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
        wanted = cast(literal(list(values), ARRAY(Text)), ARRAY(Text))
        return _has_members(column) & type_coerce(column, JSONB).has_any(wanted)

    def is_empty_list(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        return func.jsonb_array_length(type_coerce(column, JSONB)) == literal(0, Integer)

    def json_text(self, column: ColumnElement[Any], *path: str) -> ColumnElement[str]:
        return type_coerce(column, JSONB)[path].astext

    def json_id(self, column: ColumnElement[Any], *path: str) -> ColumnElement[UUID]:
        return cast(self.json_text(column, *path), Id)

    def difference(self, later: ColumnElement[Any], earlier: ColumnElement[Any]) -> ColumnElement[Any]:
        return later - earlier

    def seconds(self, difference: ColumnElement[Any]) -> ColumnElement[float]:
        # Unlike extract(), which counts in exact decimals, this is a float at once.
        return func.date_part("epoch", difference, type_=Float)

    def seconds_between(self, later: ColumnElement[Any], earlier: ColumnElement[Any]) -> ColumnElement[float]:
        return self.seconds(self.difference(later, earlier))

    def earlier(self, moment: datetime | ColumnElement[Any], seconds: ColumnElement[float]) -> ColumnElement[Any]:
        since = literal(moment, Timestamp()) if isinstance(moment, datetime) else moment
        return type_coerce(since - func.make_interval(0, 0, 0, 0, 0, 0, seconds, type_=Interval), Timestamp())

    def bucket(self, column: ColumnElement[Any], start: datetime, width: timedelta) -> ColumnElement[Any]:
        begin = func.date_bin(literal(width, Interval), column, literal(start, Timestamp()))
        return type_coerce(begin, Timestamp())

    def times(self, begins: Sequence[datetime], ends: Sequence[datetime]) -> FromClause:
        spans = (literal(list(times), ARRAY(Timestamp())) for times in (begins, ends))
        columns = column("begin", Timestamp()), column("end", Timestamp())
        return func.unnest(*spans).table_valued(*columns).render_derived()

    def texts(self, values: Sequence[str]) -> FromClause:
        return func.unnest(literal(list(values), ARRAY(Text))).table_valued(column("value", Text)).render_derived()

    def members_of(self, json_list: ColumnElement[Any]) -> FromClause:
        members = func.jsonb_array_elements_text(type_coerce(json_list, JSONB))
        return members.table_valued(column("value", Text)).render_derived(name="members")

    def before(self, text: ColumnElement[str], separator: str) -> ColumnElement[str]:
        return func.split_part(text, separator, 1, type_=Text)

    def merged(self, column: ColumnElement[Any], members: Mapping[str, Any]) -> ColumnElement[Any]:
        return type_coerce(column, JSONB).concat(literal(dict(members), JSONB))


def _has_members(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """A list that holds something has members: said in the words of an index that has only such lists."""
    return type_coerce(column, JSONB) != literal_column("'[]'::jsonb")
