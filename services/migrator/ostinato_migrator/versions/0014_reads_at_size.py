"""The indexes by which lists and counts find their rows among a million flow runs and ten million task runs."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BY_END = "ix_flow_runs__workspace_id_end_time"
HAS_END = sa.text("end_time IS NOT NULL")
OLD_STATES = "ix_task_runs__workspace_id_state_type_state_timestamp"
NEW = {
    "ix_task_runs__workspace_id_state_type_start_time": ["workspace_id", "state_type", "start_time"],
    "ix_task_runs__workspace_id_state_name_expected_start_time": ["workspace_id", "state_name", "expected_start_time"],
    "ix_task_runs__workspace_id_name": ["workspace_id", "name"],
    "ix_task_runs__workspace_id_end_time": ["workspace_id", "end_time"],
}
EVENTS = "ix_events__workspace_id_event_occurred"
EVENT_COLUMNS = ["workspace_id", "event", "occurred"]
TAG_LISTS = ("flow_runs", "task_runs")
"""Tables of which SQLite, which does not index the members of lists, indexes the lists."""
TAGS = "ix_task_runs__tags"
HAS_TAGS = sa.text("tags <> '[]'")
STATISTICS = {
    "flow_runs": {
        "sqlite_autoindex_flow_runs_1": "1000000 1",
        "sqlite_autoindex_flow_runs_2": "1000000 50000 2",
        "ix_flow_runs__next_scheduled_start_time": "1000 10",
        "ix_flow_runs__parent_task_run_id": "50000 1",
        "ix_flow_runs__workspace_id_expected_start_time": "1000000 1000000 1",
        "ix_flow_runs__workspace_id_name": "1000000 1000000 200",
        "ix_flow_runs__started": "1000000 1000000 1",
        "ix_flow_runs__in_line": "1000 300 10",
        "ix_flow_runs__awaiting_slot": "100 30 1",
        "ix_flow_runs__slots": "200 60 30",
        "ix_flow_runs__waiting_of_deployment": "1000 20 10",
        "ix_flow_runs__on_time": "1000 10",
        "ix_flow_runs__stalled": "20000 20000 1 1",
        "ix_flow_runs__ended": "1000000 1 1",
        "ix_flow_runs__state_type_started": "1000000 1000000 150000 1",
        "ix_flow_runs__state_name_started": "1000000 1000000 150000 1",
        "ix_flow_runs__deployment_started": "800000 800000 15000 1",
        "ix_flow_runs__workspace_id_end_time": "1000000 1000000 1",
        "ix_flow_runs__tag_lists": "800000 800000 8000",
    },
    "task_runs": {
        "sqlite_autoindex_task_runs_1": "10000000 1",
        "sqlite_autoindex_task_runs_2": "10000000 10 1 1",
        "ix_task_runs__workspace_id_expected_start_time": "10000000 10000000 1",
        "ix_task_runs__workspace_id_start_time": "10000000 10000000 1",
        "ix_task_runs__workspace_id_end_time": "10000000 10000000 1",
        "ix_task_runs__workspace_id_name": "10000000 10000000 200",
        "ix_task_runs__workspace_id_state_type_start_time": "10000000 10000000 2000000 1",
        "ix_task_runs__workspace_id_state_name_expected_start_time": "10000000 10000000 2000000 1",
        # Fewer than there may be: else NULL is looked up as one flow run of many, with some ten task runs.
        "ix_task_runs__ended_alone": "10 10 1",
        "ix_task_runs__tag_lists": "4000000 4000000 40000",
    },
    "events": {
        "sqlite_autoindex_events_1": "1000000 1 1",
        "ix_events__resource_id_occurred": "1000000 3 1",
        "ix_events__workspace_id_occurred": "1000000 1000000 1",
        "ix_events__workspace_id_event_occurred": "1000000 1000000 50000 1",
    },
    "logs": {
        "ix_logs__flow_run_id_timestamp": "10000000 100 1",
        "ix_logs__task_run_id_timestamp": "5000000 10 1",
        "ix_logs__workspace_id_timestamp": "10000000 10000000 1",
    },
}
"""What SQLite is told of the large tables: rows, and how many have the same first column, first two columns and so on.

