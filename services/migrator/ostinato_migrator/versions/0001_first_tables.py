"""The tables of flows, runs, logs and events, and the default workspace."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")

TABLES = (
    "workspaces",
    "csrf_tokens",
    "flows",
    "flow_runs",
    "flow_run_states",
    "flow_run_inputs",
    "task_runs",
    "task_run_states",
    "task_run_cache",
    "logs",
    "events",
)
PARTITIONED = ("events", "logs", "task_run_states")


def _is_postgres() -> bool:
    return context.get_context().dialect.name == "postgresql"


def upgrade() -> None:
    """Make everything."""
    if _is_postgres():
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    _workspaces()
    _csrf_tokens()
    _flows()
    _flow_runs()
    _flow_run_states()
    _flow_run_inputs()
    _task_runs()
    _task_run_states()
    _task_run_cache()
    _logs()
    _events()
    _default_workspace()
    if _is_postgres():
        for table in PARTITIONED:
            op.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")
        op.create_index("ix_flow_runs__tags", "flow_runs", ["tags"], postgresql_using="gin")
        for table in ("flows", "flow_runs"):
            op.create_index(
                f"ix_{table}__name_trigrams",
                table,
                ["name"],
                postgresql_using="gin",
                postgresql_ops={"name": "gin_trgm_ops"},
            )


def downgrade() -> None:
    """Remove everything but the extension pg_trgm, which others may use."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _default_workspace() -> None:
    if _is_postgres():
        id_, now = "00000000-0000-7000-8000-000000000001", "now()"
    else:
        id_, now = "00000000000070008000000000000001", "CAST(strftime('%s', 'now') AS INTEGER) * 1000000"
    op.execute(f"INSERT INTO workspaces (id, created, updated, name) VALUES ('{id_}', {now}, {now}, 'default')")


def _workspaces() -> None:
    op.create_table(
        "workspaces",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workspaces"),
        sa.UniqueConstraint("name", name="uq_workspaces__name"),
    )


def _csrf_tokens() -> None:
    op.create_table(
        "csrf_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("expiration", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_csrf_tokens"),
        sa.UniqueConstraint("client", name="uq_csrf_tokens__client"),
    )
    op.create_index("ix_csrf_tokens__expiration", "csrf_tokens", ["expiration"])


