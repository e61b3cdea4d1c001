"""What Alembic runs to run migrations: on the connection that it is handed, or offline, writing SQL.

`alembic` itself, run by a developer, hands none; then the database of the settings is used.
"""

import warnings

from alembic import context
from sqlalchemy import Connection

from ostinato_core.db.tables import metadata
from ostinato_core.settings import server_settings
from ostinato_migrator.compare import options
from ostinato_migrator.connect import run_on


def run(connection: Connection) -> None:
    """Run what was asked for on a connection."""
    dialect = connection.dialect.name
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        render_as_batch=dialect == "sqlite",
        **options(dialect),
    )
    with warnings.catch_warnings():
        # SQLite cannot tell what is in such an index, so autogenerate leaves it as it is.
        warnings.filterwarnings("ignore", ".*expression-based index")
        with context.begin_transaction():
            context.run_migrations()


def write() -> None:
    """Write the SQL of what was asked for."""
    context.configure(
        dialect_name=context.config.attributes.get("dialect", "postgresql"),
        target_metadata=metadata,
        transaction_per_migration=True,
        literal_binds=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    write()
elif "connection" in context.config.attributes:
    run(context.config.attributes["connection"])
else:
    run_on(server_settings(), run)
