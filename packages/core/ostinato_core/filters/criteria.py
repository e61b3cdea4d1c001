"""The criteria of the filter language (behaviour.md, section 3), each compiled to a condition on a column.

A criterion that says nothing compiles to None. A property filter without criteria matches everything, so it compiles
to TRUE, which under `or_` makes the whole filter true.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true

from ostinato_core.db.dialects import Dialect
from ostinato_wire.filters import (
    AllTags,
    AnyOrAllTags,
    FlagFilter,
    NameFilter,
    NullableId,
    NullableText,
    NullableTimeFilter,
    Operator,
    StateFilter,
    TimeFilter,
)

Condition = ColumnElement[bool]
Column = ColumnElement[Any]  # Any: columns are of many types
Values = Sequence[Any] | None  # Any: the values of any column
Shared = Callable[[Column], Column]
"""Marks a column of which many rows have the same value, or values that lie together."""


def shared(dialect: Dialect, walk: Column | None) -> Shared:
    """Return how such a column is compared.

    `walk`: the column in whose order rows are read until there are enough, so no index of another one is to be used.
    """
    return lambda column: column if walk is None or column is walk else dialect.unindexed(column)


def combine(operator: Operator, conditions: Iterable[Condition | None]) -> Condition:
    """Return the conditions that are not None, combined by AND or OR; TRUE where there are none."""
    present = [condition for condition in conditions if condition is not None]
    if not present:
        return true()
    return or_(*present) if operator is Operator.OR else and_(*present)


def any_of(dialect: Dialect, column: Column, values: Values) -> Condition | None:
    """Whether the column is one of the values; an empty list matches nothing."""
    if values is None:
        return None
    return dialect.is_one_of(column, values) if values else false()


def none_of(dialect: Dialect, column: Column, values: Values) -> Condition | None:
    """Whether the column has a value that is none of the values; an empty list says nothing."""
    return ~dialect.is_one_of(column, values) if values else None


def like(dialect: Dialect, column: Column, text: str | None) -> Condition | None:
    """Whether the column contains the text in any case; `%` and `_` in it are wildcards."""
    if not text:
        return None
    return dialect.is_like(column, f"%{text.replace(_ESCAPE, _ESCAPE * 2)}%", _ESCAPE)


def contains(dialect: Dialect, column: Column, text: str) -> Condition:
    """Whether the column contains the text in any case, without wildcards."""
    for special in (_ESCAPE, "%", "_"):
        text = text.replace(special, _ESCAPE + special)
    return dialect.is_like(column, f"%{text}%", _ESCAPE)


def starts_with(dialect: Dialect, column: Column, prefix: str) -> Condition:
    """Whether the column starts with the text in any case; `%` and `_` in it are wildcards."""
    return dialect.is_like(column, f"{prefix.replace(_ESCAPE, _ESCAPE * 2)}%", _ESCAPE)


def is_null(column: Column, wanted: bool | None) -> Condition | None:
    """Whether the column is null, or has a value."""
    if wanted is None:
        return None
    return column.is_(None) if wanted else column.is_not(None)


def any_or_none_of(dialect: Dialect, column: Column, any_: Values, not_any_: Values) -> Condition:
    """Both criteria, where given."""
    return combine(Operator.AND, (any_of(dialect, column, any_), none_of(dialect, column, not_any_)))


def name(dialect: Dialect, column: Column, criteria: NameFilter) -> Condition:
    """By exact names and by a part of the name."""
    return combine(Operator.AND, (any_of(dialect, column, criteria.any_), like(dialect, column, criteria.like_)))


def nullable(dialect: Dialect, column: Column, criteria: NullableId | NullableText) -> Condition:
    """By values or by their absence, combined as the filter says."""
    return combine(criteria.operator, (any_of(dialect, column, criteria.any_), is_null(column, criteria.is_null_)))


def interval(column: Column, criteria: TimeFilter) -> Condition:
    """By a closed interval of time."""
    return combine(Operator.AND, _bounds(column, criteria))


def nullable_interval(column: Column, criteria: NullableTimeFilter, *, null: Column | None = None) -> Condition:
    """By a closed interval of time or by the absence of a time; `null` is another column that tells the absence."""
    absent = is_null(column if null is None else null, criteria.is_null_)
    return combine(Operator.AND, (*_bounds(column, criteria), absent))


def flag(column: Column, criteria: FlagFilter) -> Condition:
    """By a boolean."""
    return true() if criteria.eq_ is None else column.is_(criteria.eq_)


def tags(dialect: Dialect, column: Column, criteria: AllTags) -> Condition:
    """By a list of tags."""
    conditions: list[Condition | None] = []
    if criteria.all_:
        conditions.append(dialect.contains_all(column, criteria.all_))
    if isinstance(criteria, AnyOrAllTags) and criteria.any_ is not None:
        conditions.append(dialect.contains_any(column, criteria.any_) if criteria.any_ else false())
    if criteria.is_null_ is not None:
        empty = dialect.is_empty_list(column)
        conditions.append(empty if criteria.is_null_ else ~empty)
    return combine(criteria.operator, conditions)


def state(dialect: Dialect, type_: Column, name_: Column, criteria: StateFilter) -> Condition:
    """By type and name of the current state. A member without criteria says nothing, also under `or_`."""
    conditions: list[Condition | None] = []
    if criteria.type is not None:
        conditions.append(_both(dialect, type_, criteria.type.any_, criteria.type.not_any_))
    if criteria.name is not None:
        conditions.append(_both(dialect, name_, criteria.name.any_, criteria.name.not_any_))
    return combine(criteria.operator, conditions)


_ESCAPE = "\\"


def _both(dialect: Dialect, column: Column, any_: Values, not_any_: Values) -> Condition | None:
    if any_ is None and not not_any_:
        return None
    return any_or_none_of(dialect, column, any_, not_any_)


def _bounds(column: Column, criteria: TimeFilter) -> tuple[Condition | None, Condition | None]:
    before = None if criteria.before_ is None else column <= criteria.before_
    after = None if criteria.after_ is None else column >= criteria.after_
    return before, after
