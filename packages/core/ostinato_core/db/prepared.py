"""Statements that are compiled once and run on the driver itself: what hot paths use.

SQLAlchemy builds and compiles them, and its column types convert values; only its execution machinery, which costs
more than the statement itself, is left out.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from typing import Any

import orjson
from sqlalchemy import (
    CTE,
    Executable,
    Insert,
    Select,
    Table,
    Update,
    Uuid,
    bindparam,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy import Dialect as SqlDialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

from ostinato_core.db.dialects import Dialect
from ostinato_core.db.types import (
    Json,
    Timestamp,
    dumps,
    from_microseconds,
    id_from_hex,
    id_to_hex,
    to_microseconds,
)

Parameters = Mapping[str, Any]  # Any: values of columns, which are of many types
Convert = Callable[[Any], Any]  # Any: from and to values of columns, which are of many types


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement for one dialect: its text, its parameters in order, and the columns that it yields.

    `converted` and `conversions` are what parameters and columns go through, by place and by name; `fixed` are the
    parameters whose values the statement itself holds. `together`: see `Prepared`.
    """

    sql: str
    parameters: tuple[str, ...]
    converted: tuple[tuple[int, Convert], ...]
    fixed: dict[str, Any]  # Any: of many types
    columns: tuple[str, ...]
    conversions: tuple[tuple[str, Convert], ...]
    writes: bool
    together: str | None

    def arguments(self, given: Parameters) -> list[Any]:  # Any: values of many types
        """Return the values for the driver, in order. Errors: KeyError for a parameter that is not given."""
        known = {**self.fixed, **given} if self.fixed else given
        values = [known[name] for name in self.parameters]
        for place, convert in self.converted:
            value = values[place]
            if value is not None:
                values[place] = convert(value)
        return values

    def rows(self, columns: Mapping[str, Sequence[Any]], same: Parameters) -> Iterator[tuple[Any, ...]]:
        """Return the values of many rows for the driver, from columns of one length and what is the same in all."""
        given = [[same[name]] if name in same else columns[name] for name in self.parameters]
        for place, convert in self.converted:
            given[place] = [None if value is None else convert(value) for value in given[place]]
        places = zip(self.parameters, given, strict=True)
        return zip(*(repeat(*values) if name in same else values for name, values in places), strict=False)

    def row(self, values: Iterable[Any]) -> dict[str, Any]:  # Any: columns are of many types
        """Return a row as a mapping."""
        found = dict(zip(self.columns, values, strict=True))
        for name, convert in self.conversions:
            value = found[name]
            if value is not None:
                found[name] = convert(value)
        return found


class Prepared:
    """A statement that `Transaction.rows` and `.run` execute on the driver.

    `build` makes it for a dialect; `keys` are the columns of an INSERT whose values come as parameters. `locks`: it is
    a SELECT whose locks are to last until the transaction ends. `together`: it can be run with others of
    the kind; the parameter of this name is the id of its row. Then a SELECT yields that row with its `id`, or none,
    and what writes yields the number of rows that it has touched.
    """

    def __init__(
        self,
        build: Callable[[Dialect], Executable],
        keys: Sequence[str] | None = None,
        *,
        locks: bool = False,
        together: str | None = None,
    ) -> None:
        self._build = build
        self._keys = keys
        self._locks = locks
        self._together = together
        self._compiled: dict[str, Compiled] = {}

    def for_dialect(self, dialect: Dialect, sql_dialect: SqlDialect) -> Compiled:
        """Return the statement for a dialect, compiled the first time."""
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _compile(
                self._build(dialect), sql_dialect, self._keys, locks=self._locks, together=self._together
            )
        return found


def prepare(statement: Executable) -> Prepared:
    """Return a statement that is the same for both dialects."""
    return Prepared(lambda dialect: statement)


def prepare_lookup(statement: Select[Any]) -> Prepared:  # Any: rows of many types
    """Return a SELECT of the row whose id is the parameter `id`, with that column, for `Transaction.first`."""
    return Prepared(lambda dialect: statement, together="id")


def prepare_locking(statement: Select[Any]) -> Prepared:  # Any: rows of many types
    """Return a SELECT ... FOR UPDATE whose locks are held until the transaction ends."""
    return Prepared(lambda dialect: statement, locks=True)


@cache
def prepare_insert(table: Table) -> Prepared:
    """Return an INSERT of all columns that have no default."""
    return Prepared(lambda dialect: insert(table).inline(), _given(table))


