"""What is watched over time: the metrics of metric triggers, and service level agreements."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TIME = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    _metric_watches()
    _slas()
    op.create_table(
        "sla_watch",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("judged_until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_sla_watch"),
    )


def downgrade() -> None:
    """Remove them."""
    for table in ("sla_watch", "slas", "metric_watches"):
        op.drop_table(table)


def _metric_watches() -> None:
    op.create_table(
        "metric_watches",
        sa.Column("automation_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("trigger_id", sa.Uuid(), nullable=False),
        sa.Column("is_firing", sa.Boolean(), nullable=False),
        sa.Column("contrary_since", TIME, nullable=True),
        sa.Column("looked_at", TIME, nullable=True),
        sa.Column("next_look", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["automation_id"], ["automations.id"], name="fk_metric_watches__automation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("automation_id", name="pk_metric_watches"),
    )
    op.create_index("ix_metric_watches__next_look", "metric_watches", ["next_look"])


def _slas() -> None:
    op.create_table(
        "slas",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_resource", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=True),
        sa.Column("tag", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("judged_from", TIME, nullable=False),
        sa.Column("due", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployments.id"], name="fk_slas__deployment_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_slas"),
        sa.UniqueConstraint("workspace_id", "owner_resource", "name", name="uq_slas__workspace_id_owner_resource_name"),
    )
    of_deployment = sa.text("deployment_id IS NOT NULL")
    op.create_index(
        "ix_slas__deployment_id",
        "slas",
        ["deployment_id"],
        postgresql_where=of_deployment,
        sqlite_where=of_deployment,
    )
