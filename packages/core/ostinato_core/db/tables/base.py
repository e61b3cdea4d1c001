"""The metadata that all tables share, and the columns that many of them have."""

from typing import Any

from sqlalchemy import Column, Index, MetaData, Text, TextClause, text

from ostinato_core.db.types import Id, Json, Timestamp

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s__%(column_0_N_name)s",
        "uq": "uq_%(table_name)s__%(column_0_N_name)s",
        "ck": "ck_%(table_name)s__%(constraint_name)s",
        "fk": "fk_%(table_name)s__%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Columns = tuple[Column[Any], ...]  # Any: a Column is generic over its Python type, which differs within the tuple


def identity() -> Columns:
    """Return the columns of a stored object: id, workspace, and when it was made and changed."""
    return (
        Column("id", Id, primary_key=True),
        workspace(),
        Column("created", Timestamp, nullable=False),
        Column("updated", Timestamp, nullable=False),
    )


def workspace() -> Column[Any]:  # Any: as above
    """Return the column that every table has: multi-tenancy is a WHERE clause.

    No foreign key: each insert would lock the one row of the workspace that all of them share.
    """
    return Column("workspace_id", Id, nullable=False)


def current_state() -> Columns:
    """Return the columns by which a run row holds its current state, so that a list of runs needs no join."""
    return (
        Column("state_id", Id),
        Column("state_type", Text),
        Column("state_name", Text),
        Column("state_timestamp", Timestamp),
        Column("state_message", Text),
        Column("state_details", Json),
        Column("state_data", Json),
    )


def state_history() -> Columns:
    """Return what a row of a state history says, beside whose state it is."""
    return (
        Column("type", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("message", Text),
        Column("state_details", Json, nullable=False),
        Column("data", Json),
    )


def only_on_postgres(index: Index) -> Index:
    """Mark an index that SQLite does not get; `info["only"]` names the dialect for those who compare schemas."""
    return _only_on("postgresql", index)


def _only_on(dialect: str, index: Index) -> Index:
    index.info["only"] = dialect
    index.ddl_if(dialect=dialect)
    return index


def contains(name: str, column: Column[str]) -> Index:
    """Make the index by which Postgres finds `ILIKE '%text%'` in a column."""
    return only_on_postgres(
        Index(name, column, postgresql_using="gin", postgresql_ops={column.key: "gin_trgm_ops"}),
    )


def lists(name: str, owner: Column[Any], column: Column[Any]) -> Index:  # Any: columns of many types
    """Make the index by which SQLite finds the rows that have one of some JSON lists, of those with any members."""
    return _only_on("sqlite", Index(name, owner, column, sqlite_where=text(f"{column.key} <> '[]'")))


def members(name: str, column: Column[Any], *, where: TextClause | None = None) -> Index:  # Any: a column of JSON lists
    """Make the index by which Postgres finds the rows whose JSON list holds a value; `where`: only of these rows."""
    return only_on_postgres(Index(name, column, postgresql_using="gin", postgresql_where=where))