def prepare_insert_or_ignore(table: Table, *unique: str) -> Prepared:
    """Return an INSERT that does nothing where the columns `unique`, or any key, are there already."""
    return Prepared(
        lambda dialect: dialect.insert(table).on_conflict_do_nothing(index_elements=list(unique) or None).inline(),
        _given(table),
    )


def _given(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.autoincrement is not True and not column.server_default]


@cache
def prepared_update(table: Table, names: tuple[str, ...], *, guard: str | None = None) -> Prepared:
    """Return an UPDATE of the columns `names` of the row `:key`.

    With `guard`, a column, only where it equals `:guard`, a value, not null.
    """
    statement: Update = update(table).where(table.c.id == bindparam("key"))
    if guard is not None:
        statement = statement.where(table.c[guard] == bindparam("guard"))
    return prepare(statement.values({name: bindparam(name) for name in names}))


@cache
def prepared_chain(tables: tuple[Table, ...], updated: tuple[str, ...] = (), *, guard: str | None = None) -> Prepared:
    """Return one statement, for Postgres, that writes a row of the first table and then inserts one in each other.

    The first is inserted, or where `updated` names columns, updated where its id is `key` and its column `guard`
    equals `guard`; the others are inserted only if that touched a row, and so is the number of rows that is told.
    Parameters are named `<table>__<column>`, and `key` and `guard`.
    """
    first = _first_of_chain(tables[0], updated, guard).returning(tables[0].c.id).cte("first_write")
    others = (_from_chain(table, first).cte(f"write_{number}") for number, table in enumerate(tables[1:]))
    chain = select(func.count()).select_from(first).add_cte(*others)
    return Prepared(lambda dialect: chain, locks=True, together="key" if updated else f"{tables[0].name}__id")


def chain_parameters(table: Table, row: Parameters) -> dict[str, Any]:  # Any: columns are of many types
    """Return a row's values under the names that `prepared_chain` knows them by."""
    return dict(zip(_chain_names(table, tuple(row)), row.values(), strict=True))


@cache
def _chain_names(table: Table, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{table.name}__{name}" for name in names)


def _first_of_chain(table: Table, updated: tuple[str, ...], guard: str | None) -> Insert | Update:
    values: dict[str, Any] = {name: bindparam(f"{table.name}__{name}") for name in updated or _given(table)}
    if not updated:
        return insert(table).values(values)
    statement = update(table).where(table.c.id == bindparam("key"))
    condition = table.c[guard] == bindparam("guard") if guard else literal(True)
    return statement.where(condition).values(values)


def _from_chain(table: Table, first: CTE) -> Insert:
    names = _given(table)
    values = [bindparam(f"{table.name}__{name}", type_=table.c[name].type) for name in names]
    return insert(table).from_select(names, select(*values).select_from(first), include_defaults=False)


def _compile(
    statement: Executable, sql_dialect: SqlDialect, keys: Sequence[str] | None, *, locks: bool, together: str | None
) -> Compiled:
    assert isinstance(statement, ClauseElement)
    compiled = statement.compile(dialect=sql_dialect, column_keys=list(keys) if keys is not None else None)
    assert isinstance(compiled, SQLCompiler)
    names = tuple(compiled.positiontup or ())
    binders = [_binder(compiled.binds[name].type, sql_dialect) for name in names]
    selected = list(getattr(statement, "selected_columns", ()) or getattr(statement, "exported_columns", ()))
    readers = [(str(column.key), _reader(column.type, sql_dialect)) for column in selected]
    return Compiled(
        compiled.string,
        names,
        tuple((place, convert) for place, convert in enumerate(binders) if convert is not None),
        {name: bound.effective_value for name in names if not (bound := compiled.binds[name]).required},
        tuple(name for name, _ in readers),
        tuple((name, convert) for name, convert in readers if convert is not None),
        locks or not isinstance(statement, Select),
        together,
    )


def _binder(type_: TypeEngine[Any], dialect: SqlDialect) -> Convert | None:  # Any: of many types
    if isinstance(type_, Timestamp):
        return to_microseconds if dialect.name == "sqlite" else None
    if isinstance(type_, Uuid) and dialect.name == "sqlite":
        return id_to_hex
    return dumps if isinstance(type_, Json) else type_.dialect_impl(dialect).bind_processor(dialect)


def _reader(type_: TypeEngine[Any], dialect: SqlDialect) -> Convert | None:  # Any: of many types
    if dialect.name == "postgresql":
        return None  # the driver and the connection's codecs have read every type that the tables use
    if isinstance(type_, Timestamp):
        return from_microseconds
    if isinstance(type_, Uuid):
        return id_from_hex
    return orjson.loads if isinstance(type_, Json) else type_.dialect_impl(dialect).result_processor(dialect, None)
