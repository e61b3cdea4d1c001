"""All SQL about variables. A variable is named by its id, a UUID, or by its name, a text."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update

from ostinato_core.db.prepared import prepare, prepare_insert_or_ignore
from ostinato_core.db.tables import variables
from ostinato_core.filters.variables import variables_where
from ostinato_core.states.rows import Row
from ostinato_core.transaction import Transaction
from ostinato_core.variables.errors import VariableNotFound
from ostinato_wire.base import Json
from ostinato_wire.variables import VariableFilter, VariableSort

Key = UUID | str

_VARIABLE = variables.c
_COLUMNS = tuple(column for column in _VARIABLE if column.name != "workspace_id")
_OWN = _VARIABLE.workspace_id == bindparam("workspace_id")
_BY_ID = prepare(select(*_COLUMNS).where(_VARIABLE.id == bindparam("key"), _OWN))
_BY_NAME = prepare(select(*_COLUMNS).where(_VARIABLE.name == bindparam("key"), _OWN))
_INSERT = prepare_insert_or_ignore(variables, "workspace_id", "name")

_ORDERS: dict[VariableSort, tuple[ColumnElement[Any], ...]] = {  # Any: columns are of many types
    VariableSort.NAME_ASC: (_VARIABLE.name.asc(),),
    VariableSort.NAME_DESC: (_VARIABLE.name.desc(),),
    VariableSort.CREATED_DESC: (_VARIABLE.created.desc(), _VARIABLE.id.desc()),
    VariableSort.UPDATED_DESC: (_VARIABLE.updated.desc(), _VARIABLE.id.desc()),
}


async def get(tx: Transaction, key: Key) -> Row:
    """Return a variable. Errors: VariableNotFound."""
    statement = _BY_ID if isinstance(key, UUID) else _BY_NAME
    row = await tx.first(statement, {"key": key, "workspace_id": tx.workspace_id})
    if row is None:
        raise VariableNotFound
    return row


async def values_of(tx: Transaction, names: Sequence[str]) -> dict[str, Json]:
    """Return the values of the variables that exist, by their names."""
    mine = (tx.dialect.is_one_of(_VARIABLE.name, names), _VARIABLE.workspace_id == tx.workspace_id)
    return {row["name"]: row["value"] for row in await tx.rows(select(_VARIABLE.name, _VARIABLE.value).where(*mine))}


async def insert(tx: Transaction, row: Row) -> bool:
    """Insert a variable; return False where its name exists."""
    return await tx.run(_INSERT, {**row, "workspace_id": tx.workspace_id}) == 1


async def write(tx: Transaction, key: Key, values: Mapping[str, Any]) -> Row:  # Any: columns of many types
    """Write columns of a variable and return it whole. Errors: VariableNotFound."""
    statement = update(variables).where(*_named(tx, key)).values(**values, updated=tx.now).returning(*_COLUMNS)
    return await _one(tx, statement)


async def remove(tx: Transaction, key: Key) -> Row:
    """Delete a variable and return what it was. Errors: VariableNotFound."""
    return await _one(tx, delete(variables).where(*_named(tx, key)).returning(*_COLUMNS))


async def select_where(
    tx: Transaction, wanted: VariableFilter | None, sort: VariableSort, limit: int, offset: int
) -> Sequence[Row]:
    """Return the variables that match, in order."""
    condition = variables_where(tx, wanted)
    return await tx.rows(select(*_COLUMNS).where(condition).order_by(*_ORDERS[sort]).limit(limit).offset(offset))


async def count_where(tx: Transaction, wanted: VariableFilter | None) -> int:
    """Return how many variables match."""
    return await tx.value(select(func.count()).select_from(variables).where(variables_where(tx, wanted)))


def _named(tx: Transaction, key: Key) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    name = _VARIABLE.id == key if isinstance(key, UUID) else _VARIABLE.name == key
    return name, _VARIABLE.workspace_id == tx.workspace_id


async def _one(tx: Transaction, statement: Any) -> Row:  # Any: an UPDATE or DELETE that returns rows
    row = await tx.first(statement)
    if row is None:
        raise VariableNotFound
    return row
