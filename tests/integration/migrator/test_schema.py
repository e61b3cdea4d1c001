"""The chain makes the schema that the core's tables describe, and takes all of it away again."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from ostinato_core.db.engine import open_sqlite
from ostinato_core.db.open import open_database
from ostinato_core.db.tables import flows, metadata
from ostinato_core.errors import Invalid
from ostinato_core.ids import DEFAULT_WORKSPACE_ID
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Transaction
from ostinato_migrator.compare import options
from ostinato_migrator.connect import run_on
from ostinato_migrator.migrate import downgrade, upgrade, upgrade_connection
from tests.support.database import query, settings_of
from tests.support.postgres import Postgres

INTENDED = {"postgresql": {("modify_default", "events", "transaction_id")}, "sqlite": set[tuple[str, str, str]]()}
"""Differences by dialect. On Postgres an event's row knows its transaction, so that a cursor reads in order."""


def differences(connection: Connection) -> list[Any]:  # Any: Alembic's tuples are of many shapes
    dialect = connection.dialect.name
    context = MigrationContext.configure(connection, opts={"target_metadata": metadata, **options(dialect)})
    found: list[Any] = list(compare_metadata(context, metadata))
    # A change of a column comes as a list of one: (what, schema, table, column, ...).
    return [(change[0][0], *change[0][2:4]) if isinstance(change, list) else change for change in found]


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_an_upgraded_database_is_what_the_tables_say(settings: ServerSettings) -> None:
    upgrade(settings)
    found = run_on(settings, differences)
    dialect = "postgresql" if "postgresql" in settings.database_url() else "sqlite"
    assert set(found) == INTENDED[dialect]


def test_no_new_table_is_known_to_be_empty(on_postgres: ServerSettings) -> None:
    """Postgres would scan it, by plans that connections keep while it grows (foreign keys' checks have such plans)."""

    def analyzed(connection: Connection) -> set[str]:
        found = connection.exec_driver_sql(
            "SELECT relname FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples = 0"
        )
        return {str(name) for (name,) in found}

    upgrade(on_postgres)
    assert run_on(on_postgres, analyzed) == set()


def test_sqlite_s_tables_and_indexes_are_word_for_word_what_the_tables_say(on_sqlite: ServerSettings) -> None:
    def words(connection: Connection) -> set[str]:
        found = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE name NOT LIKE 'alembic_%' AND name NOT LIKE 'sqlite_%'"
        )
        # Constraints stand in another order where a migration writes them after the columns: that means nothing.
        return {" ".join(sorted(str(sql).replace(",", " ").split())) for (sql,) in found if sql}

    upgrade(on_sqlite)
    engine = open_sqlite(None)
    with engine.connect() as connection:
        metadata.create_all(connection)
        wanted = words(connection)
    engine.dispose()
    assert run_on(on_sqlite, words) == wanted


def test_postgres_indexes_are_word_for_word_what_the_tables_say(
    on_postgres: ServerSettings, postgres: Postgres, tmp_path: Path
) -> None:
    # Apart from events: Postgres has no table whose key lacks the column that it is partitioned by.
    ours = {name: table for name, table in metadata.tables.items() if name != "events"}
    names = ", ".join(f"'{name}'" for name in ours)
    indexes = f"SELECT indexdef FROM pg_indexes WHERE tablename IN ({names})"

    def create(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE EXTENSION pg_trgm")
        metadata.create_all(connection, tables=list(ours.values()))
        connection.commit()

    upgrade(on_postgres)
    other = settings_of(postgres.create_database(), tmp_path)
    run_on(other, create)
    assert set(query(on_postgres, indexes)) == set(query(other, indexes))


def test_the_default_workspace_is_there(settings: ServerSettings) -> None:
    upgrade(settings)
    ((found, name, created),) = query(settings, "SELECT id, name, created FROM workspaces")
    assert (str(found).replace("-", ""), name) == (DEFAULT_WORKSPACE_ID.hex, "default")
    assert created is not None


def test_a_downgrade_to_base_leaves_nothing_behind(settings: ServerSettings) -> None:
    upgrade(settings)
    assert downgrade(settings, "base")
    assert run_on(settings, lambda connection: inspect(connection).get_table_names()) == []
    assert run_on(settings, lambda connection: inspect(connection).get_view_names()) == []
    if "postgresql" in settings.database_url():
        ours = "relnamespace = 'public'::regnamespace"
        assert query(settings, f"SELECT relname FROM pg_class WHERE {ours}") == []
    else:
        leftovers = query(settings, "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
        assert leftovers == []
    assert upgrade(settings), "it can be made anew"


def test_positions_of_events_grow_and_are_not_given_twice(settings: ServerSettings) -> None:
    upgrade(settings)
    is_postgres = "postgresql" in settings.database_url()
    now = "now()" if is_postgres else "1790000000000000"

    def insert(number: int) -> None:
        id_ = f"{number:032x}"
        query(
            settings,
            "INSERT INTO events (id, workspace_id, occurred, received, event, resource_id, resource, related, payload) "
            f"VALUES ('{id_}', '{id_}', {now}, {now}, 'a', 'b', '{{}}', '[]', '{{}}')",
        )

    insert(1)
    insert(2)
    query(settings, f"DELETE FROM events WHERE id = '{2:032x}'")
    insert(3)
    rows = query(settings, "SELECT position, transaction_id FROM events ORDER BY position")
    assert [position for position, _ in rows] == [1, 3]
    assert (len({transaction for _, transaction in rows}) == 2) is is_postgres


async def test_a_key_that_no_index_holds_is_refused_with_a_remedy(postgres: Postgres, tmp_path: Path) -> None:
    settings = settings_of(postgres.create_database(), tmp_path)
    database = open_database(settings)
    name = "".join(str(uuid4()) for _ in range(400))  # random, because Postgres compresses what it can

    async def insert(tx: Transaction) -> None:
        ids = {"id": uuid4(), "workspace_id": uuid4()}
        await tx.run(flows.insert(), {**ids, "created": tx.now, "updated": tx.now, "name": name, "tags": ["a"]})

    try:
        await database.run_sync(upgrade_connection)
        with pytest.raises(Invalid, match="too long to be stored: shorten it"):
            await database.write(insert)
    finally:
        await database.close()
