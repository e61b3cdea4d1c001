"""Heartbeats of flow runs, the watch over their ingestion, and what is done with runs that do not start or crash."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Make the tables, and add the columns, which are null and so cost no rewriting."""
    _flow_run_heartbeats()
    op.create_table(
        "ingest_watch",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("alive_since", TIME, nullable=False),
        sa.Column("last_alive", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ingest_watch"),
    )
    op.add_column("deployments", sa.Column("retry_on_crash", JSON, nullable=True))
    op.add_column("work_pools", sa.Column("retry_on_crash", JSON, nullable=True))
    op.add_column("work_pools", sa.Column("pending_deadline_seconds", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Remove them."""
    op.drop_column("work_pools", "pending_deadline_seconds")
    op.drop_column("work_pools", "retry_on_crash")
    op.drop_column("deployments", "retry_on_crash")
    op.drop_table("ingest_watch")
    op.drop_table("flow_run_heartbeats")


def _flow_run_heartbeats() -> None:
    op.create_table(
        "flow_run_heartbeats",
        sa.Column("flow_run_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("last_heartbeat", TIME, nullable=False),
        sa.Column("last_occurred", TIME, nullable=False),
        sa.Column("run_count", sa.Integer(), nullable=False),
        sa.Column("gap_seconds", sa.Float(), nullable=True),
        sa.Column("interval_seconds", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["flow_run_id"], ["flow_runs.id"], name="fk_flow_run_heartbeats__flow_run_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("flow_run_id", name="pk_flow_run_heartbeats"),
    )
    if context.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE flow_run_heartbeats SET (fillfactor = 50)")