def _flows() -> None:
    op.create_table(
        "flows",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("labels", JSON, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_flows"),
        sa.UniqueConstraint("workspace_id", "name", name="uq_flows__workspace_id_name"),
    )
    op.create_index("ix_flows__workspace_id_created", "flows", ["workspace_id", "created"])


def _flow_runs() -> None:
    op.create_table(
        "flow_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("flow_id", sa.Uuid(), nullable=False),
        sa.Column("state_id", sa.Uuid(), nullable=True),
        sa.Column("state_type", sa.Text(), nullable=True),
        sa.Column("state_name", sa.Text(), nullable=True),
        sa.Column("state_timestamp", TIME, nullable=True),
        sa.Column("state_message", sa.Text(), nullable=True),
        sa.Column("state_details", JSON, nullable=True),
        sa.Column("state_data", JSON, nullable=True),
        sa.Column("deployment_id", sa.Uuid(), nullable=True),
        sa.Column("deployment_version", sa.Text(), nullable=True),
        sa.Column("work_queue_id", sa.Uuid(), nullable=True),
        sa.Column("work_queue_name", sa.Text(), nullable=True),
        sa.Column("flow_version", sa.Text(), nullable=True),
        sa.Column("parameters", JSON, nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("context", JSON, nullable=False),
        sa.Column("empirical_policy", JSON, nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("labels", JSON, nullable=False),
        sa.Column("parent_task_run_id", sa.Uuid(), nullable=True),
        sa.Column("run_count", sa.Integer(), nullable=False),
        sa.Column("expected_start_time", TIME, nullable=True),
        sa.Column("next_scheduled_start_time", TIME, nullable=True),
        sa.Column("start_time", TIME, nullable=True),
        sa.Column("end_time", TIME, nullable=True),
        sa.Column("total_run_time", sa.Float(), nullable=False),
        sa.Column("auto_scheduled", sa.Boolean(), nullable=False),
        sa.Column("infrastructure_document_id", sa.Uuid(), nullable=True),
        sa.Column("infrastructure_pid", sa.Text(), nullable=True),
        sa.Column("created_by", JSON, nullable=True),
        sa.Column("job_variables", JSON, nullable=True),
        sa.ForeignKeyConstraint(["flow_id"], ["flows.id"], name="fk_flow_runs__flow_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_flow_runs"),
        sa.UniqueConstraint("flow_id", "idempotency_key", name="uq_flow_runs__flow_id_idempotency_key"),
    )
    op.create_index(
        "ix_flow_runs__deployment_id",
        "flow_runs",
        ["deployment_id"],
        postgresql_where=sa.text("deployment_id IS NOT NULL"),
        sqlite_where=sa.text("deployment_id IS NOT NULL"),
    )
    op.create_index(
        "ix_flow_runs__next_scheduled_start_time",
        "flow_runs",
        ["next_scheduled_start_time"],
        postgresql_where=sa.text("next_scheduled_start_time IS NOT NULL"),
        sqlite_where=sa.text("next_scheduled_start_time IS NOT NULL"),
    )
    op.create_index(
        "ix_flow_runs__parent_task_run_id",
        "flow_runs",
        ["parent_task_run_id"],
        postgresql_where=sa.text("parent_task_run_id IS NOT NULL"),
        sqlite_where=sa.text("parent_task_run_id IS NOT NULL"),
    )
    op.create_index(
        "ix_flow_runs__workspace_id_end_time",
        "flow_runs",
        ["workspace_id", "end_time"],
        postgresql_where=sa.text("end_time IS NOT NULL"),
        sqlite_where=sa.text("end_time IS NOT NULL"),
    )
    op.create_index(
        "ix_flow_runs__workspace_id_expected_start_time", "flow_runs", ["workspace_id", "expected_start_time"]
    )
    op.create_index("ix_flow_runs__workspace_id_name", "flow_runs", ["workspace_id", "name"])
    op.create_index(
        "ix_flow_runs__workspace_id_state_type_state_timestamp",
        "flow_runs",
        ["workspace_id", "state_type", "state_timestamp"],
    )
    op.create_index(
        "ix_flow_runs__started", "flow_runs", ["workspace_id", sa.text("coalesce(start_time, expected_start_time)")]
    )


def _flow_run_states() -> None:
    op.create_table(
        "flow_run_states",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=False),
        sa.Column("timestamp", TIME, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("state_details", JSON, nullable=False),
        sa.Column("data", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["flow_run_id"], ["flow_runs.id"], name="fk_flow_run_states__flow_run_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_flow_run_states"),
        sa.UniqueConstraint("flow_run_id", "timestamp", name="uq_flow_run_states__flow_run_id_timestamp"),
    )


def _flow_run_inputs() -> None:
    op.create_table(
        "flow_run_inputs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["flow_run_id"], ["flow_runs.id"], name="fk_flow_run_inputs__flow_run_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_flow_run_inputs"),
        sa.UniqueConstraint("flow_run_id", "key", name="uq_flow_run_inputs__flow_run_id_key"),
    )


def _task_runs() -> None:
    op.create_table(
        "task_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=True),
        sa.Column("task_key", sa.Text(), nullable=False),
        sa.Column("dynamic_key", sa.Text(), nullable=False),
        sa.Column("cache_key", sa.Text(), nullable=True),
        sa.Column("cache_expiration", TIME, nullable=True),
        sa.Column("task_version", sa.Text(), nullable=True),
        sa.Column("empirical_policy", JSON, nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("labels", JSON, nullable=True),
        sa.Column("task_inputs", JSON, nullable=False),
        sa.Column("state_id", sa.Uuid(), nullable=True),
        sa.Column("state_type", sa.Text(), nullable=True),
        sa.Column("state_name", sa.Text(), nullable=True),
        sa.Column("state_timestamp", TIME, nullable=True),
        sa.Column("state_message", sa.Text(), nullable=True),
        sa.Column("state_details", JSON, nullable=True),
        sa.Column("state_data", JSON, nullable=True),
        sa.Column("run_count", sa.Integer(), nullable=False),
        sa.Column("flow_run_run_count", sa.Integer(), nullable=False),
        sa.Column("expected_start_time", TIME, nullable=True),
        sa.Column("next_scheduled_start_time", TIME, nullable=True),
        sa.Column("start_time", TIME, nullable=True),
        sa.Column("end_time", TIME, nullable=True),
        sa.Column("total_run_time", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow_run_id"], ["flow_runs.id"], name="fk_task_runs__flow_run_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_task_runs"),
        sa.UniqueConstraint(
            "flow_run_id", "task_key", "dynamic_key", name="uq_task_runs__flow_run_id_task_key_dynamic_key"
        ),
    )
    op.create_index(
        "ix_task_runs__workspace_id_expected_start_time", "task_runs", ["workspace_id", "expected_start_time"]
    )
    op.create_index("ix_task_runs__workspace_id_start_time", "task_runs", ["workspace_id", "start_time"])
    op.create_index(
        "ix_task_runs__workspace_id_state_type_state_timestamp",
        "task_runs",
        ["workspace_id", "state_type", "state_timestamp"],
    )


def _task_run_states() -> None:
    op.create_table(
        "task_run_states",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("task_run_id", sa.Uuid(), nullable=False),
        sa.Column("timestamp", TIME, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("state_details", JSON, nullable=False),
        sa.Column("data", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["task_run_id"], ["task_runs.id"], name="fk_task_run_states__task_run_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", "timestamp", name="pk_task_run_states"),
        postgresql_partition_by="RANGE (timestamp)",
    )
    op.create_index("ix_task_run_states__task_run_id_timestamp", "task_run_states", ["task_run_id", "timestamp"])


def _task_run_cache() -> None:
    op.create_table(
        "task_run_cache",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("cache_key", sa.Text(), nullable=False),
        sa.Column("cache_expiration", TIME, nullable=True),
        sa.Column("state", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_task_run_cache"),
    )
    op.create_index("ix_task_run_cache__cache_key", "task_run_cache", ["cache_key"], postgresql_using="hash")


def _logs() -> None:
    op.create_table(
        "logs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("timestamp", TIME, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=True),
        sa.Column("task_run_id", sa.Uuid(), nullable=True),
        postgresql_partition_by="RANGE (timestamp)",
    )
    op.create_index("ix_logs__flow_run_id_timestamp", "logs", ["flow_run_id", "timestamp"])
    op.create_index(
        "ix_logs__task_run_id_timestamp",
        "logs",
        ["task_run_id", "timestamp"],
        postgresql_where=sa.text("task_run_id IS NOT NULL"),
        sqlite_where=sa.text("task_run_id IS NOT NULL"),
    )
    op.create_index("ix_logs__workspace_id_timestamp", "logs", ["workspace_id", "timestamp"])


def _events() -> None:
    # Postgres: a key of a partitioned table must hold the column that it is partitioned by, so `position` is none.
    postgres = _is_postgres()
    if postgres:
        op.execute(sa.schema.CreateSequence(sa.Sequence("events_position_seq", data_type=sa.BigInteger())))
        position = sa.Column(
            "position", sa.BigInteger(), server_default=sa.text("nextval('events_position_seq')"), nullable=False
        )
        transaction_id = "pg_current_xact_id()::text::bigint"
        keys = ()
    else:
        position = sa.Column("position", sa.Integer(), autoincrement=True, nullable=False)
        transaction_id = "0"
        keys = (sa.PrimaryKeyConstraint("position", name="pk_events"),)
    op.create_table(
        "events",
        position,
        sa.Column("transaction_id", sa.BigInteger(), server_default=sa.text(transaction_id), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("occurred", TIME, nullable=False),
        sa.Column("received", TIME, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("resource", JSON, nullable=False),
        sa.Column("related", JSON, nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("follows", sa.Uuid(), nullable=True),
        *keys,
        sa.UniqueConstraint("id", "occurred", name="uq_events__id_occurred"),
        postgresql_partition_by="RANGE (occurred)",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events__resource_id_occurred", "events", ["resource_id", "occurred"])
    op.create_index("ix_events__workspace_id_occurred", "events", ["workspace_id", "occurred"])
    if postgres:
        op.execute("ALTER SEQUENCE events_position_seq OWNED BY events.position")
        op.create_index("ix_events__transaction_id_position", "events", ["transaction_id", "position"])
