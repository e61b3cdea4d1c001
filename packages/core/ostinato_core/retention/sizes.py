"""How many bytes a row takes with its part of the indexes, about: of the statistics, or of some rows."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, text

from ostinato_core.db import tables
from ostinato_core.transaction import Database

SAMPLE: Final = 500
ENOUGH: Final = 1000
"""Rows from which on the size of a table tells the size of a row."""
INDEXES: Final = 1.8
"""What a row takes with its indexes, where only the row is known."""
STATES: Final = 3
"""States of a run, about."""

_PARTS: Final[Mapping[str, tuple[tuple[str, int], ...]]] = {
    "flow runs": (("flow_runs", 1), ("flow_run_states", STATES)),
    "task runs": (("task_runs", 1), ("task_run_states", STATES)),
    "logs": (("logs", 1),),
    "artifacts": (("artifacts", 1),),
    "action deliveries": (("action_deliveries", 1),),
    "bulk jobs": (("bulk_jobs", 1),),
    "events": (("events", 1),),
}


async def bytes_of_rows(database: Database) -> dict[str, float]:
    """Return the bytes that a row takes of each kind that retention deletes."""
    is_postgres = database.dialect.name == "postgresql"
    return await database.run_sync(
        lambda connection: {
            kind: sum(number * _bytes(connection, table, is_postgres) for table, number in parts)
            for kind, parts in _PARTS.items()
        }
    )


def _bytes(connection: Connection, table: str, is_postgres: bool) -> float:
    try:
        return _on_postgres(connection, table) if is_postgres else _on_sqlite(connection, table)
    finally:
        connection.rollback()


def _on_postgres(connection: Connection, table: str) -> float:
    query = """
        SELECT sum(pg_total_relation_size(part.oid)), sum(greatest(part.reltuples, 0))
        FROM pg_partition_tree(to_regclass(:table)) AS tree JOIN pg_class AS part ON part.oid = tree.relid
        WHERE tree.isleaf
    """
    size, rows = connection.execute(text(query), {"table": table}).one()
    if rows is not None and rows >= ENOUGH:
        return float(size) / float(rows)
    sample = f"SELECT avg(pg_column_size(sampled)) FROM (SELECT * FROM {table} LIMIT {SAMPLE}) AS sampled"  # noqa: S608 - ours
    return float(connection.exec_driver_sql(sample).scalar() or 0) * INDEXES


def _on_sqlite(connection: Connection, table: str) -> float:
    columns = tables.metadata.tables[table].c
    length = " + ".join(f"coalesce(length(CAST({column.name} AS BLOB)), 0) + 1" for column in columns)
    sample = f"SELECT avg({length}) FROM (SELECT * FROM {table} LIMIT {SAMPLE})"  # noqa: S608 - names of ours
    return float(connection.exec_driver_sql(sample).scalar() or 0) * INDEXES