Without it, it takes each index for equally good, a workspace's rows for as few as those of one flow run, and what
was measured when a database was small for true when it has grown.
"""
SPARE = "{}__new"
"""The name under which the successor of an index is made while that one still answers."""


def upgrade() -> None:
    """Make the new indexes, then drop those that they replace."""
    if not _is_postgres():
        for name, columns in NEW.items():
            op.create_index(name, "task_runs", columns)
        op.create_index(EVENTS, "events", EVENT_COLUMNS)
        for table in TAG_LISTS:
            op.create_index(f"ix_{table}__tag_lists", table, ["workspace_id", "tags"], sqlite_where=HAS_TAGS)
        op.drop_index(OLD_STATES, "task_runs")
        op.drop_index(BY_END, "flow_runs")
        op.create_index(BY_END, "flow_runs", ["workspace_id", "end_time"])
        _tell_sqlite()
        return
    with op.get_context().autocommit_block():
        for name, columns in NEW.items():
            _anew(name, columns)
        op.drop_index(TAGS, "task_runs", postgresql_concurrently=True, if_exists=True)
        op.create_index(
            TAGS, "task_runs", ["tags"], postgresql_using="gin", postgresql_where=HAS_TAGS, postgresql_concurrently=True
        )
        op.drop_index(OLD_STATES, "task_runs", postgresql_concurrently=True, if_exists=True)
        _replace_by_end(None)
        _index_events()


def downgrade() -> None:
    """Bring the old indexes back."""
    columns = ["workspace_id", "state_type", "state_timestamp"]
    op.drop_index(EVENTS, "events")
    if not _is_postgres():
        op.create_index(OLD_STATES, "task_runs", columns)
        for name in NEW:
            op.drop_index(name, "task_runs")
        for table in TAG_LISTS:
            op.drop_index(f"ix_{table}__tag_lists", table)
        op.drop_index(BY_END, "flow_runs")
        op.create_index(BY_END, "flow_runs", ["workspace_id", "end_time"], sqlite_where=HAS_END)
        op.execute("DELETE FROM sqlite_stat1")
        op.execute("ANALYZE sqlite_master")
        return
    with op.get_context().autocommit_block():
        _anew(OLD_STATES, columns)
        for name in (*NEW, TAGS):
            op.drop_index(name, "task_runs", postgresql_concurrently=True, if_exists=True)
        _replace_by_end(HAS_END)


def _is_postgres() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _index_events() -> None:
    """Make the index of each partition while others go on writing; the whole one is valid when all of them have it."""
    columns = ", ".join(EVENT_COLUMNS)
    if op.get_context().as_sql:
        # A script that is only printed cannot know which partitions there will be.
        op.execute(f"CREATE INDEX IF NOT EXISTS {EVENTS} ON events ({columns})")
        return
    op.execute(f"CREATE INDEX IF NOT EXISTS {EVENTS} ON ONLY events ({columns})")
    lacks = sa.text("""
        SELECT child.relname FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
        WHERE inhparent = 'events'::regclass AND NOT EXISTS (
            SELECT 1 FROM pg_inherits AS attached JOIN pg_index ON indexrelid = attached.inhrelid
            WHERE attached.inhparent = to_regclass(:index) AND indrelid = child.oid)
    """).bindparams(index=EVENTS)
    for partition in op.get_bind().execute(lacks).scalars().all():
        name = f"ix_{partition}__workspace_id_event_occurred"
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {partition} ({columns})")
        op.execute(f"ALTER INDEX {EVENTS} ATTACH PARTITION {name}")


def _tell_sqlite() -> None:
    op.execute("ANALYZE sqlite_master")  # which makes the table, and below it reads it
    op.execute("DELETE FROM sqlite_stat1")
    for table, indexes in STATISTICS.items():
        for index, statistics in indexes.items():
            op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{table}', '{index}', '{statistics}')")
    op.execute("ANALYZE sqlite_master")


def _anew(name: str, columns: list[str]) -> None:
    # One that was interrupted leaves an index that is not valid.
    op.drop_index(name, "task_runs", postgresql_concurrently=True, if_exists=True)
    op.create_index(name, "task_runs", columns, postgresql_concurrently=True)


def _replace_by_end(where: sa.TextClause | None) -> None:
    spare = SPARE.format(BY_END)
    columns = ["workspace_id", "end_time"]
    op.drop_index(spare, "flow_runs", postgresql_concurrently=True, if_exists=True)
    op.create_index(spare, "flow_runs", columns, postgresql_where=where, postgresql_concurrently=True)
    op.drop_index(BY_END, "flow_runs", postgresql_concurrently=True, if_exists=True)
    op.execute(f"ALTER INDEX {spare} RENAME TO {BY_END}")
