"""The filter as SQL, for both databases."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from sqlalchemy import (
    ColumnElement,
    TableValuedAlias,
    Text,
    and_,
    cast,
    column,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.tables import events
from ostinato_core.db.types import dumps
from ostinato_core.events.filters.labels import LIKE_ESCAPE, LabelPattern, read_labels
from ostinato_core.events.filters.predicate import as_list, parse_text
from ostinato_core.filters.criteria import contains
from ostinato_wire.events import (
    RESOURCE_ID,
    RESOURCE_ROLE,
    EventAnyResourceFilter,
    EventFilter,
    EventNameFilter,
    EventRelatedFilter,
    EventResourceFilter,
)

Condition = ColumnElement[bool]
Json = ColumnElement[Any]  # Any: a JSON value


def condition(dialect: Dialect, wanted: EventFilter, *, walk: bool = False, at_any_time: bool = False) -> Condition:
    """Return the filter as a condition on the table of events; `order` and `resource.distinct` are no part of it.

    `walk`: events are read in order until there are enough, and not looked up by their names; `at_any_time`: somebody
    else sees to their times.
    """
    spelling = _SPELLINGS[dialect.name]
    parts: list[Condition] = []
    if not at_any_time:
        parts.append(events.c.occurred.between(wanted.occurred.since, wanted.occurred.until))
    if wanted.event is not None:
        parts.extend(_names(dialect.unindexed(events.c.event) if walk else events.c.event, wanted.event))
    if wanted.id.id:
        parts.append(events.c.id.in_(wanted.id.id))
    if wanted.resource is not None:
        parts.extend(_resource(spelling, events.c.resource, wanted.resource, events.c.resource_id))
    parts.extend(_any_related(spelling, each) for each in as_list(wanted.related))
    parts.extend(_any_resource(spelling, each) for each in as_list(wanted.any_resource))
    if wanted.text is not None:
        text = spelling.text()
        parts.append(parse_text(wanted.text.query).condition(lambda term: contains(dialect, text, term)))
    return and_(true(), *parts)


class _Spelling(Protocol):
    """What the databases spell differently here."""

    def related(self) -> tuple[TableValuedAlias, Json]:
        """Return the related resources of an event as a table, and its column of labels."""
        ...

    def holds(self, name: str, value: str) -> Condition:
        """Whether some related resource has the label; cheaper than to look at each of them."""
        ...

    def label(self, labels: Json, name: str) -> ColumnElement[str]:
        """Return the value of a label, NULL where there is none."""
        ...

    def matches(self, value: ColumnElement[str], pattern: LabelPattern) -> Condition:
        """Whether the value satisfies a pattern with wildcards, apart from its negation."""
        ...

    def text(self) -> ColumnElement[str]:
        """Return what a text search looks at; see `StoredEvent.text`."""
        ...


class _Sqlite:
    def related(self) -> tuple[TableValuedAlias, Json]:
        table = func.json_each(type_coerce(events.c.related, Text)).table_valued("value")
        return table, table.c.value

    def holds(self, name: str, value: str) -> Condition:
        # JSON is stored without blanks; in no value is there a quote that is not escaped.
        return func.instr(type_coerce(events.c.related, Text), f"{dumps(name)}:{dumps(value)}") > 0

    def label(self, labels: Json, name: str) -> ColumnElement[str]:
        members = func.json_each(type_coerce(labels, Text)).table_valued("key", "value")
        value = select(members.c.value).select_from(members).where(members.c.key == name)
        return type_coerce(value.scalar_subquery(), Text)

    def matches(self, value: ColumnElement[str], pattern: LabelPattern) -> Condition:
        return value.op("GLOB", is_comparison=True)(pattern.glob)

    def text(self) -> ColumnElement[str]:
        return _searched(*(type_coerce(part, Text) for part in _SEARCHED))


class _Postgres:
    def related(self) -> tuple[TableValuedAlias, Json]:
        table = func.jsonb_array_elements(type_coerce(events.c.related, JSONB)).table_valued(column("value", JSONB))
        return table, table.c.value

    def holds(self, name: str, value: str) -> Condition:
        return type_coerce(events.c.related, JSONB).contains([{name: value}])

    def label(self, labels: Json, name: str) -> ColumnElement[str]:
        return type_coerce(labels, JSONB)[name].astext

    def matches(self, value: ColumnElement[str], pattern: LabelPattern) -> Condition:
        return value.like(pattern.like, escape=LIKE_ESCAPE)

    def text(self) -> ColumnElement[str]:
        return _searched(*(cast(type_coerce(part, JSONB), Text) for part in _SEARCHED))


_SPELLINGS: Final[Mapping[str, _Spelling]] = {"sqlite": _Sqlite(), "postgresql": _Postgres()}
_SEARCHED: Final = (events.c.resource, events.c.related, events.c.payload)


def _searched(*parts: ColumnElement[str]) -> ColumnElement[str]:
    text: ColumnElement[str] = events.c.event
    for part in parts:
        text = text.concat(literal(" ")).concat(part)
    return func.replace(func.replace(text, ", ", ","), ": ", ":", type_=Text)


def _names(name: ColumnElement[str], wanted: EventNameFilter) -> list[Condition]:
    parts: list[Condition] = []
    if wanted.prefix:
        parts.append(_starts_with(name, wanted.prefix))
    if wanted.exclude_prefix:
        parts.append(not_(_starts_with(name, wanted.exclude_prefix)))
    if wanted.name:
        parts.append(name.in_(wanted.name))
    if wanted.exclude_name:
        parts.append(name.not_in(wanted.exclude_name))
    return parts


def _starts_with(text: ColumnElement[str], prefixes: Sequence[str]) -> Condition:
    # Not LIKE: on SQLite it does not tell letters apart by case.
    return or_(*(func.substr(text, 1, len(prefix)) == prefix for prefix in prefixes))


def _resource(
    spelling: _Spelling, labels: Json, wanted: EventResourceFilter | EventAnyResourceFilter, id: ColumnElement[str]
) -> list[Condition]:
    parts: list[Condition] = []
    if wanted.id:
        parts.append(id.in_(wanted.id))
    if wanted.id_prefix:
        parts.append(_starts_with(id, wanted.id_prefix))
    if wanted.labels:
        parts.extend(_labels(spelling, labels, wanted.labels))
    return parts


def _any_resource(spelling: _Spelling, wanted: EventAnyResourceFilter) -> Condition:
    primary = _resource(spelling, events.c.resource, wanted, events.c.resource_id)
    table, labels = spelling.related()
    related = _resource(spelling, labels, wanted, spelling.label(labels, RESOURCE_ID))
    if not primary:
        return true()
    # First what costs little, and spares most events the closer look.
    holds = or_(*(spelling.holds(RESOURCE_ID, each) for each in wanted.id)) if wanted.id else true()
    return or_(and_(*primary), and_(holds, select(literal(1)).select_from(table).where(*related).exists()))


def _any_related(spelling: _Spelling, wanted: EventRelatedFilter) -> Condition:
    table, labels = spelling.related()
    id, role = spelling.label(labels, RESOURCE_ID), spelling.label(labels, RESOURCE_ROLE)
    parts: list[Condition] = []
    if wanted.id:
        parts.append(id.in_(wanted.id))
    if wanted.role:
        parts.append(role.in_(wanted.role))
    if wanted.resources_in_roles:
        parts.append(tuple_(id, role).in_(wanted.resources_in_roles))
    if wanted.labels:
        parts.extend(_labels(spelling, labels, wanted.labels, exact=RESOURCE_ROLE))
        if RESOURCE_ROLE in wanted.labels:
            parts.append(role.in_(as_list(wanted.labels[RESOURCE_ROLE])))
    return select(literal(1)).select_from(table).where(*parts).exists() if parts else true()


def _labels(
    spelling: _Spelling, labels: Json, specification: Mapping[str, str | list[str]], exact: str | None = None
) -> list[Condition]:
    parts: list[Condition] = []
    for label, patterns in read_labels(specification, exact).items():
        value = spelling.label(labels, label)
        parts.append(or_(*(_satisfies(spelling, value, pattern) for pattern in patterns)) if patterns else false())
    return parts


def _satisfies(spelling: _Spelling, value: ColumnElement[str], pattern: LabelPattern) -> Condition:
    found = value == pattern.pattern if pattern.is_literal else spelling.matches(value, pattern)
    # Where there is no such label this is NULL, which satisfies nothing, negated or not.
    return not_(found) if pattern.is_negated else found
