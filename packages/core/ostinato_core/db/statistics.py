"""Statistics of tables that grow quickly, on Postgres, whose autovacuum looks at most once a minute for such tables.

Until a table is analyzed, Postgres takes a workspace's rows for one in two hundred. It then finds them by an index that
begins with the workspace rather than by the primary key or in the order that was asked for, and plans that it has made
while a table was empty stay: each read of one row reads all rows that there are.
"""

from typing import Final

from sqlalchemy import text

from ostinato_core.transaction import Database

FEW: Final = 500
"""Rows that a table has when it is first analyzed."""
GROWTH: Final = 3
"""How many times as many rows it has when it is analyzed anew."""
MANY: Final = 100_000
"""Rows from which on a table is left to autovacuum: it does not treble within a minute any more."""

_GROWN: Final = text("""
    SELECT quote_ident(relname) AS name, string_agg(DISTINCT quote_ident(attname), ', ') AS columns
    FROM pg_class JOIN pg_index ON indrelid = pg_class.oid
        JOIN pg_attribute ON attrelid = pg_class.oid AND attnum = ANY (indkey)
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND pg_has_role(relowner, 'USAGE')
        AND reltuples < :many AND pg_stat_get_live_tuples(pg_class.oid) >= greatest(:few, :growth * reltuples)
    GROUP BY relname ORDER BY relname
""").bindparams(few=FEW, growth=GROWTH, many=MANY)
"""Their names and indexed columns; the others are documents, of which statistics say nothing and take the most time."""


async def analyze_grown(database: Database) -> int:
    """Analyze the tables that have trebled since they were analyzed last; return how many. None but on Postgres.

    One query where there are none. A table that somebody else is analyzing or changing is left to them.
    """
    if database.dialect.name != "postgresql":
        return 0
    tables = await database.read(lambda tx: tx.rows(_GROWN))
    for table in tables:
        analyze = text(f"ANALYZE (SKIP_LOCKED) {table['name']} ({table['columns']})")
        await database.write(lambda tx, analyze=analyze: tx.run(analyze))
    return len(tables)
