"""The tables of work pools, queues and workers, and the indexes by which workers find runs that wait."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")

INDEXES = {
    "ix_flow_runs__in_line": (
        ["work_queue_id", "next_scheduled_start_time"],
        "state_type = 'SCHEDULED' AND work_queue_id IS NOT NULL",
    ),
    "ix_flow_runs__awaiting_slot": (
        ["work_queue_id", "expected_start_time"],
        "state_name = 'AwaitingConcurrencySlot' AND work_queue_id IS NOT NULL",
    ),
    "ix_flow_runs__slots": (
        ["work_queue_id", "state_type"],
        "state_type IN ('PENDING', 'RUNNING', 'CANCELLING') AND work_queue_id IS NOT NULL",
    ),
}


def _is_postgres() -> bool:
    return context.get_context().dialect.name == "postgresql"


def upgrade() -> None:
    """Make everything. The indexes come first: they are made outside a transaction, and again after a failure."""
    if _is_postgres():
        with context.get_context().autocommit_block():
            _indexes(concurrently=True)
    else:
        _indexes(concurrently=False)
    _work_pools()
    _work_queues()
    _workers()
    _worker_cleanup_messages()


def downgrade() -> None:
    """Remove everything; runs keep the id of their queue."""
    for table in ("worker_cleanup_messages", "workers", "work_queues", "work_pools"):
        op.drop_table(table)
    for name in INDEXES:
        op.drop_index(name, "flow_runs")


def _indexes(*, concurrently: bool) -> None:
    for name, (columns, where) in INDEXES.items():
        if concurrently:
            op.drop_index(name, "flow_runs", postgresql_concurrently=True, if_exists=True)
        op.create_index(
            name,
            "flow_runs",
            columns,
            postgresql_where=sa.text(where),
            sqlite_where=sa.text(where),
            postgresql_concurrently=concurrently,
        )


def _status() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("status_event_id", sa.Uuid(), nullable=True),
        sa.Column("status_changed", TIME, nullable=True),
    )


def _identity() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
    )


def _pool(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["work_pool_id"], ["work_pools.id"], name=f"fk_{table}__work_pool_id", ondelete="CASCADE"
    )


def _work_pools() -> None:
    op.create_table(
        "work_pools",
        *_identity(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("base_job_template", JSON, nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("concurrency_limit", sa.Integer(), nullable=True),
        sa.Column("storage_configuration", JSON, nullable=False),
        sa.Column("default_queue_id", sa.Uuid(), nullable=False),
        *_status(),
        sa.Column("order_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_work_pools"),
        sa.UniqueConstraint("workspace_id", "name", name="uq_work_pools__workspace_id_name"),
    )


def _work_queues() -> None:
    op.create_table(
        "work_queues",
        *_identity(),
        sa.Column("work_pool_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("concurrency_limit", sa.Integer(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("filter", JSON, nullable=True),
        sa.Column("last_polled", TIME, nullable=True),
        *_status(),
        _pool("work_queues"),
        sa.PrimaryKeyConstraint("id", name="pk_work_queues"),
        sa.UniqueConstraint("work_pool_id", "name", name="uq_work_queues__work_pool_id_name"),
    )
    op.create_index("ix_work_queues__workspace_id_name", "work_queues", ["workspace_id", "name"])
    op.create_index("ix_work_queues__status_last_polled", "work_queues", ["status", "last_polled"])


def _workers() -> None:
    op.create_table(
        "workers",
        *_identity(),
        sa.Column("work_pool_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last_heartbeat_time", TIME, nullable=False),
        sa.Column("heartbeat_interval_seconds", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        _pool("workers"),
        sa.PrimaryKeyConstraint("id", name="pk_workers"),
        sa.UniqueConstraint("work_pool_id", "name", name="uq_workers__work_pool_id_name"),
    )
    op.create_index("ix_workers__status_last_heartbeat_time", "workers", ["status", "last_heartbeat_time"])


def _worker_cleanup_messages() -> None:
    op.create_table(
        "worker_cleanup_messages",
        *_identity(),
        sa.Column("work_pool_id", sa.Uuid(), nullable=False),
        sa.Column("work_queue_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("target", JSON, nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("delivery_count", sa.Integer(), nullable=False),
        sa.Column("reservation_token", sa.Text(), nullable=True),
        sa.Column("lease_expires_at", TIME, nullable=True),
        sa.Column("dead_letter_reason", sa.Text(), nullable=True),
        _pool("worker_cleanup_messages"),
        sa.PrimaryKeyConstraint("id", name="pk_worker_cleanup_messages"),
        sa.UniqueConstraint(
            "workspace_id", "idempotency_key", name="uq_worker_cleanup_messages__workspace_id_idempotency_key"
        ),
    )
    op.create_index(
        "ix_worker_cleanup_messages__work_pool_id_created", "worker_cleanup_messages", ["work_pool_id", "created"]
    )
